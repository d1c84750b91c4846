// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Offsets from {@code first} to {@code last}, both inclusive. */
record OffsetRange(long first, long last) {
    OffsetRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("offsets " + first + " to " + last + " are not a range");
        }
    }

    long count() {
        return last - first + 1;
    }

    /** The same offsets as ranges that ascend and do not touch each other. */
    static List<OffsetRange> joined(List<OffsetRange> ranges) {
        List<OffsetRange> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(OffsetRange::first));
        List<OffsetRange> joined = new ArrayList<>();
        for (OffsetRange range : sorted) {
            int end = joined.size() - 1;
            if (end >= 0 && range.first() <= joined.get(end).last() + 1) {
                OffsetRange before = joined.get(end);
                joined.set(end, new OffsetRange(before.first(), Math.max(before.last(), range.last())));
            } else {
                joined.add(range);
            }
        }
        return joined;
    }
}
