// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.HostPort;
import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.Provider;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.kafka.ClusterCodec;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.Disconnect;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.OpenDestination.PartitionLeader;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Status;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The links of one JMS connection, one for each broker it needs, all on one loop, which owns their state: they are lost
 * together and made anew one by one. Safe for any thread.
 *
 * <pre>
 *   UP --a link is lost--> OUT --reconnect(), resumed()--> UP
 *   UP, OUT --close()--> ENDED
 * </pre>
 */
public final class NettyProvider implements Provider {
    private static final String NOT_CONNECTED = "There is no connection to a broker now";

    private final UUID incarnation = UUID.randomUUID();
    private final EventLoop loop;
    private final BrokerSource source;
    private final ConnectionOptions options;
    private final Listener listener;
    private final Map<Integer, LastingLink> links = new ConcurrentHashMap<>();
    private final AtomicBoolean released = new AtomicBoolean();
    private volatile LastingLink home;
    private Phase phase = Phase.UP;
    private int losses;
    private int lossesBeforeAttempt;

    private enum Phase {
        UP,
        OUT,
        ENDED
    }

    private NettyProvider(EventLoop loop, BrokerSource source, ConnectionOptions options, Listener listener)
            throws ProviderException, InterruptedException {
        this.loop = loop;
        this.source = source;
        this.options = options;
        this.listener = listener;
        try {
            this.home = connectToFirst(source.brokers()).get();
        } catch (ExecutionException e) {
            throw known(e, "Cannot connect");
        }
    }

    /** Connects to the first broker of the source that answers. Blocks, at most the connect time-out for each. */
    public static NettyProvider connect(BrokerSource source, ConnectionOptions options, Listener listener)
            throws ProviderException, InterruptedException {
        EventLoop loop = EventLoops.acquire().next();
        boolean connected = false;
        try {
            NettyProvider provider = new NettyProvider(loop, source, options, listener);
            connected = true;
            return provider;
        } finally {
            if (!connected) {
                EventLoops.release();
            }
        }
    }

    // ---- connecting

    private CompletableFuture<LastingLink> connectToFirst(List<HostPort> brokers) {
        CompletableFuture<LastingLink> connected = new CompletableFuture<>();
        tryNext(brokers.iterator(), new ArrayList<>(), null, connected);
        return connected;
    }

    private void tryNext(
            Iterator<HostPort> brokers,
            List<String> problems,
            @Nullable ProviderException last,
            CompletableFuture<LastingLink> connected) {
        if (!brokers.hasNext()) {
            String message = problems.isEmpty() ? "There is no broker to connect to" : String.join("; ", problems);
            connected.completeExceptionally(ProviderException.unreachable(message, last));
            return;
        }
        HostPort broker = brokers.next();
        var unused = open(broker).whenComplete((link, failure) -> {
            if (failure == null) {
                run(connected, () -> connected.complete(attach(link)));
                return;
            }
            ProviderException cause = known(failure, "Cannot connect to " + broker);
            if (cause.kind() == ProviderException.Kind.REFUSED) {
                connected.completeExceptionally(cause);
                return;
            }
            problems.add(String.valueOf(cause.getMessage()));
            tryNext(brokers, problems, cause, connected);
        });
    }

    private CompletableFuture<NettyLink> open(HostPort address) {
        NettyLink[] opened = new NettyLink[1];
        return NettyLink.open(loop, address, options, incarnation, cause -> onLost(opened[0], cause))
                .whenComplete((link, failure) -> opened[0] = link);
    }

    /** On the loop: puts a new connection in its broker's place. */
    private LastingLink attach(NettyLink opened) {
        LastingLink link = links.computeIfAbsent(opened.brokerId(), id -> lasting(opened.hostPort()));
        link.attach(opened);
        return link;
    }

    private LastingLink lasting(HostPort address) {
        return new LastingLink(loop, address, options, this::connectOnDemand);
    }

    private CompletableFuture<NettyLink> connectOnDemand(LastingLink link) {
        return phase == Phase.UP
                ? connect(link)
                : CompletableFuture.failedFuture(ProviderException.linkLost(NOT_CONNECTED, null));
    }

    private CompletableFuture<NettyLink> connect(LastingLink link) {
        return open(link.hostPort()).thenApply(opened -> {
            if (phase == Phase.ENDED) {
                var unused = opened.close();
                throw new CompletionException(ProviderException.linkLost("The connection was closed", null));
            }
            link.attach(opened);
            return opened;
        });
    }

    private static ProviderException known(Throwable failure, String what) {
        Throwable cause = failure;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof ProviderException own
                ? own
                : ProviderException.unreachable(what + ": " + cause.getMessage(), cause);
    }

    // ---- loss and resumption

    /** On the loop. A connection that was taken out before counts no more. */
    private void onLost(@Nullable NettyLink lost, ProviderException cause) {
        if (lost == null || links.values().stream().noneMatch(link -> link.isOver(lost))) {
            return;
        }
        losses++;
        if (phase == Phase.UP) {
            phase = Phase.OUT;
            detachAll(cause);
            listener.onLost(cause);
        } else {
            detachAll(cause); // the attempt under way fails by it
        }
    }

    private void detachAll(ProviderException cause) {
        for (LastingLink link : links.values()) {
            NettyLink last = link.detach(cause);
            if (last != null) {
                var unused = last.close();
            }
        }
    }

