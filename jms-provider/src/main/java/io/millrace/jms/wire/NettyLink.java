// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.HostPort;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.kafka.ClusterCodec;
import io.millrace.protocol.kafka.FrameCumulator;
import io.millrace.protocol.kafka.RequestEncoder;
import io.millrace.protocol.kafka.RequestHeader;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.Heartbeat;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.PlainResponse;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One TCP connection to one broker, greeted with {@link Connect} once the client has said who it is ({@link Login}).
 * Its state is owned by the channel's event loop; calls from other threads enqueue there.
 */
final class NettyLink {
    static final String SOFTWARE = "millrace-jms";

    private static final int MAX_ANSWER_BYTES = 256 << 20;

    private final Channel channel;
    private final LinkHandler handler;
    private final HostPort address;
    private final ConnectionOptions options;
    private final Connect.Response welcome;

    private NettyLink(
            Channel channel,
            LinkHandler handler,
            HostPort address,
            ConnectionOptions options,
            Connect.Response welcome) {
        this.channel = channel;
        this.handler = handler;
        this.address = address;
        this.options = options;
        this.welcome = welcome;
    }

    /**
     * Connects and greets.
     *
     * @param loop where everything of the link runs
     * @param incarnation names the JMS connection
     * @param onLost told once, on the link's thread, when an open link ends other than by {@link #close}
     */
    static CompletableFuture<NettyLink> open(
            EventLoop loop,
            HostPort address,
            ConnectionOptions options,
            UUID incarnation,
            Consumer<ProviderException> onLost) {
        CompletableFuture<NettyLink> opened = new CompletableFuture<>();
        LinkHandler handler = new LinkHandler(address.toString(), cause -> {
            if (!opened.completeExceptionally(cause) && !opened.isCompletedExceptionally()) {
                onLost.accept(cause);
            }
        });
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, options.connectTimeoutMs())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        var frames = new LengthFieldBasedFrameDecoder(MAX_ANSWER_BYTES, 0, 4, 0, 4);
                        frames.setCumulator(new FrameCumulator());
                        channel.pipeline().addLast("frames", frames).addLast("link", handler);
                    }
                });
        var connecting = bootstrap.connect(address.host(), address.port());
        connecting.addListener(done -> {
            if (done.isSuccess()) {
                greet(connecting.channel(), handler, address, options, incarnation, opened);
            } else {
                Throwable cause = done.cause();
                opened.completeExceptionally(ProviderException.unreachable(
                        "Cannot connect to " + address + ": " + cause.getMessage(), cause));
            }
        });
        return opened;
    }

    private static void greet(
            Channel channel,
            LinkHandler handler,
            HostPort address,
            ConnectionOptions options,
            UUID incarnation,
            CompletableFuture<NettyLink> opened) {
        Connect connect = new Connect(incarnation, options.clientId(), options.heartbeatTimeoutMs());
        var unused = login(channel, handler, options)
                .thenCompose(known -> {
                    CompletableFuture<Connect.Response> welcomed = new CompletableFuture<>();
                    send(channel, handler, connect, Connect.Response.class, welcomed, options.connectTimeoutMs());
                    return welcomed;
                })
                .whenComplete((welcome, failure) -> {
                    if (failure == null) {
                        NettyLink link = new NettyLink(channel, handler, address, options, welcome);
                        link.onWelcome();
                        opened.complete(link);
                        return;
                    }
                    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
                    opened.completeExceptionally(cause);
                    handler.end(ProviderException.linkLost(
                            "The broker at " + address + " did not welcome the client", cause));
                });
    }

    private static CompletableFuture<Void> login(Channel channel, LinkHandler handler, ConnectionOptions options) {
        String user = options.userName();
        String password = options.password();
        return user == null || password == null || user.isEmpty() || password.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : new Login(handler, channel, SOFTWARE, user, password, options.connectTimeoutMs()).prove();
    }

    private void onWelcome() {
        int silenceMs = welcome.heartbeatTimeoutMs();
        handler.limitFrames(welcome.maxFrameBytes());
        long everyMs = Math.max(1, silenceMs / 3);
        channel.pipeline().addFirst("idle", new IdleStateHandler(silenceMs, 0, 0, TimeUnit.MILLISECONDS));
        // By the clock, however much is written: who only sends uses Kafka's requests, by which the broker knows no
        // link.
        var beating = channel.eventLoop()
                .scheduleAtFixedRate(
                        () -> send(
                                channel,
                                handler,
                                new Heartbeat(),
                                PlainResponse.class,
                                new CompletableFuture<>(),
                                silenceMs),
                        everyMs,
                        everyMs,
                        TimeUnit.MILLISECONDS);
        channel.closeFuture().addListener(closed -> beating.cancel(false));
    }

    private static <R extends MillraceResponse> void send(
            Channel channel,
            LinkHandler handler,
            MillraceRequest request,
            Class<R> answerType,
            CompletableFuture<R> result,
            long timeoutMs) {
        boolean encoded = handler.send(
                id -> RequestEncoder.encode(
                        channel.alloc(), new RequestHeader(request.api().key(), (short) 0, id, SOFTWARE), request),
                new MillraceCall<>(request.api(), answerType, result),
                timeoutMs);
        if (!encoded) {
            request.release();
        }
    }

    int brokerId() {
        return welcome.brokerId();
    }

    HostPort hostPort() {
        return address;
    }

    Set<Feature> features() {
        return welcome.features();
    }

    int heartbeatTimeoutMs() {
        return welcome.heartbeatTimeoutMs();
    }

    <R extends MillraceResponse> CompletableFuture<R> request(
            MillraceRequest request, Class<R> answerType, long extraWaitMs) {
        CompletableFuture<R> result = new CompletableFuture<>();
        long timeoutMs = options.requestTimeoutMs() + extraWaitMs;
        if (!onLoop(result, () -> send(channel, handler, request, answerType, result, timeoutMs))) {
            request.release();
        }
        return result;
    }

    /** The brokers that are registered now. */
    CompletableFuture<List<ClusterCodec.Broker>> brokers() {
        CompletableFuture<List<ClusterCodec.Broker>> result = new CompletableFuture<>();
        onLoop(
                result,
                () -> handler.send(
                        id -> ClusterCodec.describe(channel.alloc(), id, SOFTWARE),
                        new KafkaCall<>("DescribeCluster", ClusterCodec::decode, result),
                        options.requestTimeoutMs()));
        return result;
    }

    LinkHandler handler() {
        return handler;
    }

    boolean isOpen() {
        return channel.isActive();
    }

    private boolean onLoop(CompletableFuture<?> result, Runnable task) {
        try {
            channel.eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(ProviderException.linkLost("The connection is closed", e));
            return false;
        }
    }

    CompletableFuture<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        onLoop(closed, () -> {
            handler.end(ProviderException.linkLost("The connection to " + address + " was closed", null));
            channel.closeFuture().addListener(done -> closed.complete(null));
        });
        return closed;
    }
}
