// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Offsets of a lane that match and wait without their bytes: because higher priorities come first, or because their
 * message group is another consumer's now. Compressed; what it takes to deliver one is a second look. Some may not be
 * available any more. Owned by the partition's loop.
 */
final class Parked {
    static final int PRIORITIES = 10;

    private final OffsetSet[] byPriority = new OffsetSet[PRIORITIES];
    private final Map<String, OffsetSet> byGroup = new HashMap<>();
    private long prioritized;

    Parked() {
        for (int i = 0; i < PRIORITIES; i++) {
            byPriority[i] = new OffsetSet();
        }
    }

    /** How many wait for their priority's turn. */
    long prioritized() {
        return prioritized;
    }

    void clear() {
        for (OffsetSet offsets : byPriority) {
            offsets.clear();
        }
        byGroup.clear();
        prioritized = 0;
    }

    void addByPriority(Piece piece) {
        byPriority[piece.priority()].add(piece.firstOffset(), piece.lastOffset());
        prioritized += piece.count();
    }

    /** Takes offsets over that matched and have this priority; none of them is parked already. */
    void addByPriority(int priority, OffsetSet offsets) {
        prioritized += offsets.count();
        byPriority[priority].addAll(offsets);
    }

    /** The least offset that waits; {@link OffsetSet#NONE} for none. */
    long first() {
        long first = OffsetSet.NONE;
        for (OffsetSet offsets : byPriority) {
            first = Math.min(first, offsets.first());
        }
        for (OffsetSet offsets : byGroup.values()) {
            first = Math.min(first, offsets.first());
        }
        return first;
    }

    void addByGroup(String group, Piece piece) {
        byGroup.computeIfAbsent(group, any -> new OffsetSet()).add(piece.firstOffset(), piece.lastOffset());
    }

    boolean hasGroup(@Nullable String group) {
        return group != null && byGroup.containsKey(group);
    }

    /** The highest priority that waits; -1 for none. */
    int highest() {
        for (int i = PRIORITIES - 1; prioritized > 0 && i >= 0; i--) {
            if (!byPriority[i].isEmpty()) {
                return i;
            }
        }
        return -1;
    }

    /** Whether one that waits for its priority's turn is to be delivered before a piece. */
    boolean isBefore(Piece piece) {
        int highest = highest();
        return highest > piece.priority()
                || (highest == piece.priority() && byPriority[highest].first() < piece.firstOffset());
    }

    /** Takes the first of the highest priority away. */
    void takeHighest(long max, GroupPartition.Listener taker) {
        int highest = highest();
        if (highest < 0) {
            return;
        }
        OffsetSet from = byPriority[highest];
        long left = max;
        for (OffsetRange range : from.ranges(0, Long.MAX_VALUE - 1, (int) Math.min(max, Integer.MAX_VALUE))) {
            long last = Math.min(range.last(), range.first() + left - 1);
            from.remove(range.first(), last);
            taker.onAvailable(range.first(), last);
            prioritized -= last - range.first() + 1;
            left -= last - range.first() + 1;
            if (left <= 0) {
                break;
            }
        }
        if (highest() < 0) {
            prioritized = 0; // pieces may have overlapped
        }
    }

    /** Takes the offsets of message groups away. */
    void takeGroups(Predicate<String> which, GroupPartition.Listener taker) {
        Iterator<Map.Entry<String, OffsetSet>> groups = byGroup.entrySet().iterator();
        while (groups.hasNext()) {
            Map.Entry<String, OffsetSet> group = groups.next();
            if (which.test(group.getKey())) {
                groups.remove();
                group.getValue()
                        .ranges(0, Long.MAX_VALUE - 1, Integer.MAX_VALUE)
                        .forEach(range -> taker.onAvailable(range.first(), range.last()));
            }
        }
    }
}
