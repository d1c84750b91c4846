// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Partition;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.PartitionLog.TimestampOffset;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Looks for the batch with a partition's largest timestamp, by reading the headers of all (KIP-734). */
final class LargestTimestamp {
    private static final int READ_BYTES = 1 << 20;

    private LargestTimestamp() {}

    /** The last offset of that batch; empty when there is no record. */
    static CompletableFuture<Optional<TimestampOffset>> find(Partition partition) {
        return search(partition, partition.startOffset(), partition.highWatermark(), null);
    }

    private static CompletableFuture<Optional<TimestampOffset>> search(
            Partition partition, long from, long end, @Nullable TimestampOffset best) {
        if (from >= end) {
            return CompletableFuture.completedFuture(Optional.ofNullable(best));
        }
        return partition.read(from, READ_BYTES).thenCompose(slice -> {
            Scan scan = scan(slice, from, best);
            return scan.next == from
                    ? CompletableFuture.completedFuture(Optional.ofNullable(scan.best))
                    : search(partition, scan.next, end, scan.best);
        });
    }

    private static Scan scan(LogSlice slice, long from, @Nullable TimestampOffset known) {
        try (slice) {
            ByteBuf buffer = slice.buffer();
            TimestampOffset best = known;
            long next = from;
            PrimitiveIterator.OfInt indexes = Batches.indexes(buffer);
            while (indexes.hasNext()) {
                int index = indexes.nextInt();
                long timestamp = BatchHeader.maxTimestamp(buffer, index);
                long lastOffset = BatchHeader.lastOffset(buffer, index);
                if (best == null || timestamp > best.timestampMs()) {
                    best = new TimestampOffset(lastOffset, timestamp);
                }
                next = lastOffset + 1;
            }
            return new Scan(best, next);
        }
    }

    private record Scan(@Nullable TimestampOffset best, long next) {}
}
