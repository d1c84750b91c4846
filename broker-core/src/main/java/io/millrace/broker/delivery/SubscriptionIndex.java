// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Where the durable subscriptions of this broker are: by name, what the state of each serving partition says of it. The
 * partitions' machines write it; a partition that is lost for a while keeps its entries until it serves again. Safe for any
 * thread.
 */
final class SubscriptionIndex {
    private final Map<String, Map<PartitionId, SubscriptionSpec>> byName = new HashMap<>();
    private final Map<PartitionId, Set<GroupKey>> byPartition = new HashMap<>();

    /** What is known of this subscription; empty when there is none. */
    synchronized Map<PartitionId, SubscriptionSpec> find(GroupKey key) {
        return Map.copyOf(byName.getOrDefault(key.reservedName(), Map.of()));
    }

    /** The subscriptions that some partition of a topic knows. */
    synchronized List<GroupKey> ofTopic(UUID topicId) {
        Set<GroupKey> found = new HashSet<>();
        byPartition.forEach((partition, keys) -> {
            if (partition.topicId().equals(topicId)) {
                found.addAll(keys);
            }
        });
        return List.copyOf(found);
    }

    synchronized void add(PartitionId partition, SubscriptionSpec spec) {
        byName.computeIfAbsent(spec.key().reservedName(), any -> new HashMap<>())
                .put(partition, spec);
        byPartition.computeIfAbsent(partition, any -> new HashSet<>()).add(spec.key());
    }

    synchronized void remove(PartitionId partition, GroupKey key) {
        Set<GroupKey> keys = byPartition.get(partition);
        if (keys != null && keys.remove(key)) {
            forget(partition, key);
            if (keys.isEmpty()) {
                byPartition.remove(partition);
            }
        }
    }

    /** A partition was replayed: these are its subscriptions. */
    synchronized void replace(PartitionId partition, Collection<SubscriptionSpec> specs) {
        clear(partition);
        specs.forEach(spec -> add(partition, spec));
    }

    /** Forgets a partition. */
    synchronized void clear(PartitionId partition) {
        Set<GroupKey> keys = byPartition.remove(partition);
        if (keys != null) {
            new ArrayList<>(keys).forEach(key -> forget(partition, key));
        }
    }

    private void forget(PartitionId partition, GroupKey key) {
        Map<PartitionId, SubscriptionSpec> known = byName.get(key.reservedName());
        if (known != null) {
            known.remove(partition);
            if (known.isEmpty()) {
                byName.remove(key.reservedName());
            }
        }
    }
}
