// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/**
 * The offsets a group has finished with: all below the low watermark, and a compressed set of those above it. Not
 * thread-safe.
 */
final class FinalOffsets {
    /** How far above the low watermark an offset may be; the set is a 32-bit one, relative to a base below it. */
    static final long WINDOW = 1L << 31;

    private static final long REBASE_AT = 1L << 30;

    private long low;
    private long base;
    private RoaringBitmap above = new RoaringBitmap();

    FinalOffsets(long lowWatermark) {
        low = lowWatermark;
        base = lowWatermark;
    }

    /** The first offset that is not final. */
    long lowWatermark() {
        return low;
    }

    boolean contains(long offset) {
        return offset < low || (offset - base < 1L << 32 && above.contains((int) (offset - base)));
    }

    /** Adds a range; parts of it may be final already. */
    void add(long first, long last) {
        if (last < low) {
            return;
        }
        long from = Math.max(first, low);
        if (from == low) {
            advance(last + 1);
            return;
        }
        if (last - low >= WINDOW) {
            throw new IllegalStateException("offset " + last + " is too far above the low watermark " + low);
        }
        above.add(from - base, last - base + 1);
    }

    private void advance(long to) {
        if (to - base >= 1L << 32) {
            above.clear();
            base = to;
            low = to;
            return;
        }
        long next = above.isEmpty() ? to : base + above.nextAbsentValue((int) (to - base));
        above.remove(low - base, next - base);
        low = next;
        if (above.isEmpty()) {
            base = low;
        } else if (low - base >= REBASE_AT) {
            above = RoaringBitmap.addOffset(above, base - low);
            base = low;
        }
    }

    /** Whether none above the low watermark is final. */
    boolean isContiguous() {
        return above.isEmpty();
    }

    /** How many offsets above the low watermark are final. */
    long countAbove() {
        return above.getLongCardinality();
    }

    /** The final ranges above the low watermark, in order. */
    List<OffsetRange> rangesAbove() {
        List<OffsetRange> ranges = new ArrayList<>();
        long next = above.isEmpty() ? -1 : above.nextValue(0);
        while (next >= 0) {
            long end = above.nextAbsentValue((int) next);
            ranges.add(new OffsetRange(base + next, base + end - 1));
            next = end >= 1L << 32 ? -1 : above.nextValue((int) end);
        }
        return ranges;
    }

    /** The least final offset at or above {@code from}, which is at or above the low watermark; or {@code Long.MAX_VALUE}. */
    long nextFinal(long from) {
        long set = above.isEmpty() || from - base >= 1L << 32 ? -1 : above.nextValue((int) (from - base));
        return set < 0 ? Long.MAX_VALUE : base + set;
    }

    /** The parts of a range that are not final, in order. */
    List<OffsetRange> missing(long first, long last) {
        return missing(first, last, Integer.MAX_VALUE);
    }

    /** The parts of a range that are not final, in order: the first {@code max} of them. */
    List<OffsetRange> missing(long first, long last, int max) {
        List<OffsetRange> ranges = new ArrayList<>();
        long at = Math.max(first, low);
        while (at <= last && ranges.size() < max) {
            long start = contains(at) ? base + above.nextAbsentValue((int) (at - base)) : at;
            if (start > last) {
                break;
            }
            long set = start - base < 1L << 32 ? above.nextValue((int) (start - base)) : -1;
            long end = set < 0 ? last : Math.min(last, base + set - 1);
            ranges.add(new OffsetRange(start, end));
            at = end + 1;
        }
        return ranges;
    }

    /** Bytes the set takes, roughly. */
    long sizeBytes() {
        return above.getLongSizeInBytes();
    }
}
