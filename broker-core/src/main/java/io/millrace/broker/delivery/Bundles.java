// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.Appended;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Commits bundles: sends and acknowledgements in one atomic append over all their partitions, together with a record of
 * the outcome in the first of them. Safe for any thread.
 */
final class Bundles {
    private final Partitions partitions;
    private final BundleIndex index;
    private final Decisions decisions;
    private final OpenSpills spills;
    private final SpillIndex applying;
    private final SpillApplier applier;

    Bundles(
            Partitions partitions,
            DeliveryMachines machines,
            Decisions decisions,
            OpenSpills spills,
            SpillApplier applier) {
        this.decisions = decisions;
        this.partitions = partitions;
        this.index = machines.bundles();
        this.applying = machines.spills();
        this.spills = spills;
        this.applier = applier;
    }

    /**
     * Completes when all of it is durable, with the base offset of each send; called on the link's
     * loop. The request's buffers must stay valid until then.
     *
     * @param sessions finds the session of a consumer of the link
     */
    CompletableFuture<List<Long>> commit(LongFunction<LinkSession> sessions, Commit request) {
        return once(
                request.bundleId(),
                () -> request.isDecision() ? decide(sessions, request) : commitFirst(sessions, request),
                offsets -> offsets);
    }

    /** Commits this broker's part of a bundle that others have prepared, unless it has been aborted. */
    private CompletableFuture<List<Long>> decide(LongFunction<LinkSession> sessions, Commit request) {
        Partition coordinator = decisions.coordinator(request.destination(), request.partition());
        OpenBundles open = decisions.open();
        return switch (open.claim(request.bundleId(), coordinator.id())) {
            case ELSEWHERE ->
                throw new DeliveryException(
                        ErrorCode.BAD_REQUEST,
                        "Bundle " + request.bundleId() + " was not begun to be decided by partition "
                                + coordinator.id());
            case BUSY ->
                throw new DeliveryException(
                        ErrorCode.UNAVAILABLE, "Bundle " + request.bundleId() + " is being decided; ask again");
            case NONE -> decisions.recorded(coordinator, request.bundleId());
            case CLAIMED -> {
                CompletableFuture<List<Long>> answer = new CompletableFuture<>();
                Completions.whenDone(
                        Calls.attempt(() -> {
                            decisions.checkParticipants(request);
                            return commitFirst(sessions, request);
                        }),
                        (offsets, failure) -> {
                            open.end(request.bundleId()); // by now its decision is recorded, or never will be
                            if (failure != null) {
                                answer.completeExceptionally(failure);
                            } else {
                                answer.complete(offsets);
                            }
                        });
                yield answer;
            }
        };
    }

    private CompletableFuture<List<Long>> commitFirst(LongFunction<LinkSession> sessions, Commit request) {
        BundlePlan plan =
                new BundlePlan(partitions, index, sessions, request.bundleId(), request.sends(), request.acks());
        if (request.isDecision()) {
            plan.decideAt(partitions.ofDestination(request.destination(), request.partition()));
        }
        CompletableFuture<List<Long>> committed =
                spills.within(request.bundleId(), request.pieces(), (spilled, appending) -> {
                    plan.add(spilled);
                    return append(plan, request, appending);
                });
        return request.pieces().isNone()
                ? committed
                : committed.thenCompose(offsets ->
                        applier.apply(request.bundleId(), plan.spilledTo()).thenApply(applied -> offsets));
    }

    private CompletableFuture<List<Long>> append(BundlePlan plan, Commit request, AtomicBoolean appending) {
        if (plan.work().isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        Committing committing = new Committing(plan, request, appending);
        CompletableFuture<List<Long>> answer = new CompletableFuture<>();
        Completions.whenDone(
                partitions.atomically(new TreeSet<>(plan.work().keySet()), committing::compute),
                (appended, failure) -> {
                    plan.wake();
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    } else {
                        answer.complete(committing.baseOffsets);
                    }
                });
        return answer;
    }

