// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The indexes of sealed segments that were used last, bounded in bytes for a whole store. Any thread. */
final class IndexCache {
    private final long maxBytes;
    private final Map<Segment, SparseIndex> indexes = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    IndexCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    synchronized @Nullable SparseIndex get(Segment segment) {
        return indexes.get(segment);
    }

    synchronized void put(Segment segment, SparseIndex index) {
        remove(segment);
        indexes.put(segment, index);
        bytes += index.memoryBytes();
        Iterator<SparseIndex> oldest = indexes.values().iterator();
        while (bytes > maxBytes && indexes.size() > 1 && oldest.hasNext()) {
            bytes -= oldest.next().memoryBytes();
            oldest.remove();
        }
    }

    synchronized void remove(Segment segment) {
        SparseIndex known = indexes.remove(segment);
        if (known != null) {
            bytes -= known.memoryBytes();
        }
    }
}
