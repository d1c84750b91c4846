// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Looks records up by their timestamps, to the record, on the store's threads. Has no state. */
public final class TimestampLookup {
    private static final int READ_BYTES = 1 << 20;
    private static final int ONE_BATCH = 1;
    private static final int MAX_DECOMPRESSED_BYTES = 256 << 20;

    private TimestampLookup() {}

    /** A record that was found. */
    public record Found(long offset, long timestampMs, int leaderEpoch) {}

    /** The first record whose timestamp is at or after {@code timestampMs}. */
    public static CompletableFuture<Optional<Found>> firstAtOrAfter(Partition partition, long timestampMs) {
        return partition
                .offsetForTimestamp(timestampMs)
                .thenCompose(batch -> batch.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : firstFrom(partition, batch.get().offset(), timestampMs));
    }

    /** The first record of those with the partition's largest timestamp, by reading the headers of all (KIP-734). */
    public static CompletableFuture<Optional<Found>> largest(Partition partition) {
        return largestBatch(partition, partition.startOffset(), partition.highWatermark(), null)
                .thenCompose(batch -> batch == null
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : firstFrom(partition, batch.offset(), batch.timestampMs()));
    }

    private static CompletableFuture<Optional<Found>> firstFrom(Partition partition, long from, long timestampMs) {
        if (from >= partition.highWatermark()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return partition.read(from, ONE_BATCH).thenCompose(slice -> {
            Scan scan = scanRecords(slice, Math.max(from, partition.startOffset()), timestampMs);
            return scan.found != null || scan.next <= from
                    ? CompletableFuture.completedFuture(Optional.ofNullable(scan.found))
                    : firstFrom(partition, scan.next, timestampMs);
        });
    }

    private static Scan scanRecords(LogSlice slice, long from, long timestampMs) {
        try (slice) {
            ByteBuf buffer = slice.buffer();
            long next = from;
            PrimitiveIterator.OfInt indexes = Batches.indexes(buffer);
            while (indexes.hasNext()) {
                int index = indexes.nextInt();
                next = BatchHeader.lastOffset(buffer, index) + 1;
                if (BatchHeader.isControl(buffer, index) || BatchHeader.maxTimestamp(buffer, index) < timestampMs) {
                    continue;
                }
                Found found = scanBatch(buffer, index, from, timestampMs);
                if (found != null) {
                    return new Scan(found, next);
                }
            }
            return new Scan(null, next);
        }
    }

    private static @Nullable Found scanBatch(ByteBuf buffer, int index, long from, long timestampMs) {
        try (RecordReader records =
                RecordReader.ofBatch(ByteBufAllocator.DEFAULT, buffer, index, MAX_DECOMPRESSED_BYTES)) {
            while (records.hasNext()) {
                RecordView record = records.next();
                if (record.offset() >= from && record.timestampMs() >= timestampMs) {
                    return new Found(
                            record.offset(), record.timestampMs(), BatchHeader.partitionLeaderEpoch(buffer, index));
                }
            }
            return null;
        }
    }

    private static CompletableFuture<@Nullable Found> largestBatch(
            Partition partition, long from, long end, @Nullable Found best) {
        if (from >= end) {
            return CompletableFuture.completedFuture(best);
        }
        return partition.read(from, READ_BYTES).thenCompose(slice -> {
            Scan scan = scanHeaders(slice, from, best);
            return scan.next == from
                    ? CompletableFuture.completedFuture(scan.found)
                    : largestBatch(partition, scan.next, end, scan.found);
        });
    }

    private static Scan scanHeaders(LogSlice slice, long from, @Nullable Found known) {
        try (slice) {
            ByteBuf buffer = slice.buffer();
            Found best = known;
            long next = from;
            PrimitiveIterator.OfInt indexes = Batches.indexes(buffer);
            while (indexes.hasNext()) {
                int index = indexes.nextInt();
                long timestampMs = BatchHeader.maxTimestamp(buffer, index);
                if (!BatchHeader.isControl(buffer, index) && (best == null || timestampMs > best.timestampMs())) {
                    best = new Found(
                            Math.max(from, BatchHeader.baseOffset(buffer, index)),
                            timestampMs,
                            BatchHeader.partitionLeaderEpoch(buffer, index));
                }
                next = BatchHeader.lastOffset(buffer, index) + 1;
            }
            return new Scan(best, next);
        }
    }

    private record Scan(@Nullable Found found, long next) {}
}
