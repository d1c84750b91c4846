// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.Prepare;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The branches of distributed transactions on this broker (docs/decisions/0019-xa-and-bundles.md). A prepare writes, in
 * one atomic append, each partition's part of the bundle to that partition's state; its end writes, in another, sends and
 * finals, or gives the pinned records back. Nothing of a prepared branch lies in a partition's data. Safe for any thread.
 *
 * <pre>
 *   none --prepare--> prepared --commit, rollback--> none
 *                     prepared --operator's commit, rollback--> heuristically ended --forget--> none
 * </pre>
 */
final class Branches {
    private final Cluster cluster;
    private final Partitions partitions;
    private final BrokerClock clock;
    private final Bundles bundles;
    private final BundleIndex bundleIndex;
    private final BranchIndex index;
    private final DecisionIndex decisions;
    private final long maxBytes;
    private final OpenSpills spills;
    private final SpillLogs logs;
    private final SpillIndex applying;
    private final SpillApplier applier;
    private final Map<BranchId, CompletableFuture<Outcome>> ending = new ConcurrentHashMap<>();
    private final Set<BranchId> preparing = ConcurrentHashMap.newKeySet();

    Branches(
            Cluster cluster,
            Partitions partitions,
            BrokerClock clock,
            Bundles bundles,
            DeliveryMachines machines,
            OpenSpills spills,
            SpillLogs logs,
            SpillApplier applier) {
        this.spills = spills;
        this.logs = logs;
        this.applying = machines.spills();
        this.applier = applier;
        this.cluster = cluster;
        this.partitions = partitions;
        this.clock = clock;
        this.bundles = bundles;
        this.bundleIndex = machines.bundles();
        this.index = machines.branches();
        this.decisions = machines.decisions();
        this.maxBytes = machines.settings().maxPreparedBytes();
    }

    /**
     * Completes when the branch is prepared, durably; called on the link's loop. The request's buffers must stay valid
     * until then.
     *
     * @param sessions finds the session of a consumer of the link
     */
    CompletableFuture<Void> prepare(LongFunction<LinkSession> sessions, Prepare request) {
        return bundles.once(request.bundleId(), () -> prepareFirst(sessions, request), recorded -> Recorded.DONE)
                .thenApply(done -> null);
    }

    /** That it was done before. */
    private enum Recorded {
        DONE
    }

