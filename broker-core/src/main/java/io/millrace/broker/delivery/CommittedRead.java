// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.AbortedTransaction;
import io.millrace.broker.partition.AbortedTransactions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Batches read from a partition and the aborted transactions among them; who reads it stops at the last stable offset.
 *
 * @param slice what was read; this owns it
 * @param aborted what of it is for nobody
 */
record CommittedRead(LogSlice slice, AbortedTransactions aborted) implements AutoCloseable {

    /** Reads as {@link Partition#read} does; the caller closes it. */
    static CompletableFuture<CommittedRead> of(Partition partition, long offset, int maxBytes) {
        return partition.read(offset, maxBytes).thenCompose(slice -> with(partition, offset, slice));
    }

    private static CompletableFuture<CommittedRead> with(Partition partition, long offset, LogSlice slice) {
        long end;
        try {
            end = transactionalEnd(slice.buffer());
        } catch (RuntimeException unreadable) {
            slice.close();
            throw unreadable;
        }
        if (end < 0) {
            return CompletableFuture.completedFuture(new CommittedRead(slice, AbortedTransactions.NONE));
        }
        CompletableFuture<List<AbortedTransaction>> aborted =
                partition.abortedTransactions(offset, Math.min(end, partition.lastStableOffset()));
        return aborted.handle((found, failure) -> {
            if (failure != null) {
                slice.close();
                throw new CompletionException(failure);
            }
            return new CommittedRead(slice, AbortedTransactions.of(found));
        });
    }

    /** One above the last offset of the last transactional batch, -1 when there is none. */
    private static long transactionalEnd(ByteBuf batches) {
        long end = -1;
        for (PrimitiveIterator.OfInt indexes = Batches.indexes(batches); indexes.hasNext(); ) {
            int index = indexes.nextInt();
            if (BatchHeader.isTransactional(batches, index)) {
                end = BatchHeader.lastOffset(batches, index) + 1;
            }
        }
        return end;
    }

    ByteBuf buffer() {
        return slice.buffer();
    }

    int size() {
        return slice.size();
    }

    @Override
    public void close() {
        slice.close();
    }
}
