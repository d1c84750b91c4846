// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.storage.Urgency;
import io.millrace.protocol.message.AskDecision;
import io.millrace.protocol.message.AskDecision.Decision;
import io.millrace.protocol.message.BeginBundle;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBundle;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * This broker as coordinator of bundles that others take part in (docs/decisions/0020-coordinated-bundles.md). The decision
 * is a record beside the coordinator's own part of the bundle, in the same frame of the journal. Safe for any thread.
 */
final class Decisions {
    private final Cluster cluster;
    private final Partitions partitions;
    private final OpenBundles open = new OpenBundles();

    Decisions(Cluster cluster, Partitions partitions) {
        this.cluster = cluster;
        this.partitions = partitions;
    }

    OpenBundles open() {
        return open;
    }

    /** On the link's loop. Answers the id of the coordinating partition's topic. */
    UUID begin(BeginBundle request, long link) {
        PartitionId coordinator =
                coordinator(request.destination(), request.partition()).id();
        open.begin(request.bundleId(), link, coordinator);
        return coordinator.topicId();
    }

    /** A partition that can decide: one that outlives this process. */
    Partition coordinator(String destination, int partition) {
        if (ReservedNames.isTemporary(destination) || ReservedNames.isInternalTopic(destination)) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "A bundle is to be decided in " + destination + ", which is no queue or topic on a disk");
        }
        return partitions.ofDestination(destination, partition);
    }

    /** A decision that could not be applied by each of these is refused: it would be remembered for ever. */
    void checkParticipants(Commit decision) {
        if (decision.participants().size() > Commit.MAX_PARTICIPANTS) {
            throw new DeliveryException(
                    ErrorCode.TOO_LARGE,
                    "Bundle " + decision.bundleId() + " has "
                            + decision.participants().size() + " participants; the most are "
                            + Commit.MAX_PARTICIPANTS);
        }
        Set<Integer> brokers = cluster.view().brokers().keySet();
        for (Commit.Participant participant : decision.participants()) {
            if (!brokers.contains(participant.brokerId())) {
                throw new DeliveryException(
                        ErrorCode.TRANSACTION_ABORTED,
                        "Bundle " + decision.bundleId() + " was not committed: broker " + participant.brokerId()
                                + ", which has a part of it, has left the cluster");
            }
        }
    }

    /** What a participant has to do. Fails while that is not known. */
    CompletableFuture<Decision> ask(AskDecision request) {
        Partition coordinator = partitions.get(request.topicId(), request.partition());
        return Calls.on(coordinator::execute, () -> {
            requireServing(coordinator);
            PartitionDecisions decisions = DeliveryMachines.of(coordinator).decisions();
            Decision verdict = decisions.verdict(open, request.bundleId());
            List<Commit.Participant> decided = decisions.find(request.bundleId());
            return verdict == Decision.COMMITTED && decided != null
                    ? confirm(coordinator, request.bundleId(), decided).thenApply(done -> verdict)
                    : CompletableFuture.completedFuture(verdict);
        });
    }

    /** The recorded outcome of a bundle that is not open; fails with {@code TRANSACTION_ABORTED} when there is none. */
    CompletableFuture<List<Long>> recorded(Partition coordinator, UUID bundle) {
        return Calls.on(coordinator::execute, () -> {
            requireServing(coordinator);
            List<Commit.Participant> decided =
                    DeliveryMachines.of(coordinator).decisions().find(bundle);
            if (decided == null) {
                throw new DeliveryException(
                        ErrorCode.TRANSACTION_ABORTED,
                        "Bundle " + bundle + " was not committed: its link to the coordinating broker had been lost");
            }
            return confirm(coordinator, bundle, decided).thenApply(done -> List.<Long>of());
        });
    }

    private static void requireServing(Partition coordinator) {
        if (!coordinator.isServing()) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE,
                    "Partition " + coordinator.id() + ", which knows the outcome, is being recovered; ask again");
        }
    }

    /** Recorded once more, so that the answer waits until the first record is durable. */
    private static CompletableFuture<?> confirm(Partition coordinator, UUID bundle, List<Commit.Participant> decided) {
        return coordinator.append(Append.ofState(List.of(BranchRecords.decided(bundle, decided))));
    }

    /** See {@link EndBundle}. */
    CompletableFuture<Void> end(EndBundle request) {
        if (!request.applied()) {
            open.giveUp(request.bundleId());
            return CompletableFuture.completedFuture(null);
        }
        return forget(coordinator(request.destination(), request.partition()).id(), request.bundleId());
    }

    /** Every participant has applied it. */
    CompletableFuture<Void> forget(PartitionId id, UUID bundle) {
        Partition coordinator = partitions.find(id);
        if (coordinator == null) {
            return CompletableFuture.completedFuture(null);
        }
        return Calls.on(coordinator::execute, () -> {
            if (coordinator.isServing()
                    && DeliveryMachines.of(coordinator).decisions().find(bundle) != null) {
                return coordinator
                        .append(Append.ofState(List.of(BranchRecords.forgotten(bundle)), Urgency.UNAWAITED))
                        .thenApply(done -> null);
            }
            return CompletableFuture.completedFuture(null);
        });
    }
}
