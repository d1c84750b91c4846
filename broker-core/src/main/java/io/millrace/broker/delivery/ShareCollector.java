// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.AbortedTransactions;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;

/**
 * Acquires what one read gave. Batches go to the client as they lie, compressed or not: it passes over the records that
 * it did not acquire. Offsets between batches and markers of transactions hold no record for anybody and become final;
 * those without a record inside a batch (compaction) are acquired with it, and the client says that they are gaps. On
 * the partition's owner loop.
 */
final class ShareCollector {
    private final ShareState state;
    private final ShareFetch fetch;
    private final long free;
    private final long deadlineMs;
    private final List<ShareAcquired.Range> ranges = new ArrayList<>();
    private long count;
    private int firstIndex = -1;
    private int endIndex;
    private long examinedTo;

    /** @param free how many records more may be in flight; the batch that passes it is still acquired whole */
    ShareCollector(ShareState state, ShareFetch fetch, long free, long deadlineMs) {
        this.state = state;
        this.fetch = fetch;
        this.free = free;
        this.deadlineMs = deadlineMs;
    }

    /**
     * Looks at whole batches in order.
     *
     * @param aborted whose batches hold no record for anybody
     * @param from where the read began
     * @param end one above the last offset that may be acquired
     */
    void collect(ByteBuf batches, AbortedTransactions aborted, long from, long end) {
        examinedTo = from;
        PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
        if (!indexes.hasNext()) {
            drop(end - 1);
        }
        while (indexes.hasNext() && left() > 0 && examinedTo < end) {
            int index = indexes.nextInt();
            long base = BatchHeader.baseOffset(batches, index);
            long last = Math.min(BatchHeader.lastOffset(batches, index), end - 1);
            drop(base - 1);
            if (BatchHeader.isControl(batches, index) || aborted.covers(batches, index)) {
                drop(last);
            } else {
                acquire(batches, index, last);
            }
        }
    }

    private long left() {
        return Math.min(fetch.maxRecords(), free) - count;
    }

    private void drop(long last) {
        if (last >= examinedTo) {
            state.engine().drop(examinedTo, last);
            examinedTo = last + 1;
        }
    }

    private void acquire(ByteBuf batches, int index, long last) {
        if (last < examinedTo) {
            return;
        }
        long most = fetch.strict() ? left() : Long.MAX_VALUE;
        List<ShareAcquired.Range> acquired = state.acquire(fetch.member(), examinedTo, last, most, deadlineMs);
        examinedTo = last + 1;
        if (acquired.isEmpty()) {
            return;
        }
        if (firstIndex < 0) {
            firstIndex = index;
        }
        endIndex = index + BatchHeader.sizeInBytes(batches, index);
        acquired.forEach(this::add);
    }

    private void add(ShareAcquired.Range range) {
        count += range.count();
        ShareAcquired.Range before = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
        if (before != null
                && before.last() == range.first() - 1
                && before.deliveryCount() == range.deliveryCount()
                && before.count() + range.count() <= fetch.batchSize()) {
            ranges.set(ranges.size() - 1, new ShareAcquired.Range(before.first(), range.last(), range.deliveryCount()));
        } else {
            ranges.add(range);
        }
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** All offsets below were looked at. */
    long examinedTo() {
        return examinedTo;
    }

    /** What was acquired, with a reference of its own to the batches that hold it. */
    ShareAcquired finish(ByteBuf batches) {
        return isEmpty()
                ? ShareAcquired.NOTHING
                : new ShareAcquired(batches.retainedSlice(firstIndex, endIndex - firstIndex), ranges);
    }
}
