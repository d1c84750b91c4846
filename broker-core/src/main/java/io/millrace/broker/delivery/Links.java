// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.OwnerLoops;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.message.AskDecision;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBundle;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The JMS links of this broker, by connection and by client incarnation. Safe for any thread. */
public final class Links {
    private static final int LEAST_HEARTBEAT_TIMEOUT_MS = 100;

    private final OwnerLoops loops;
    private final BrokerClock clock;
    private final Partitions partitions;
    private final DeliverySettings settings;
    private final Subscriptions subscriptions;
    private final Bundles bundles;
    private final Branches branches;
    private final Decisions decisions;
    private final OpenSpills spills;
    private final SpillLogs spillLogs;
    private final ClientIds clientIds;
    private final GroupAdmin admin;
    private final Map<Long, Link> byConnection = new ConcurrentHashMap<>();
    private final Map<UUID, Link> byIncarnation = new ConcurrentHashMap<>();

    public Links(
            Cluster cluster, Partitions partitions, OwnerLoops loops, BrokerClock clock, DeliveryMachines machines) {
        this.loops = loops;
        this.clock = clock;
        this.partitions = partitions;
        this.settings = machines.settings();
        this.subscriptions = new Subscriptions(
                partitions, new DurableSubscriptions(partitions, machines.subscriptions(), clock, loops.timers()));
        this.spillLogs = new SpillLogs(partitions.store(), clock);
        SpillApplier applier = new SpillApplier(spillLogs, machines.spills());
        machines.whenServing(partition -> {
            subscriptions.onServing(partition);
            applier.start(partition);
        });
        this.clientIds = new ClientIds(cluster);
        this.decisions = new Decisions(cluster, partitions);
        this.spills = new OpenSpills(
                partitions,
                machines.bundles(),
                spillLogs,
                settings.maxSpilledBytes(),
                () -> machines.branches().spilledBytes() + machines.spills().bytes());
        this.bundles = new Bundles(partitions, machines, decisions, spills, applier);
        this.branches = new Branches(cluster, partitions, clock, bundles, machines, spills, spillLogs, applier);
        DeadLetters letters = new DeadLetters(cluster, partitions);
        machines.deadLetters(letters);
        this.admin = new GroupAdmin(partitions, letters, subscriptions);
    }

    /** What operators do; needs no link. */
    public GroupAdmin admin() {
        return admin;
    }

    /** Ends a branch of a distributed transaction, see {@link EndBranch}; needs no link. */
    public CompletableFuture<EndBranch.Outcome> endBranch(EndBranch request) {
        return Calls.attempt(() -> branches.end(request));
    }

    /** The branches of distributed transactions, see {@link ListBranches}; needs no link. */
    public CompletableFuture<List<ListBranches.Branch>> branches(ListBranches request) {
        return branches.list(request);
    }

    /** What became of a bundle that this broker coordinates, see {@link AskDecision}; needs no link. */
    public CompletableFuture<AskDecision.Decision> ask(AskDecision request) {
        return Calls.attempt(() -> decisions.ask(request));
    }

    /** The client is done with a bundle, see {@link EndBundle}. */
    public CompletableFuture<Void> endBundle(EndBundle request) {
        return Calls.attempt(() -> decisions.end(request));
    }

    /**
     * From now on bundles over several brokers are brought to their end where the client does not.
     *
     * @param brokerId this broker's
     * @param intervalMs between two looks, milliseconds
     */
    public void resolve(int brokerId, Cluster cluster, DeliveryMachines machines, Peers peers, long intervalMs) {
        new BundleResolver(
                        brokerId,
                        cluster,
                        branches,
                        decisions,
                        machines,
                        peers,
                        loops.timers(),
                        clock,
                        intervalMs,
                        () -> removeLeftovers(machines))
                .start();
    }

    /** Deletes what transactions that were not decided have left on the disk, once that is certain. */
    void removeLeftovers(DeliveryMachines machines) {
        if (spillLogs.hasLeftovers() && partitions.unserved() == null) {
            spillLogs.removeLeftovers(
                    log -> machines.branches().needs(log) || machines.spills().needs(log));
        }
    }

