// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.TransactionMarker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the aborted transactions among some batches by reading on from them until each is decided: for parts of a log
 * that are older than its {@link TransactionIndex}. Reads headers and markers, one read after another, on the store's
 * threads; needs memory for the producers of those batches only.
 */
final class AbortedScan {
    private static final int READ_BYTES = 1 << 20;

    private final Partition partition;
    private final long end;
    private final long stable;
    private final Map<Long, Long> undecided = new HashMap<>();
    private final List<AbortedTransaction> found = new ArrayList<>();
    private long next;

    private AbortedScan(Partition partition, long from, long end, long stable) {
        this.partition = partition;
        this.next = from;
        this.end = end;
        this.stable = stable;
    }

    /**
     * Completes with those that have batches in {@code [from, end)}; their first offsets are the first in there.
     *
     * @param stable the last stable offset: all below is decided by a marker below the high watermark
     */
    static CompletableFuture<List<AbortedTransaction>> find(Partition partition, long from, long end, long stable) {
        AbortedScan scan = new AbortedScan(partition, from, end, stable);
        return scan.readOn();
    }

    private CompletableFuture<List<AbortedTransaction>> readOn() {
        long highWatermark = partition.highWatermark();
        boolean decided = next >= Math.min(end, stable) && undecided.isEmpty();
        if (decided || next >= highWatermark) {
            return CompletableFuture.completedFuture(found);
        }
        return partition.read(next, READ_BYTES).thenCompose(slice -> {
            long before = next;
            take(slice, highWatermark);
            return next > before ? readOn() : CompletableFuture.completedFuture(found);
        });
    }

    private void take(LogSlice slice, long highWatermark) {
        try (slice) {
            ByteBuf batches = slice.buffer();
            if (!batches.isReadable()) {
                next = highWatermark;
                return;
            }
            PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
            while (indexes.hasNext()) {
                int index = indexes.nextInt();
                next = BatchHeader.lastOffset(batches, index) + 1;
                if (BatchHeader.isTransactional(batches, index)) {
                    look(batches, index);
                }
            }
        }
    }

    private void look(ByteBuf batches, int index) {
        long producerId = BatchHeader.producerId(batches, index);
        long baseOffset = BatchHeader.baseOffset(batches, index);
        if (!BatchHeader.isControl(batches, index)) {
            if (baseOffset < end) {
                undecided.putIfAbsent(producerId, baseOffset);
            }
            return;
        }
        TransactionMarker marker = TransactionMarker.read(PooledByteBufAllocator.DEFAULT, batches, index);
        Long firstOffset = marker == null ? null : undecided.remove(producerId);
        if (marker != null && firstOffset != null && !marker.commit()) {
            found.add(new AbortedTransaction(producerId, firstOffset, baseOffset));
        }
    }
}
