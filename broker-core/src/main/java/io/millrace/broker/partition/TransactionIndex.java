// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Which transactions of a partition are undecided, and which were aborted. Written by the partition's owner; what readers
 * ask may be asked on any thread.
 *
 * <p>Of the aborted ones the latest are kept, however many there were: reads below {@link #completeFrom} find the others
 * out from the log itself ({@link AbortedScan}).
 */
final class TransactionIndex {
    /** No transaction is undecided. */
    static final long NONE = Long.MAX_VALUE;

    private final int maxAborted;
    /** First offsets of the transactions without a durable marker. */
    private final TreeSet<Long> unstable = new TreeSet<>();

    private final Deque<Ended> ended = new ArrayDeque<>();
    /** By the offset of the marker. */
    private final ConcurrentNavigableMap<Long, AbortedTransaction> aborted = new ConcurrentSkipListMap<>();

    private int abortedCount;
    private volatile long completeFrom;
    private volatile long firstUnstable = NONE;

    private record Ended(long firstOffset, long markerOffset) {}

    /** @param maxAborted how many aborted transactions are kept */
    TransactionIndex(int maxAborted) {
        this.maxAborted = maxAborted;
    }

    /** The first offset of the earliest transaction that is undecided or whose marker is not durable yet. Any thread. */
    long firstUnstable() {
        return firstUnstable;
    }

    /** From this offset on the index has every aborted transaction. Any thread. */
    long completeFrom() {
        return completeFrom;
    }

    /** Aborted transactions with batches or markers in {@code [from, end)}, by their markers. Any thread. */
    List<AbortedTransaction> aborted(long from, long end) {
        List<AbortedTransaction> found = new ArrayList<>();
        for (AbortedTransaction transaction : aborted.tailMap(from, true).values()) {
            if (transaction.firstOffset() < end) {
                found.add(transaction);
            }
        }
        return found;
    }

    /** A transaction's first batch is in the log or about to be. */
    void onOpened(long firstOffset) {
        unstable.add(firstOffset);
        publish();
    }

    /** A transaction's marker is in the log or about to be. */
    void onEnded(long producerId, long firstOffset, long markerOffset, boolean commit) {
        ended.add(new Ended(firstOffset, markerOffset));
        if (!commit) {
            onAborted(new AbortedTransaction(producerId, firstOffset, markerOffset));
        }
    }

    void onAborted(AbortedTransaction transaction) {
        if (aborted.put(transaction.lastOffset(), transaction) == null) {
            abortedCount++;
        }
        while (abortedCount > maxAborted) {
            // The limit first: a reader that misses the entry must know that it has to look elsewhere.
            completeFrom = aborted.firstKey() + 1;
            aborted.pollFirstEntry();
            abortedCount--;
        }
    }

    void completeFrom(long offset) {
        completeFrom = Math.max(completeFrom, offset);
    }

    /** Markers below {@code highWatermark} are durable. */
    void onHighWatermark(long highWatermark) {
        boolean changed = false;
        while (!ended.isEmpty() && ended.peek().markerOffset < highWatermark) {
            unstable.remove(ended.remove().firstOffset);
            changed = true;
        }
        if (changed) {
            publish();
        }
    }

    /** Forgets what lies below the log's start. */
    void trimTo(long startOffset) {
        while (!aborted.isEmpty() && aborted.firstKey() < startOffset) {
            aborted.pollFirstEntry();
            abortedCount--;
        }
    }

    /** Those that are kept, by their markers. */
    Iterable<AbortedTransaction> kept() {
        return aborted.values();
    }

    private void publish() {
        firstUnstable = unstable.isEmpty() ? NONE : unstable.first();
    }
}
