// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Offsets that are not to be delivered before a time, in buckets of one wake-up time each. Times are milliseconds since
 * the epoch. Not thread-safe.
 *
 * <p>A record's delivery time stands in the record, so its bucket may be coarse: it wakes at or before the time, the
 * record is looked at again and, being early, put into a narrower bucket. Widths shrink with the distance, so a million
 * delayed records take a few hundred compressed sets and each is looked at again a handful of times. A redelivery's
 * time stands nowhere else: its bucket wakes at or after it.
 */
final class DelayIndex {
    /** How much later than asked for a delayed record may become available. */
    static final int GRAIN_MS = 10;

    private static final int BUCKETS_PER_OCTAVE = 8;
    private static final int NEAR_MS = 1_000;

    private final TreeMap<Long, OffsetSet> buckets = new TreeMap<>();
    private final OffsetSet all = new OffsetSet();

    /** When to look again at a record that must not be delivered before {@code dueMs}. */
    static long lookAgainMs(long dueMs, long nowMs) {
        long distance = dueMs - nowMs;
        if (distance <= NEAR_MS) {
            return roundUp(dueMs, GRAIN_MS);
        }
        long width = Long.highestOneBit(distance / BUCKETS_PER_OCTAVE);
        return Math.max(nowMs + 1, dueMs / width * width);
    }

    /** When a record may be redelivered at the soonest; never before {@code dueMs}. */
    static long redeliverMs(long dueMs, long nowMs) {
        long grain = Math.max(GRAIN_MS, Long.highestOneBit(Math.max(1, (dueMs - nowMs) / 256)));
        return roundUp(dueMs, grain);
    }

    private static long roundUp(long timeMs, long grain) {
        long up = timeMs > Long.MAX_VALUE - grain ? timeMs : timeMs + grain - 1;
        return up / grain * grain;
    }

    void add(long first, long last, long wakeMs) {
        buckets.computeIfAbsent(wakeMs, any -> new OffsetSet()).add(first, last);
        all.add(first, last);
    }

    /** Forgets offsets; they are not delayed again later. */
    void remove(long first, long last) {
        all.remove(first, last);
    }

    void clear() {
        buckets.clear();
        all.clear();
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    long count() {
        return all.count();
    }

    /** Whether an offset is delayed. */
    boolean contains(long offset) {
        return all.contains(offset);
    }

    /** The least delayed offset at or above, or {@link OffsetSet#NONE}. */
    long nextIn(long offset) {
        return all.nextIn(offset);
    }

    /** The least offset at or above that is not delayed. */
    long nextOut(long offset) {
        return all.nextOut(offset);
    }

    /** When the next bucket wakes; {@link Long#MAX_VALUE} for never. */
    long nextWakeMs() {
        return buckets.isEmpty() ? Long.MAX_VALUE : buckets.firstKey();
    }

    /** Takes away, and hands out in order, what need not wait any longer. */
    void wake(long nowMs, BiConsumer<Long, Long> woken) {
        while (!buckets.isEmpty() && buckets.firstKey() <= nowMs) {
            Map.Entry<Long, OffsetSet> due = buckets.pollFirstEntry();
            for (OffsetRange range : due.getValue().ranges(0, Long.MAX_VALUE - 1, Integer.MAX_VALUE)) {
                for (OffsetRange still : all.ranges(range.first(), range.last(), Integer.MAX_VALUE)) {
                    all.remove(still.first(), still.last());
                    woken.accept(still.first(), still.last());
                }
            }
        }
    }

    /** Hands out each bucket's wake-up time and offsets; some of those may not be delayed any more. */
    void forEachBucket(BiConsumer<Long, OffsetSet> visitor) {
        buckets.forEach(visitor);
    }
}
