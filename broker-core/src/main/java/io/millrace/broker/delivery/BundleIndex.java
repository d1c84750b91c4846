// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Which partition of this broker remembers the outcome of a bundle. Safe for any thread. */
final class BundleIndex {
    private final Map<UUID, PartitionId> partitions = new ConcurrentHashMap<>();

    @Nullable
    PartitionId find(UUID bundle) {
        return partitions.get(bundle);
    }

    void add(UUID bundle, PartitionId partition) {
        partitions.put(bundle, partition);
    }

    void remove(UUID bundle, PartitionId partition) {
        partitions.remove(bundle, partition);
    }
}
