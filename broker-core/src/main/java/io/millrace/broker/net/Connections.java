// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.time.BrokerClock;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** All open connections: sets each up and bounds their number. Safe for any thread. */
final class Connections extends ChannelInitializer<Channel> {
    private final NetworkSettings settings;
    private final KafkaApis apis;
    private final BooleanSupplier storeWritable;
    private final RateLimitedLog log;
    private final ChannelGroup open = new DefaultChannelGroup("millrace", GlobalEventExecutor.INSTANCE, true);
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong nextId = new AtomicLong();

    Connections(NetworkSettings settings, KafkaApis apis, BrokerClock clock, BooleanSupplier storeWritable) {
        this.settings = settings;
        this.apis = apis;
        this.storeWritable = storeWritable;
        this.log = new RateLimitedLog(clock);
    }

    @Override
    protected void initChannel(Channel channel) {
        if (count.incrementAndGet() > settings.maxConnections()) {
            log.warn(
                    "connections",
                    "max.connections={} are open: closed a new one from {}",
                    settings.maxConnections(),
                    channel.remoteAddress());
            count.decrementAndGet();
            var unused = channel.close();
            return;
        }
        open.add(channel);
        var unused = channel.closeFuture().addListener(closed -> count.decrementAndGet());
        ConnectionHandler handler =
                new ConnectionHandler(nextId.incrementAndGet(), channel, settings, apis, log, storeWritable);
        channel.pipeline()
                .addLast(new FrameDecoder(settings.maxFrameBytes(), handler::isAdmitted))
                .addLast(new IdleStateHandler(0, 0, settings.maxIdle().toMillis(), TimeUnit.MILLISECONDS))
                .addLast(handler);
    }

    int count() {
        return count.get();
    }

    /** Asks each connection to end once what is in progress is answered. */
    ChannelGroupFuture drain(String reason) {
        ChannelGroupFuture allClosed = open.newCloseFuture();
        open.forEach(channel -> channel.pipeline().fireUserEventTriggered(new DrainRequested(reason)));
        return allClosed;
    }

    ChannelGroupFuture closeAll() {
        return open.close();
    }

    /** Tells a connection to take no more requests and to end. */
    record DrainRequested(String reason) {}
}