    /**
     * Does what an id stands for unless its outcome is recorded, which then is the answer.
     *
     * @param recorded makes the answer of the recorded offsets
     */
    <T> CompletableFuture<T> once(
            UUID id, Supplier<CompletableFuture<T>> first, Function<List<Long>, ? extends T> recorded) {
        PartitionId remembered = index.find(id);
        Partition before = remembered == null ? null : partitions.find(remembered);
        if (before != null) {
            return again(before, id).thenApply(recorded);
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        Completions.whenDone(first.get(), (outcome, failure) -> {
            if (failure instanceof Repeated repeated) {
                Calls.forward(again(repeated.partition, id).thenApply(recorded), answer);
            } else if (failure != null) {
                answer.completeExceptionally(failure);
            } else {
                answer.complete(outcome);
            }
        });
        return answer;
    }

    /** The recorded outcome, once what the commit has on the disk is applied as well. */
    private CompletableFuture<List<Long>> again(Partition before, UUID id) {
        return Calls.on(before::execute, () -> repeat(before, id))
                .thenCompose(offsets -> applying.whenApplied(id).thenApply(applied -> offsets));
    }

    /** The recorded outcome; recorded once more, so that the answer waits until the first record is durable. */
    private static CompletableFuture<List<Long>> repeat(Partition partition, UUID id) {
        List<Long> offsets = DeliveryMachines.of(partition).bundles().find(id);
        if (offsets == null) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE, "The outcome of bundle " + id + " is being recovered; send it again");
        }
        CompletableFuture<Appended> durable =
                partition.append(Append.ofState(List.of(DeliveryRecords.bundle(id, offsets))));
        return durable.thenApply(done -> offsets);
    }

    /** Holding partitions: ends the work when one of them knows the outcome, by a request that came at the same time. */
    static void refuseRepeated(Iterable<Partition> held, UUID id) {
        for (Partition partition : held) {
            if (DeliveryMachines.of(partition).bundles().find(id) != null) {
                throw new Repeated(partition);
            }
        }
    }

    /** Gives back what was computed for an append that is not made. */
    static void release(Iterable<List<StateRecord>> state) {
        state.forEach(records -> records.forEach(record -> record.payload().release()));
    }

    /** The bundle was committed before, by a request that was under way at the same time. */
    private static final class Repeated extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Partition partition;

        Repeated(Partition partition) {
            super("the bundle was committed before", null, false, false);
            this.partition = partition;
        }
    }

    private static final class Committing {
        private final BundlePlan plan;
        private final Commit request;
        private final AtomicBoolean appending;
        private final List<Long> baseOffsets = new ArrayList<>();

        Committing(BundlePlan plan, Commit request, AtomicBoolean appending) {
            this.plan = plan;
            this.appending = appending;
            this.request = request;
        }

        /** Holding all partitions: checks the leases, then computes every append. */
        Map<PartitionId, Append> compute(Map<PartitionId, Partition> held) {
            refuseRepeated(held.values(), request.bundleId());
            Map<PartitionId, List<StateRecord>> state = new LinkedHashMap<>();
            try {
                plan.work().forEach((id, one) -> {
                    List<StateRecord> records = new ArrayList<>();
                    state.put(id, records);
                    one.forEachHeld((group, type, spans) ->
                            records.addAll(Settlement.records(group.id(), group.rules(), type, spans)));
                    Spilled spilled = one.spilled();
                    if (spilled != null) {
                        records.add(BranchRecords.applying(PartitionSpills.Applying.of(request.bundleId(), spilled)));
                    }
                });
                assignOffsets();
            } catch (RuntimeException refused) {
                release(state.values());
                throw refused;
            }
            PartitionId first = plan.decisive();
            Map<PartitionId, Append> appends = new LinkedHashMap<>();
            state.forEach((id, records) -> {
                if (id.equals(first)) {
                    records.add(DeliveryRecords.bundle(request.bundleId(), baseOffsets));
                    if (request.isDecision()) {
                        records.add(BranchRecords.decided(request.bundleId(), request.participants()));
                    }
                }
                List<ByteBuf> batches =
                        batchesOf(id).stream().map(ByteBuf::retain).toList();
                appends.put(id, new Append(batches, records, Origin.CLIENT));
            });
            appending.set(true);
            return appends;
        }

        private List<ByteBuf> batchesOf(PartitionId id) {
            BundlePlan.@Nullable Work one = plan.work().get(id);
            if (one == null) {
                throw new IllegalStateException("The bundle has no work on " + id);
            }
            return one.batches();
        }

        /** The offsets that the appends will get, for the record of the outcome. */
        private void assignOffsets() {
            Map<Integer, Long> bySend = new HashMap<>();
            for (BundlePlan.Work one : plan.work().values()) {
                long next = one.partition().nextOffset();
                for (int send : one.sends()) {
                    ByteBuf batch = request.sends().get(send).batch();
                    var indexes = Batches.indexes(batch);
                    bySend.put(send, next);
                    while (indexes.hasNext()) {
                        next += BatchHeader.lastOffsetDelta(batch, indexes.nextInt()) + 1L;
                    }
                }
            }
            baseOffsets.clear();
            for (int i = 0; i < request.sends().size(); i++) {
                baseOffsets.add(bySend.getOrDefault(i, -1L));
            }
        }
    }
}
