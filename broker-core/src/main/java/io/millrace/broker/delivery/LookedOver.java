// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers of lanes that are gone how far the log was looked over for their filters: the next consumer with the same
 * one need not look over what matches nothing. A bounded number of them, the least recently used are forgotten. Owned
 * by the partition's loop.
 */
final class LookedOver {
    private static final int MAX_FILTERS = 64;
    /** Longer selectors are not remembered: bounds the memory. */
    private static final int MAX_SELECTOR = 1_024;

    private final Map<ConsumerFilter, Long> positions = new LinkedHashMap<>(16, 0.75f, true);

    /** Below {@code position} nothing that is available matches. */
    void remember(ConsumerFilter filter, long position) {
        String selector = filter.selector();
        if (selector != null && selector.length() > MAX_SELECTOR) {
            return;
        }
        positions.put(filter, position);
        if (positions.size() > MAX_FILTERS) {
            positions.remove(positions.keySet().iterator().next());
        }
    }

    /** Where to begin looking for a filter: at {@code start} or above. */
    long takePosition(ConsumerFilter filter, long start) {
        Long known = positions.remove(filter);
        return known == null ? start : Math.max(start, known);
    }

    /** Offsets from this one on may have become available. */
    void onAvailable(long first) {
        if (!positions.isEmpty()) {
            positions.replaceAll((filter, position) -> Math.min(position, first));
        }
    }

    void clear() {
        positions.clear();
    }
}
