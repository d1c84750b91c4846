// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.HostPort;
import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.Provider;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.OpenDestination.PartitionLeader;
import io.millrace.protocol.message.Status;
import io.netty.channel.EventLoopGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The links of one JMS connection, one for each broker it needs. Safe for any thread. */
public final class NettyProvider implements Provider {
    private final UUID incarnation = UUID.randomUUID();
    private final EventLoopGroup group;
    private final ConnectionOptions options;
    private final Listener listener;
    private final Map<Integer, CompletableFuture<NettyLink>> links = new ConcurrentHashMap<>();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean released = new AtomicBoolean();
    private final NettyLink home;

    private NettyProvider(EventLoopGroup group, BrokerSource source, ConnectionOptions options, Listener listener)
            throws ProviderException, InterruptedException {
        this.group = group;
        this.options = options;
        this.listener = listener;
        this.home = connectToFirst(source.brokers());
        links.put(home.brokerId(), CompletableFuture.completedFuture(home));
    }

    /** Connects to the first broker of the source that answers. Blocks, at most the connect time-out for each. */
    public static NettyProvider connect(BrokerSource source, ConnectionOptions options, Listener listener)
            throws ProviderException, InterruptedException {
        EventLoopGroup group = EventLoops.acquire();
        boolean connected = false;
        try {
            NettyProvider provider = new NettyProvider(group, source, options, listener);
            connected = true;
            return provider;
        } finally {
            if (!connected) {
                EventLoops.release();
            }
        }
    }

    private NettyLink connectToFirst(List<HostPort> brokers) throws ProviderException, InterruptedException {
        List<String> problems = new ArrayList<>();
        ProviderException last = null;
        for (HostPort broker : brokers) {
            try {
                return NettyLink.open(group, broker, options, incarnation, this::onLost)
                        .get();
            } catch (ExecutionException e) {
                last = e.getCause() instanceof ProviderException known
                        ? known
                        : ProviderException.unreachable("Cannot connect to " + broker, e.getCause());
                if (last.kind() == ProviderException.Kind.REFUSED) {
                    throw last;
                }
                problems.add(last.getMessage());
            }
        }
        throw ProviderException.unreachable(
                problems.isEmpty() ? "There is no broker to connect to" : String.join("; ", problems), last);
    }

    private void onLost(ProviderException cause) {
        if (ended.compareAndSet(false, true)) {
            listener.onLost(cause);
        }
    }

    @Override
    public UUID clientIncarnation() {
        return incarnation;
    }

    @Override
    public BrokerLink home() {
        return home;
    }

    @Override
    public CompletableFuture<List<PartitionLeader>> open(String destination, DestinationKind kind) {
        return home.request(new OpenDestination(destination, kind), OpenDestination.Response.class)
                .thenCompose(answer -> {
                    if (answer.partitions().isEmpty()) {
                        return CompletableFuture.failedFuture(ProviderException.refused(Status.of(
                                ErrorCode.INTERNAL, "the broker named no partition of \"" + destination + "\"")));
                    }
                    return CompletableFuture.completedFuture(answer.partitions());
                });
    }

    @Override
    public CompletableFuture<BrokerLink> linkTo(PartitionLeader leader) {
        if (leader.brokerId() < 0) {
            return CompletableFuture.failedFuture(ProviderException.refused(
                    Status.of(ErrorCode.NOT_LEADER, "partition " + leader.partition() + " has no leader now")));
        }
        HostPort address = new HostPort(leader.host(), leader.port());
        CompletableFuture<NettyLink> link = links.computeIfAbsent(
                leader.brokerId(), id -> NettyLink.open(group, address, options, incarnation, this::onLost));
        if (link.isCompletedExceptionally()) {
            links.remove(leader.brokerId(), link);
        }
        return link.thenApply(open -> open);
    }

    @Override
    public CompletableFuture<BrokerLink> replace(BrokerLink lost) {
        if (released.get() || !(lost instanceof NettyLink link)) {
            return CompletableFuture.failedFuture(
                    ProviderException.unreachable("The connection to " + lost.address() + " was closed", null));
        }
        return NettyLink.open(group, link.hostPort(), options, incarnation, cause -> {})
                .thenApply(open -> open);
    }

    @Override
    public void close() {
        ended.set(true);
        if (!released.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<?>[] closing = links.values().stream()
                .map(link -> link.thenCompose(NettyLink::close))
                .toArray(CompletableFuture<?>[]::new);
        var unused = CompletableFuture.allOf(closing).whenComplete((done, failed) -> EventLoops.release());
    }
}
