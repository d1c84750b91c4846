// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.delivery.SettleWork.Target;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a bundle does on each of its partitions. Made, and its acknowledgements looked up, on the link's loop; the rest is
 * for who holds the partitions.
 */
final class BundlePlan {
    private final Partitions partitions;
    private final BundleIndex index;
    private final UUID bundleId;
    private final List<Commit.Send> sends;
    private final Map<PartitionId, Work> work = new TreeMap<>();
    private @Nullable PartitionId coordinator;

    /**
     * Fails with {@code TRANSACTION_ABORTED} for a consumer that is gone, with {@code UNAVAILABLE} while that is not known.
     *
     * @param sessions finds the session of a consumer of the link
     */
    BundlePlan(
            Partitions partitions,
            BundleIndex index,
            LongFunction<LinkSession> sessions,
            UUID bundleId,
            List<Commit.Send> sends,
            List<Acknowledgement> acks) {
        this.partitions = partitions;
        this.index = index;
        this.bundleId = bundleId;
        this.sends = sends;
        for (int i = 0; i < sends.size(); i++) {
            workOn(partition(sends.get(i))).sends.add(i);
        }
        for (Acknowledgement ack : acks) {
            LinkSession session = sessions.apply(ack.consumerId());
            Target target = check(session, ack);
            workOn(target.partition())
                    .acks
                    .computeIfAbsent(target.key(), any -> new ArrayList<>())
                    .add(new Accept(new Holder(session.holder().link(), session.id(), ack.consumerId()), ack));
        }
    }

    /** What it sends besides, and has on the disk. */
    void add(Map<PartitionId, Spilled> spilled) {
        spilled.forEach((id, of) -> {
            Partition partition = partitions.find(id);
            if (partition == null || !partition.isServing()) {
                throw new DeliveryException(
                        ErrorCode.TRANSACTION_ABORTED,
                        "Bundle " + bundleId + " was not committed: partition " + id + ", to which it sends, was lost");
            }
            workOn(partition).spilled = of;
        });
    }

    /** Takes out of it what it sends to partitions on a disk, by partition. */
    Map<Partition, List<ByteBuf>> takeSends() {
        Map<Partition, List<ByteBuf>> taken = new LinkedHashMap<>();
        for (Work one : work.values()) {
            if (!one.partition.isTemporary() && !one.sends.isEmpty()) {
                taken.put(one.partition, one.batches());
                one.sends.clear();
            }
        }
        return taken;
    }

    /** The partitions to which it sends what is on the disk. */
    List<Partition> spilledTo() {
        return work.values().stream()
                .filter(one -> one.spilled != null)
                .map(Work::partition)
                .toList();
    }

    /** Refuses a bundle while the recovery of this broker may still bring its outcome. */
    static void refuseWhileOutcomeIsUnknown(Partitions partitions, BundleIndex index, UUID bundleId) {
        if (partitions.unserved() != null || index.find(bundleId) != null) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE,
                    "Partitions of this broker are being recovered; send bundle " + bundleId + " again");
        }
    }

    /** What is to be done, by partition. */
    Map<PartitionId, Work> work() {
        return work;
    }

    /** Where the outcome is recorded: on the disk, unless the bundle is in memory as a whole. */
    PartitionId decisive() {
        return coordinator == null ? decisive(work.keySet()) : coordinator;
    }

    /** The outcome is recorded in this partition, whether there is other work in it or not. */
    void decideAt(Partition partition) {
        workOn(partition);
        coordinator = partition.id();
    }

    static PartitionId decisive(Iterable<PartitionId> touched) {
        for (PartitionId id : touched) {
            if (!ReservedNames.isTemporary(id.topic())) {
                return id;
            }
        }
        return touched.iterator().next();
    }

    /** What was acknowledged made room for more. */
    void wake() {
        for (Work one : work.values()) {
            if (!one.acks.isEmpty()) {
                Partition partition = one.partition;
                one.acks
                        .keySet()
                        .forEach(key ->
                                partition.execute(() -> Subscriptions.with(partition, key, DeliveryGroup::dispatch)));
            }
        }
    }

    private Work workOn(Partition partition) {
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

    private Target check(LinkSession session, Acknowledgement ack) {
        if (ack.type() != AckType.ACCEPT && ack.type() != AckType.REJECT) {
            throw new DeliveryException(ErrorCode.BAD_REQUEST, "A bundle has an acknowledgement of type " + ack.type());
        }
        Target target = SettleWork.target(session, ack);
        if (target == null) {
            refuseWhileOutcomeIsUnknown(partitions, index, bundleId);
            throw aborted(ack);
        }
        return target;
    }

    private DeliveryException aborted(Acknowledgement ack) {
        return new DeliveryException(
                ErrorCode.TRANSACTION_ABORTED,
                "Bundle " + bundleId + " was not committed: "
                        + SettleWork.stale(ack).getMessage());
    }

    private record Accept(Holder holder, Acknowledgement ack) {}

    /** Takes what one acknowledgement finishes with. */
    @FunctionalInterface
    interface HeldVisitor {
        void visit(DeliveryGroup group, AckType type, List<Span<Acquired>> held);
    }

    /** What it does on one partition. */
    final class Work {
        private final Partition partition;
        private final List<Integer> sends = new ArrayList<>();
        private final Map<GroupKey, List<Accept>> acks = new LinkedHashMap<>();
        private @Nullable Spilled spilled;

        private Work(Partition partition) {
            this.partition = partition;
        }

        Partition partition() {
            return partition;
        }

        /** What it sends besides {@link #sends} and has on the disk; {@code null} for nothing. */
        @Nullable
        Spilled spilled() {
            return spilled;
        }

        /** The positions of its sends in the bundle. */
        List<Integer> sends() {
            return sends;
        }

        List<ByteBuf> batches() {
            return sends.stream().map(i -> BundlePlan.this.sends.get(i).batch()).toList();
        }

        /** Holding the partition: what each acknowledgement holds. Fails when a lease is stale. */
        void forEachHeld(HeldVisitor visitor) {
            acks.forEach((key, all) -> {
                DeliveryGroup group = DeliveryMachines.of(partition).find(key);
                for (Accept accept : all) {
                    Acknowledgement ack = accept.ack();
                    var held = group == null
                            ? List.<Span<Acquired>>of()
                            : group.engine()
                                    .inFlight()
                                    .held(accept.holder(), ack.lease(), ack.firstOffset(), ack.lastOffset());
                    if (group == null || held.isEmpty()) {
                        throw aborted(ack);
                    }
                    visitor.visit(group, ack.type(), held);
                }
            });
        }
    }
}
