// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.StateRecord;
import io.millrace.protocol.message.AckType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes the records that, replayed, give the present state of a partition's groups and branches. Pure. */
final class DeliverySnapshot {
    /** Ranges in one record. */
    private static final int CHUNK = 4_096;

    private DeliverySnapshot() {}

    /** A group. */
    static void write(
            int id,
            GroupKey key,
            @Nullable SubscriptionSpec subscription,
            boolean paused,
            GroupPartition engine,
            Consumer<StateRecord> writer) {
        writer.accept(DeliveryRecords.groupCreated(id, key, engine.lowWatermark()));
        if (subscription != null) {
            writer.accept(DeliveryRecords.subscription(id, subscription));
        }
        if (paused) {
            writer.accept(DeliveryRecords.paused(id, true));
        }
        inChunks(engine.finals().rangesAbove(), ranges -> writer.accept(DeliveryRecords.finals(id, ranges)));
        List<OffsetRange> inDoubt = new ArrayList<>();
        engine.forEachInDoubt(inDoubt::add);
        inDoubt.sort(Comparator.comparingLong(OffsetRange::first));
        inChunks(inDoubt, ranges -> writer.accept(DeliveryRecords.acquired(id, ranges)));
        List<Span<Integer>> received = new ArrayList<>();
        engine.forEachReceived(span -> {
            received.add(span);
            if (received.size() == CHUNK) {
                writer.accept(DeliveryRecords.received(id, received));
                received.clear();
            }
        });
        if (!received.isEmpty()) {
            writer.accept(DeliveryRecords.received(id, received));
        }
        engine.forEachRedelivery(
                (wakeMs, ranges) -> inChunks(ranges, some -> writer.accept(DeliveryRecords.delayed(id, wakeMs, some))));
        List<Span<Death>> doomed = List.copyOf(engine.doomed().spans());
        inChunks(doomed, spans -> writer.accept(DeliveryRecords.doomed(id, spans)));
    }

    /** The branches with what they have pinned in groups that were written before. */
    static void write(
            PartitionBranches branches, Collection<BranchSettlement.Settling> groups, Consumer<StateRecord> writer) {
        for (PreparedBranch part : branches.all()) {
            writer.accept(BranchRecords.prepared(part));
            for (AckType type : List.of(AckType.ACCEPT, AckType.REJECT)) {
                Holder holder = branches.holder(part.id(), type);
                for (BranchSettlement.Settling group : groups) {
                    inChunks(
                            group.engine()
                                    .inFlightWhere(acquired -> acquired.holder().equals(holder)),
                            spans -> writer.accept(BranchRecords.pinned(group.id(), part.id(), type, spans)));
                }
            }
        }
    }

    private static <T> void inChunks(List<T> all, Consumer<List<T>> action) {
        for (int i = 0; i < all.size(); i += CHUNK) {
            action.accept(all.subList(i, Math.min(all.size(), i + CHUNK)));
        }
    }
}
