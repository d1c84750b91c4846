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
import java.util.stream.Stream;
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
        inChunks(inDoubt(engine), ranges -> writer.accept(DeliveryRecords.acquired(id, ranges)));
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
        engine.delays()
                .forEachBucket((wakeMs, offsets) -> inChunks(
                        redeliveries(engine, offsets),
                        ranges -> writer.accept(DeliveryRecords.delayed(id, wakeMs, ranges))));
        List<Span<Death>> doomed = List.copyOf(engine.doomed().spans());
        inChunks(doomed, spans -> writer.accept(DeliveryRecords.doomed(id, spans)));
    }

    /** What may have been received, by what is known or because it is in flight, in order. */
    private static List<OffsetRange> inDoubt(GroupPartition engine) {
        return Stream.concat(
                        engine.inFlight().spans().stream().map(span -> new OffsetRange(span.first(), span.last())),
                        engine.history().spans().stream().map(span -> new OffsetRange(span.first(), span.last())))
                .sorted(Comparator.comparingLong(OffsetRange::first))
                .toList();
    }

    /** What of delayed offsets waits for its redelivery; what waits for its delivery time says so itself. */
    private static List<OffsetRange> redeliveries(GroupPartition engine, OffsetSet delayed) {
        List<OffsetRange> ranges = new ArrayList<>();
        for (Span<Returned> span : engine.history().spans()) {
            ranges.addAll(delayed.ranges(span.first(), span.last(), Integer.MAX_VALUE));
        }
        ranges.removeIf(range -> !engine.delays().contains(range.first()));
        return ranges;
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
                                    .inFlight()
                                    .where(acquired -> acquired.holder().equals(holder)),
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