    private CompletableFuture<Recorded> prepareFirst(LongFunction<LinkSession> sessions, Prepare request) {
        BundlePlan plan =
                new BundlePlan(partitions, bundleIndex, sessions, request.bundleId(), request.sends(), request.acks());
        if (request.branch().isOfBundle()) {
            requireCoordinator(request.branch().bundle());
        }
        if (!request.pieces().isNone()) {
            return spills.within(request.bundleId(), request.pieces(), (spilled, appending) -> {
                plan.add(spilled);
                return prepare(plan, request, appending);
            });
        }
        if (plan.work().isEmpty()) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST, "Branch " + request.branch() + " does nothing; there is nothing to prepare");
        }
        long sends = request.sends().stream()
                .mapToLong(send -> send.batch().readableBytes())
                .sum();
        if (sends + PreparedBranch.FIXED_BYTES + index.bytes() <= maxBytes) {
            return prepare(plan, request, new AtomicBoolean());
        }
        return spills.spilling(plan.takeSends(), (spilled, appending) -> {
            plan.add(spilled);
            return prepare(plan, request, appending);
        });
    }

    private CompletableFuture<Recorded> prepare(BundlePlan plan, Prepare request, AtomicBoolean appending) {
        long wanted = plan.work().values().stream()
                        .flatMap(one -> one.batches().stream())
                        .mapToLong(ByteBuf::readableBytes)
                        .sum()
                + PreparedBranch.FIXED_BYTES;
        if (wanted + index.bytes() > maxBytes) {
            throw new DeliveryException(
                    ErrorCode.TOO_LARGE,
                    "Branch " + request.branch() + " would take " + wanted
                            + " bytes of memory; prepared branches of this"
                            + " broker take " + index.bytes() + " of at most " + maxBytes
                            + " (jms.xa.prepared.max.bytes): end those that are in doubt, or send less in one transaction");
        }
        if (!preparing.add(request.branch())) {
            throw duplicate(request.branch());
        }
        PrepareWork work = new PrepareWork(plan, request, clock.wallMs(), appending);
        CompletableFuture<Recorded> answer = new CompletableFuture<>();
        Completions.whenDone(
                partitions.atomically(new TreeSet<>(plan.work().keySet()), held -> {
                    Bundles.refuseRepeated(held.values(), request.bundleId());
                    if (!index.find(request.branch()).isEmpty()) {
                        throw duplicate(request.branch());
                    }
                    return work.compute();
                }),
                (appended, failure) -> {
                    preparing.remove(request.branch());
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    } else {
                        answer.complete(Recorded.DONE);
                    }
                });
        return answer;
    }

    /** A part that names nobody who can be asked what becomes of it would stay for ever. */
    private void requireCoordinator(BranchId.Bundle bundle) {
        TopicInfo topic = cluster.view().topic(bundle.topicId());
        if (topic == null
                || bundle.partition() < 0
                || bundle.partition() >= topic.partitions().size()) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE,
                    "Bundle " + bundle.bundleId() + " is to be decided by partition " + bundle.partition()
                            + " of the topic with id " + bundle.topicId()
                            + ", which this broker does not know; begin it anew");
        }
    }

    private static DeliveryException duplicate(BranchId branch) {
        return new DeliveryException(
                ErrorCode.DUPLICATE_BRANCH, "Branch " + branch + " is known to this broker already; end it first");
    }

    /** Commits, rolls back or forgets a branch; completes when that is durable. */
    CompletableFuture<Outcome> end(EndBranch request) {
        return bundles.once(request.requestId(), () -> endFirst(request), recorded -> Outcome.DONE);
    }

    /**
     * One after the other for each branch: that there is no such branch must not be said because of an end that a crash
     * may still undo. A transaction manager, or the coordinator of a bundle, forgets its decision on that answer.
     */
    private CompletableFuture<Outcome> endFirst(EndBranch request) {
        CompletableFuture<Outcome> mine = new CompletableFuture<>();
        CompletableFuture<Outcome> before = ending.putIfAbsent(request.branch(), mine);
        if (before != null) {
            return before.handle((outcome, failure) -> Recorded.DONE).thenCompose(ended -> end(request));
        }
        Completions.whenDone(Calls.attempt(() -> endAlone(request)), (outcome, failure) -> {
            ending.remove(request.branch(), mine);
            if (failure != null) {
                mine.completeExceptionally(failure);
            } else {
                mine.complete(outcome);
            }
        });
        return mine;
    }

    private CompletableFuture<Outcome> endAlone(EndBranch request) {
        Collection<PreparedBranch> parts = index.find(request.branch());
        if (parts.isEmpty()) {
            refuseWhileRecovering("whether branch " + request.branch() + " exists is not known");
            throw unknown(request.branch());
        }
        PreparedBranch any = parts.iterator().next();
        Outcome before = EndWork.heuristicOutcome(request, any);
        return before == null ? end(request, any) : CompletableFuture.completedFuture(before);
    }

    private CompletableFuture<Outcome> end(EndBranch request, PreparedBranch any) {
        Set<PartitionId> touched = new TreeSet<>();
        for (PartitionId id : any.partitions()) {
            Partition partition = partitions.find(id);
            if (partition != null && partition.isServing()) {
                touched.add(id);
            } else if (!ReservedNames.isTemporary(id.topic())) { // those end with their connection
                throw new DeliveryException(
                        ErrorCode.UNAVAILABLE,
                        "Branch " + request.branch() + " cannot be ended while partition " + id
                                + " is not served; try again");
            }
        }
        EndWork work = new EndWork(request, clock.wallMs());
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        Completions.whenDone(partitions.atomically(touched, work::compute), (appended, failure) -> {
            work.wake();
            if (failure != null) {
                answer.completeExceptionally(failure);
                return;
            }
            work.unwanted().forEach(spilled -> logs.delete(spilled.log()));
            Calls.forward(
                    applier.apply(request.requestId(), work.spilledTo()).thenApply(applied -> Outcome.DONE), answer);
        });
        return answer;
    }

    static DeliveryException unknown(BranchId branch) {
        return new DeliveryException(
                ErrorCode.UNKNOWN_BRANCH,
                "This broker has no branch " + branch + "; it was never prepared here, or has been ended");
    }

    /** All of them; fails while partitions do not serve, for these may have more. */
    CompletableFuture<List<ListBranches.Branch>> list(ListBranches request) {
        try {
            if (request.ofCluster()) {
                refuseWhileBrokersAreAway();
            }
            refuseWhileRecovering("the list of branches would not be complete");
        } catch (DeliveryException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        List<ListBranches.Branch> listed = new ArrayList<>();
        index.all().forEach((id, parts) -> {
            if (id.isOfBundle() && !request.withBundles()) {
                return;
            }
            List<ListBranches.Part> described = new ArrayList<>();
            parts.forEach((partition, part) -> described.add(new ListBranches.Part(
                    partition.topic(), partition.partition(), part.messages(), part.sendBytes(), part.pinned())));
            PreparedBranch any = parts.values().iterator().next();
            listed.add(new ListBranches.Branch(id, any.state(), any.preparedAtMs(), described));
        });
        listed.sort(Comparator.comparingLong(ListBranches.Branch::preparedAtMs));
        return CompletableFuture.completedFuture(listed);
    }

    private void refuseWhileBrokersAreAway() {
        ClusterView view = cluster.view();
        for (TopicInfo topic : view.topics().values()) {
            for (int i = 0; i < topic.partitions().size(); i++) {
                int owner = topic.partitions().get(i).owner();
                if (!view.brokers().containsKey(owner) && !ReservedNames.isInternalTopic(topic.name())) {
                    throw new DeliveryException(
                            ErrorCode.UNAVAILABLE,
                            "Broker " + owner + ", which owns partition " + topic.name() + "-" + i
                                    + ", is away, so the list of the cluster's branches would not be complete; try again"
                                    + " when it is back");
                }
            }
        }
    }

    private void refuseWhileRecovering(String consequence) {
        PartitionId unserved = partitions.unserved();
        if (unserved != null) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE,
                    "Partition " + unserved + " of this broker is being recovered, so " + consequence + "; try again");
        }
    }

    /** Why, for all that this broker knows, a topic cannot be deleted now; {@code null} when it can. */
    @Nullable
    String refusalToDelete(UUID topicId) {
        if (applying.names(topicId)) {
            return "A committed transaction is being written to it; try again";
        } else if (index.names(topicId)) {
            return "It has work of a prepared or heuristically ended transaction branch; see"
                    + " './millrace tx list --bundles', and end or forget the branch first";
        } else if (index.isCoordinator(topicId) || decisions.names(topicId)) {
            return "A transaction over several brokers is decided in it and not yet applied by each of them; try again"
                    + " when they are there";
        }
        return null;
    }
}
