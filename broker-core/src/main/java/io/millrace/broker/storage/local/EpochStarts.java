// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The leader epochs that batches carry, and the offset of the first batch of each. Recovery tells from them which epochs
 * began after {@code meta} was last written. One use, by one thread.
 */
final class EpochStarts {
    private final NavigableMap<Integer, Long> starts = new TreeMap<>();

    /** Batches come in the order of their offsets. */
    void see(int epoch, long baseOffset) {
        Map.Entry<Integer, Long> last = starts.lastEntry();
        if (last == null || epoch > last.getKey()) {
            starts.put(epoch, baseOffset);
        }
    }

    /** Those above {@code epoch}, ascending. */
    NavigableMap<Integer, Long> above(int epoch) {
        return starts.tailMap(epoch, false);
    }
}
