// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.HostPort;
import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way to one broker, over one TCP connection after another: while there is none, requests fail and sends wait. The
 * connection is put in and taken out on the loop that it and the producer belong to.
 */
final class LastingLink implements BrokerLink {
    private final EventLoop loop;
    private final IdempotentProducer producer;
    private final Function<LastingLink, CompletableFuture<NettyLink>> connector;
    private volatile HostPort address;
    private volatile @Nullable NettyLink current;
    /** What the broker said when it was last connected to; it outlives the connection. */
    private volatile Set<Feature> features = Set.of();

    private volatile int brokerId = -1;
    private volatile int heartbeatTimeoutMs;
    private @Nullable CompletableFuture<NettyLink> connecting;
    /** Why nothing will be connected any more. */
    private @Nullable ProviderException ended;

    /** @param connector connects when something is asked while there is no connection; on the loop */
    LastingLink(
            EventLoop loop,
            HostPort address,
            ConnectionOptions options,
            Function<LastingLink, CompletableFuture<NettyLink>> connector) {
        this.loop = loop;
        this.address = address;
        this.connector = connector;
        this.heartbeatTimeoutMs = options.heartbeatTimeoutMs();
        this.producer = new IdempotentProducer(
                ByteBufAllocator.DEFAULT, NettyLink.SOFTWARE, options.requestTimeoutMs(), this::schedule);
    }

    // ---- on the loop

    void attach(NettyLink link) {
        brokerId = link.brokerId();
        address = link.hostPort();
        features = link.features();
        heartbeatTimeoutMs = link.heartbeatTimeoutMs();
        current = link;
        producer.attach(link.handler());
    }

    /** Takes the connection out; the caller closes it. */
    @Nullable
    NettyLink detach(ProviderException cause) {
        NettyLink last = current;
        current = null;
        producer.detach(cause);
        return last;
    }

    boolean isOver(NettyLink link) {
        return current == link;
    }

    boolean isOpen() {
        NettyLink link = current;
        return link != null && link.isOpen();
    }

    boolean hasSends() {
        return producer.hasWork();
    }

    /** Nothing will be connected any more. */
    void fail(ProviderException cause) {
        ended = cause;
        producer.fail(cause);
    }

    /** The connection, made when there is none. */
    CompletableFuture<NettyLink> connected() {
        NettyLink link = current;
        if (link != null) {
            return CompletableFuture.completedFuture(link);
        }
        CompletableFuture<NettyLink> pending = connecting;
        if (pending == null) {
            pending = connector.apply(this);
            connecting = pending;
            var unused = pending.whenComplete((made, failure) -> connecting = null);
        }
        return pending;
    }

    // ---- from any thread

    HostPort hostPort() {
        return address;
    }

    void at(HostPort newAddress) {
        address = newAddress;
    }

    @Override
    public int brokerId() {
        return brokerId;
    }

    @Override
    public String address() {
        return address.toString();
    }

    @Override
    public Set<Feature> features() {
        return features;
    }

    @Override
    public int heartbeatTimeoutMs() {
        return heartbeatTimeoutMs;
    }

    @Override
    public <R extends MillraceResponse> CompletableFuture<R> request(
            MillraceRequest request, Class<R> answerType, long extraWaitMs) {
        NettyLink link = current;
        if (link != null) {
            return link.request(request, answerType, extraWaitMs);
        }
        CompletableFuture<R> result = new CompletableFuture<>();
        boolean queued = onLoop(result, () -> {
            var unused = connected().whenComplete((made, failure) -> {
                if (failure == null) {
                    forward(made.request(request, answerType, extraWaitMs), result);
                } else {
                    request.release();
                    result.completeExceptionally(failure);
                }
            });
        });
        if (!queued) {
            request.release();
        }
        return result;
    }

    private static <R extends MillraceResponse> void forward(CompletableFuture<R> from, CompletableFuture<R> to) {
        var unused = from.whenComplete((answer, refused) -> {
            if (refused != null) {
                to.completeExceptionally(refused);
            } else if (!to.complete(answer)) {
                answer.release();
            }
        });
    }

    @Override
    public CompletableFuture<Long> send(String topic, int partition, OutgoingRecord record) {
        CompletableFuture<Long> result = new CompletableFuture<>();
        onLoop(result, () -> {
            if (ended != null) {
                result.completeExceptionally(ended);
                return;
            }
            producer.add(topic, partition, record, result);
            if (current == null) {
                var unused = connected().whenComplete((made, failure) -> onConnected(failure));
            } else {
                loop.execute(producer::flush);
            }
        });
        return result;
    }

    /** What was sent while there was no connection fails when none can be made; the end of an outage is waited for. */
    private void onConnected(@Nullable Throwable failure) {
        if (failure == null) {
            return;
        }
        ProviderException cause = failure instanceof ProviderException known
                ? known
                : ProviderException.unreachable("Cannot connect to " + address, failure);
        if (cause.kind() != ProviderException.Kind.LINK_LOST) {
            producer.fail(cause);
        }
    }

    private boolean onLoop(CompletableFuture<?> result, Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(ProviderException.linkLost("The connection is closed", e));
            return false;
        }
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
        if (!loop.isShuttingDown()) {
            var unused = loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public CompletableFuture<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        onLoop(closed, () -> {
            ProviderException cause = ProviderException.linkLost("The connection to " + address + " was closed", null);
            NettyLink last = detach(cause);
            fail(cause);
            var unused = (last == null ? CompletableFuture.<Void>completedFuture(null) : last.close())
                    .whenComplete((done, failure) -> closed.complete(null));
        });
        return closed;
    }
}
