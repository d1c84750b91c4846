// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The newest committed bundles of one partition, so that a bundle sent again gets the first answer. Owned by the
 * partition's loop.
 */
final class BundleOutcomes {
    private final PartitionId partition;
    private final int capacity;
    private final BundleIndex index;
    private final Map<UUID, List<Long>> baseOffsets = new LinkedHashMap<>();

    BundleOutcomes(PartitionId partition, int capacity, BundleIndex index) {
        this.partition = partition;
        this.capacity = capacity;
        this.index = index;
    }

    /** The base offsets of a committed bundle's sends; {@code null} when it is not remembered. */
    @Nullable
    List<Long> find(UUID bundle) {
        return baseOffsets.get(bundle);
    }

    void add(UUID bundle, List<Long> offsets) {
        baseOffsets.putIfAbsent(bundle, offsets);
        index.add(bundle, partition);
        Iterator<UUID> oldest = baseOffsets.keySet().iterator();
        while (baseOffsets.size() > capacity) {
            UUID forgotten = oldest.next();
            oldest.remove();
            index.remove(forgotten, partition);
        }
    }

    Map<UUID, List<Long>> all() {
        return baseOffsets;
    }

    void clear() {
        baseOffsets.keySet().forEach(bundle -> index.remove(bundle, partition));
        baseOffsets.clear();
    }
}