    @Override
    public CompletableFuture<Void> reconnect() {
        CompletableFuture<Void> reconnected = new CompletableFuture<>();
        run(reconnected, () -> {
            if (phase != Phase.OUT) {
                reconnected.completeExceptionally(ProviderException.linkLost("The connection was closed", null));
                return;
            }
            detachAll(ProviderException.linkLost(NOT_CONNECTED, null));
            var unused = brokers()
                    .thenCompose(brokers -> {
                        lossesBeforeAttempt = losses;
                        return connectToFirst(brokers);
                    })
                    .thenCompose(found -> {
                        home = found;
                        return connectThoseWithSends();
                    })
                    .whenComplete((done, failure) -> {
                        if (failure == null) {
                            reconnected.complete(null);
                        } else {
                            reconnected.completeExceptionally(known(failure, "Cannot connect"));
                        }
                    });
        });
        return reconnected;
    }

    /** Asking ZooKeeper blocks, so it has a thread of its own for as long as it takes. */
    private CompletableFuture<List<HostPort>> brokers() {
        CompletableFuture<List<HostPort>> found = new CompletableFuture<>();
        if (source.blocks()) {
            Thread asking = new Thread(() -> ask(found), "millrace-brokers");
            asking.setDaemon(true);
            asking.start();
        } else {
            ask(found);
        }
        return found;
    }

    private void ask(CompletableFuture<List<HostPort>> found) {
        try {
            List<HostPort> brokers = source.brokers();
            run(found, () -> found.complete(brokers));
        } catch (ProviderException | RuntimeException e) {
            run(found, () -> found.completeExceptionally(e));
        }
    }

    private CompletableFuture<Void> connectThoseWithSends() {
        return CompletableFuture.allOf(links.values().stream()
                .filter(link -> link.hasSends() && !link.isOpen())
                .map(this::connect)
                .toArray(CompletableFuture<?>[]::new));
    }

    @Override
    public CompletableFuture<Boolean> resumed() {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        run(answer, () -> {
            boolean lasts = phase == Phase.OUT && losses == lossesBeforeAttempt && home.isOpen();
            if (lasts) {
                phase = Phase.UP;
            }
            answer.complete(lasts);
        });
        return answer;
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
        if (!loop.isShuttingDown()) {
            var unused = loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
        }
    }

    // ---- the provider

    private void run(CompletableFuture<?> result, Runnable task) {
        try {
            if (loop.inEventLoop()) {
                task.run();
            } else {
                loop.execute(task);
            }
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(ProviderException.linkLost("The connection is closed", e));
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
        return onLoop(() -> {
            LastingLink link = links.computeIfAbsent(leader.brokerId(), id -> lasting(address));
            if (link.isOpen()) {
                return CompletableFuture.completedFuture(link);
            }
            link.at(address);
            return (phase == Phase.OUT ? connect(link) : link.connected()).thenApply(made -> link);
        });
    }

    @Override
    public CompletableFuture<List<BrokerLink>> linksToAll() {
        return onLoop(() -> home.connected().thenCompose(NettyLink::brokers).thenCompose(this::linksTo));
    }

    private CompletableFuture<List<BrokerLink>> linksTo(List<ClusterCodec.Broker> brokers) {
        List<CompletableFuture<BrokerLink>> links = new ArrayList<>();
        for (ClusterCodec.Broker broker : brokers) {
            links.add(
                    broker.id() == home.brokerId()
                            ? CompletableFuture.completedFuture(home)
                            : linkTo(new PartitionLeader(-1, broker.id(), broker.host(), broker.port())));
        }
        return CompletableFuture.allOf(links.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> links.stream().map(CompletableFuture::join).toList());
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<? extends T>> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        run(result, () -> {
            var unused = task.get().whenComplete((value, failure) -> {
                if (failure == null) {
                    result.complete(value);
                } else {
                    result.completeExceptionally(known(failure, "Cannot connect"));
                }
            });
        });
        return result;
    }

    @Override
    public CompletableFuture<BrokerLink> replace(BrokerLink lost) {
        if (released.get() || !(lost instanceof LastingLink link)) {
            return CompletableFuture.failedFuture(
                    ProviderException.unreachable("The connection to " + lost.address() + " was closed", null));
        }
        return onLoop(() -> NettyLink.open(loop, link.hostPort(), options, incarnation, cause -> {})
                .thenApply(opened -> {
                    LastingLink replacement = lasting(link.hostPort());
                    replacement.attach(opened);
                    return replacement;
                }));
    }

    @Override
    public void fail(ProviderException cause) {
        run(new CompletableFuture<>(), () -> {
            phase = Phase.ENDED;
            detachAll(cause);
            links.values().forEach(link -> link.fail(cause));
        });
    }

    @Override
    public CompletableFuture<Void> disconnect() {
        return CompletableFuture.allOf(links.values().stream()
                .map(link -> link.request(new Disconnect(), PlainResponse.class))
                .toArray(CompletableFuture<?>[]::new));
    }

    @Override
    public void close() {
        if (!released.compareAndSet(false, true)) {
            return;
        }
        CompletableFuture<Void> closed = onLoop(() -> {
            phase = Phase.ENDED;
            return CompletableFuture.allOf(
                    links.values().stream().map(LastingLink::close).toArray(CompletableFuture<?>[]::new));
        });
        var unused = closed.whenComplete((done, failed) -> EventLoops.release());
    }
}