    /** Why, for all that this broker knows, a topic cannot be deleted now; {@code null} when it can. Any thread. */
    public @Nullable String refusalToDelete(UUID topicId) {
        return decisions.open().names(topicId)
                ? "A transaction over several brokers is about to be decided in it; try again"
                : branches.refusalToDelete(topicId);
    }

    /**
     * Makes a connection a link; completes, with the granted heartbeat time-out, once an older link of the same client
     * incarnation has given everything back. Fails with {@code IN_USE} when another client has its client id.
     *
     * @param connection the connection's id, unique for the life of the broker
     * @param disconnect ends the connection, for the reason given
     */
    public CompletableFuture<Integer> connect(long connection, Connect request, Consumer<String> disconnect) {
        if (request.heartbeatTimeoutMs() < LEAST_HEARTBEAT_TIMEOUT_MS) {
            return refused("A heartbeat time-out of " + request.heartbeatTimeoutMs() + " ms is asked for; the least is "
                    + LEAST_HEARTBEAT_TIMEOUT_MS);
        }
        int granted = Math.min(request.heartbeatTimeoutMs(), settings.heartbeatTimeoutMs());
        OwnerLoop loop = loops.loopFor(connection);
        Link link = new Link(
                connection,
                request.clientIncarnation(),
                request.clientId(),
                loop,
                clock,
                subscriptions,
                bundles,
                branches,
                decisions,
                spills,
                new LinkTemporaries(partitions.temporaries(), loop),
                settings,
                granted,
                disconnect);
        if (byConnection.putIfAbsent(connection, link) != null) {
            return refused("This connection is a link already");
        }
        return clientIds
                .claim(link)
                .whenComplete((claimed, failure) -> {
                    if (failure != null) {
                        byConnection.remove(connection, link);
                    }
                })
                .thenCompose(claimed -> admit(link))
                .thenApply(done -> granted);
    }

    private CompletableFuture<Void> admit(Link link) {
        Link old = byIncarnation.put(link.incarnation(), link);
        if (byConnection.get(link.id()) != link) {
            // The connection ended while its client id was claimed.
            byIncarnation.remove(link.incarnation(), link);
            return CompletableFuture.failedFuture(
                    new DeliveryException(ErrorCode.UNAVAILABLE, "The connection was closed while it connected"));
        }
        link.admit();
        return old == null ? CompletableFuture.completedFuture(null) : onConnectionClosed(old.id());
    }

    private static <T> CompletableFuture<T> refused(String message) {
        return CompletableFuture.failedFuture(new DeliveryException(ErrorCode.BAD_REQUEST, message));
    }

    /** The connection has ended: its link, if it was one, gives everything back. Idempotent. */
    public CompletableFuture<Void> onConnectionClosed(long connection) {
        Link link = byConnection.remove(connection);
        if (link == null) {
            return CompletableFuture.completedFuture(null);
        }
        byIncarnation.remove(link.incarnation(), link);
        return Calls.on(link.loop(), link::close).thenCompose(released -> clientIds.release(link));
    }

    /** Ends the connection's link; completes when all is given back, its client id too. */
    public CompletableFuture<Void> disconnect(long connection) {
        return onConnectionClosed(connection);
    }

    /** Lets the connection's link work, on its loop. Requests of one connection run in the order they came. */
    public <T> CompletableFuture<T> submit(long connection, Function<Link, CompletableFuture<T>> work) {
        Link link = byConnection.get(connection);
        if (link == null || !link.isAdmitted()) {
            return refused("This connection is not a link; its first Millrace request must be Connect");
        }
        return Calls.on(link.loop(), () -> {
            link.touch();
            return work.apply(link);
        });
    }

    /** Makes the queue's group on each partition of this broker; completes when it is durable. */
    public CompletableFuture<Void> openQueue(TopicInfo topic) {
        List<CompletableFuture<Void>> opened = new ArrayList<>();
        for (int i = 0; i < topic.partitions().size(); i++) {
            Partition partition = partitions.find(new PartitionId(topic.id(), topic.name(), i));
            if (partition != null) {
                opened.add(Calls.on(partition::execute, () -> Subscriptions.ensureQueue(partition, topic.name())));
            }
        }
        return Calls.all(opened);
    }
}
