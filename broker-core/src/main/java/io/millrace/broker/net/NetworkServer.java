// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.time.BrokerClock;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetSocketAddress;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for clients. Each connection lives on one of a fixed number of network loops. Safe for any thread. */
public final class NetworkServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NetworkServer.class);
    private static final int WRITE_LOW_BYTES = 1 << 20;
    private static final int WRITE_HIGH_BYTES = 4 << 20;
    private static final long GRACE_MS = 500;

    private final Connections connections;
    private final Channel acceptor;

    private NetworkServer(Connections connections, Channel acceptor) {
        this.connections = connections;
        this.acceptor = acceptor;
    }

    /**
     * Loads what the first {@link #bind} of a JVM would, which takes a good part of a broker's start: Kafka's message
     * schemas and the socket library. To be called beside other work.
     */
    public static void preload() {
        LOG.debug(
                "Sockets by {}, {}",
                Transport.best(),
                KafkaApis.builder().build().supported());
    }

    /** As many loops as the broker is configured to have. Whoever asks for them ends them. */
    public static EventLoopGroup newLoops(BrokerConfig config) {
        int threads = config.get(BrokerConfigKeys.OWNER_THREADS);
        return newLoops(threads == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2) : threads);
    }

    /** {@code threads} loops for sockets of the best kind this platform has. Whoever asks for them ends them. */
    public static EventLoopGroup newLoops(int threads) {
        return Transport.best().newLoops(threads);
    }

    /** {@link #bind}, then {@link #accept}. */
    public static NetworkServer start(
            EventLoopGroup loops,
            NetworkSettings settings,
            KafkaApis apis,
            BrokerClock clock,
            BooleanSupplier storeWritable) {
        NetworkServer server = bind(loops, settings, apis, clock, storeWritable);
        server.accept();
        return server;
    }

    /**
     * Takes the port, blocks until it is taken. Clients that come before {@link #accept} wait in the backlog.
     *
     * @param loops from {@link #newLoops}; they outlive the server
     * @param storeWritable whether requests may be read at all: false while the store is behind
     * @throws PortInUseException when the port is taken
     */
    public static NetworkServer bind(
            EventLoopGroup loops,
            NetworkSettings settings,
            KafkaApis apis,
            BrokerClock clock,
            BooleanSupplier storeWritable) {
        Connections connections = new Connections(settings, apis, clock, storeWritable);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(Transport.best().serverChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(WRITE_LOW_BYTES, WRITE_HIGH_BYTES))
                .childHandler(connections)
                .bind(settings.host(), settings.port())
                .awaitUninterruptibly();
        Throwable failure = bound.cause();
        if (failure != null) {
            throw new PortInUseException(settings.host(), settings.port(), failure);
        }
        NetworkServer server = new NetworkServer(connections, bound.channel());
        LOG.debug("Listening on {}:{}", settings.host(), server.port());
        return server;
    }

    /** Begins to take connections. */
    public void accept() {
        acceptor.config().setAutoRead(true);
    }

    /** The port that is listened on. */
    public int port() {
        return ((InetSocketAddress) acceptor.localAddress()).getPort();
    }

    /** Connections open now. */
    public int connectionCount() {
        return connections.count();
    }

    /** Takes no more requests, gives those in progress half a second, closes everything. Idempotent; blocks. */
    @Override
    public void close() {
        acceptor.close().awaitUninterruptibly();
        connections.drain("the broker stops").awaitUninterruptibly(GRACE_MS);
        connections.closeAll().awaitUninterruptibly(GRACE_MS);
    }
}
