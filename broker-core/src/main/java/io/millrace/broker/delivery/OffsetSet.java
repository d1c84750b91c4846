// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.roaringbitmap.RoaringBitmap;

/** A compressed set of offsets: memory grows with what a bitmap or its runs take, not with a number each. Not thread-safe. */
final class OffsetSet {
    /** No offset: above every one. */
    static final long NONE = Long.MAX_VALUE;

    private static final int PART_BITS = 31;
    private static final long PART_MASK = (1L << PART_BITS) - 1;

    private final TreeMap<Long, RoaringBitmap> parts = new TreeMap<>();

    boolean isEmpty() {
        return parts.isEmpty();
    }

    long count() {
        long count = 0;
        for (RoaringBitmap part : parts.values()) {
            count += part.getLongCardinality();
        }
        return count;
    }

    boolean contains(long offset) {
        RoaringBitmap part = parts.get(offset >>> PART_BITS);
        return part != null && part.contains((int) (offset & PART_MASK));
    }

    void add(long first, long last) {
        for (long part = first >>> PART_BITS; part <= last >>> PART_BITS; part++) {
            long start = part << PART_BITS;
            long from = Math.max(first, start) - start;
            long to = Math.min(last - start, PART_MASK);
            parts.computeIfAbsent(part, any -> new RoaringBitmap()).add(from, to + 1);
        }
    }

    void addAll(OffsetSet other) {
        other.parts.forEach((part, bits) ->
                parts.computeIfAbsent(part, any -> new RoaringBitmap()).or(bits));
    }

    void remove(long first, long last) {
        if (parts.isEmpty() || last < first) {
            return;
        }
        Iterator<Map.Entry<Long, RoaringBitmap>> entries = parts.subMap(
                        first >>> PART_BITS, true, last >>> PART_BITS, true)
                .entrySet()
                .iterator();
        while (entries.hasNext()) {
            Map.Entry<Long, RoaringBitmap> entry = entries.next();
            long start = entry.getKey() << PART_BITS;
            entry.getValue().remove(Math.max(first, start) - start, Math.min(last - start, PART_MASK) + 1);
            if (entry.getValue().isEmpty()) {
                entries.remove();
            }
        }
    }

    void clear() {
        parts.clear();
    }

    /** The least member, or {@link #NONE}. */
    long first() {
        return nextIn(0);
    }

    /** The least member at or above {@code from}, or {@link #NONE}. */
    long nextIn(long from) {
        for (Map.Entry<Long, RoaringBitmap> entry :
                parts.tailMap(from >>> PART_BITS, true).entrySet()) {
            long start = entry.getKey() << PART_BITS;
            long next = entry.getValue().nextValue((int) Math.max(0, from - start));
            if (next >= 0) {
                return start + next;
            }
        }
        return NONE;
    }

    /** The least offset at or above {@code from} that is no member. */
    long nextOut(long from) {
        long at = from;
        while (true) {
            RoaringBitmap part = parts.get(at >>> PART_BITS);
            if (part == null) {
                return at;
            }
            long next = part.nextAbsentValue((int) (at & PART_MASK));
            long start = at & ~PART_MASK;
            if (next <= PART_MASK) {
                return start + next;
            }
            at = start + PART_MASK + 1;
        }
    }

    /** The members of a range, least first, as at most {@code maxRanges} ranges. */
    List<OffsetRange> ranges(long first, long last, int maxRanges) {
        List<OffsetRange> ranges = new ArrayList<>();
        for (long at = nextIn(first); at <= last && at != NONE && ranges.size() < maxRanges; ) {
            long end = Math.min(nextOut(at), last + 1);
            ranges.add(new OffsetRange(at, end - 1));
            at = nextIn(end);
        }
        return ranges;
    }

    /** The members of a range, as a set of their own. */
    OffsetSet within(long first, long last) {
        OffsetSet subset = new OffsetSet();
        for (OffsetRange range : ranges(first, last, Integer.MAX_VALUE)) {
            subset.add(range.first(), range.last());
        }
        return subset;
    }
}
