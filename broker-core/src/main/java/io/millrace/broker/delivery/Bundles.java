// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.delivery.SettleWork.Target;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.Appended;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Commits bundles: sends and acknowledgements in one atomic append over all their partitions, together with a record of
 * the outcome in the first of them. Safe for any thread.
 */
final class Bundles {
    private final Partitions partitions;
    private final BundleIndex index;

    Bundles(Partitions partitions, BundleIndex index) {
        this.partitions = partitions;
        this.index = index;
    }

    /**
     * Completes when all of it is durable, with the base offset of each send; called on the link's
     * loop. The request's buffers must stay valid until then.
     */
    CompletableFuture<List<Long>> commit(LinkSession session, Commit request) {
        UUID id = request.bundleId();
        PartitionId remembered = index.find(id);
        Partition before = remembered == null ? null : partitions.find(remembered);
        if (before != null) {
            return Calls.on(before::execute, () -> repeat(before, id));
        }
        Plan plan = new Plan(session, request);
        if (plan.work.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        CompletableFuture<List<Long>> answer = new CompletableFuture<>();
        Completions.whenDone(
                partitions.atomically(new TreeSet<>(plan.work.keySet()), plan::compute), (appended, failure) -> {
                    plan.wake();
                    if (failure instanceof Repeated repeated) {
                        Calls.forward(
                                Calls.on(repeated.partition::execute, () -> repeat(repeated.partition, id)), answer);
                    } else if (failure != null) {
                        answer.completeExceptionally(failure);
                    } else {
                        answer.complete(plan.baseOffsets);
                    }
                });
        return answer;
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

    /** The bundle was committed before, by a request that was under way at the same time. */
    private static final class Repeated extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Partition partition;

        Repeated(Partition partition) {
            super("the bundle was committed before", null, false, false);
            this.partition = partition;
        }
    }

    /** What a bundle does on each of its partitions. */
    private final class Plan {
        private final LinkSession session;
        private final Commit request;
        private final Map<PartitionId, Work> work = new TreeMap<>();
        private final List<Long> baseOffsets = new ArrayList<>();

        Plan(LinkSession session, Commit request) {
            this.session = session;
            this.request = request;
            for (int i = 0; i < request.sends().size(); i++) {
                work(partition(request.sends().get(i))).sends.add(i);
            }
            for (Acknowledgement ack : request.acks()) {
                Target target = check(ack);
                work(target.partition())
                        .acks
                        .computeIfAbsent(target.key(), any -> new ArrayList<>())
                        .add(ack);
            }
        }

        private Work work(Partition partition) {
            return work.computeIfAbsent(partition.id(), any -> new Work(partition));
        }

        private Partition partition(Commit.Send send) {
            TopicInfo topic = partitions.destination(send.destination());
            if (topic == null || ReservedNames.isInternalTopic(topic.name())) {
                throw new DeliveryException(
                        ErrorCode.INVALID_DESTINATION,
                        "A bundle sends to " + send.destination() + ", which is no destination; open it first");
            }
            return partitions.get(topic, send.partition());
        }

        private Target check(Acknowledgement ack) {
            if (ack.type() != AckType.ACCEPT && ack.type() != AckType.REJECT) {
                throw new DeliveryException(
                        ErrorCode.BAD_REQUEST, "A bundle has an acknowledgement of type " + ack.type());
            }
            Target target = SettleWork.target(session, ack);
            if (target == null) {
                refuseWhileOutcomeIsUnknown();
                throw aborted(ack);
            }
            return target;
        }

        /** A client that came back after a crash may ask for a bundle whose record is not recovered yet. */
        private void refuseWhileOutcomeIsUnknown() {
            boolean recovered = partitions.all().stream().allMatch(Partition::isServing);
            if (!recovered || index.find(request.bundleId()) != null) {
                throw new DeliveryException(
                        ErrorCode.UNAVAILABLE,
                        "Partitions of this broker are being recovered; send bundle " + request.bundleId() + " again");
            }
        }

        private DeliveryException aborted(Acknowledgement ack) {
            return new DeliveryException(
                    ErrorCode.TRANSACTION_ABORTED,
                    "Bundle " + request.bundleId() + " was not committed: "
                            + SettleWork.stale(ack).getMessage());
        }

        /** Holding all partitions: checks the leases, then computes every append. */
        Map<PartitionId, Append> compute(Map<PartitionId, Partition> held) {
            for (Partition partition : held.values()) {
                if (DeliveryMachines.of(partition).bundles().find(request.bundleId()) != null) {
                    throw new Repeated(partition);
                }
            }
            Map<PartitionId, List<StateRecord>> state = new LinkedHashMap<>();
            try {
                work.forEach((id, one) -> state.put(id, one.settle(this, session)));
                assignOffsets();
            } catch (RuntimeException refused) {
                state.values()
                        .forEach(records ->
                                records.forEach(record -> record.payload().release()));
                throw refused;
            }
            PartitionId first = decisive();
            List<StateRecord> ofFirst = state.get(first);
            if (ofFirst != null) {
                ofFirst.add(DeliveryRecords.bundle(request.bundleId(), baseOffsets));
            }
            Map<PartitionId, Append> appends = new LinkedHashMap<>();
            state.forEach((id, records) -> {
                List<ByteBuf> batches = work(partitionOf(id)).sends.stream()
                        .map(i -> request.sends().get(i).batch().retain())
                        .toList();
                appends.put(id, new Append(batches, records, Origin.CLIENT));
            });
            return appends;
        }

        /** Where the outcome is recorded: on the disk, unless the bundle is in memory as a whole. */
        private PartitionId decisive() {
            for (PartitionId id : work.keySet()) {
                if (!ReservedNames.isTemporary(id.topic())) {
                    return id;
                }
            }
            return work.keySet().iterator().next();
        }

        private Partition partitionOf(PartitionId id) {
            Work one = work.get(id);
            if (one == null) {
                throw new IllegalStateException("The bundle has no work on " + id);
            }
            return one.partition;
        }

        /** The offsets that the appends will get, for the record of the outcome. */
        private void assignOffsets() {
            Map<Integer, Long> bySend = new HashMap<>();
            for (Work one : work.values()) {
                long next = one.partition.nextOffset();
                for (int send : one.sends) {
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

        /** What was acknowledged made room for more. */
        void wake() {
            for (Work one : work.values()) {
                if (!one.acks.isEmpty()) {
                    Partition partition = one.partition;
                    one.acks
                            .keySet()
                            .forEach(key -> partition.execute(
                                    () -> Subscriptions.with(partition, key, DeliveryGroup::dispatch)));
                }
            }
        }
    }

    private static final class Work {
        private final Partition partition;
        private final List<Integer> sends = new ArrayList<>();
        private final Map<GroupKey, List<Acknowledgement>> acks = new LinkedHashMap<>();

        Work(Partition partition) {
            this.partition = partition;
        }

        List<StateRecord> settle(Plan plan, LinkSession session) {
            List<StateRecord> records = new ArrayList<>();
            acks.forEach((key, all) -> {
                DeliveryGroup group = DeliveryMachines.of(partition).find(key);
                for (Acknowledgement ack : all) {
                    Holder holder = new Holder(session.holder().link(), session.id(), ack.consumerId());
                    var held = group == null
                            ? List.<RangeMap.Span<Acquired>>of()
                            : group.engine().held(holder, ack.lease(), ack.firstOffset(), ack.lastOffset());
                    if (group == null || held.isEmpty()) {
                        records.forEach(record -> record.payload().release());
                        throw plan.aborted(ack);
                    }
                    records.addAll(Settlement.records(group.id(), group.rules(), ack.type(), held));
                }
            });
            return records;
        }
    }
}
