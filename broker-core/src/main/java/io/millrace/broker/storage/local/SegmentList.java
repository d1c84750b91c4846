// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.util.ArrayList;
import java.util.List;

/** The segments of a log, ascending. Immutable: a change makes a new list, so that a reader sees all of it or nothing. */
final class SegmentList {
    static final SegmentList EMPTY = new SegmentList(List.of());

    private final List<Segment> segments;

    private SegmentList(List<Segment> segments) {
        this.segments = segments;
    }

    static SegmentList of(List<Segment> ascending) {
        return new SegmentList(List.copyOf(ascending));
    }

    int size() {
        return segments.size();
    }

    Segment get(int index) {
        return segments.get(index);
    }

    List<Segment> all() {
        return segments;
    }

    /** The index of the last segment that starts at or below {@code offset}; -1 when none does. */
    int floor(long offset) {
        int low = -1;
        int high = segments.size();
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (segments.get(middle).baseOffset() <= offset) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** With one more segment at the end. */
    SegmentList plus(Segment segment) {
        List<Segment> more = new ArrayList<>(segments);
        more.add(segment);
        return of(more);
    }

    SegmentList minus(List<Segment> gone) {
        List<Segment> fewer = new ArrayList<>(segments);
        fewer.removeAll(gone);
        return of(fewer);
    }

    /** With {@code replacement} in the place of {@code old}, which are neighbours. */
    SegmentList replace(List<Segment> old, Segment replacement) {
        List<Segment> changed = new ArrayList<>(segments);
        int at = changed.indexOf(old.get(0));
        changed.removeAll(old);
        changed.add(at, replacement);
        return of(changed);
    }

    /** One above the last offset that the segment at {@code index} stands for: where the next one starts. */
    long endOffset(int index, long logEnd) {
        return index + 1 < segments.size() ? segments.get(index + 1).baseOffset() : logEnd;
    }
}
