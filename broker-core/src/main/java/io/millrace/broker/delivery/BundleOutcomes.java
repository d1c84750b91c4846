// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.BundleIds;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Committed bundles of one partition, so that a bundle sent again gets the first answer: the newest, and the last one of
 * each session whatever the others have committed since, for as many sessions. Owned by the partition's loop.
 */
final class BundleOutcomes {
    private final PartitionId partition;
    private final int capacity;
    private final BundleIndex index;
    /** In the order in which they were committed, as a snapshot must hand them out to lead to the same. */
    private final Map<UUID, List<Long>> baseOffsets = new LinkedHashMap<>();

    private final Set<UUID> newest = new LinkedHashSet<>();
    private final Map<Long, UUID> lastOfSessions = new LinkedHashMap<>();

    /** @param capacity how many of the newest, and of how many sessions the last one */
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
        if (baseOffsets.putIfAbsent(bundle, offsets) != null) {
            return;
        }
        index.add(bundle, partition);
        newest.add(bundle);
        if (BundleIds.saysSession(bundle)) {
            keepAsLast(bundle);
        }
        if (newest.size() > capacity) {
            Iterator<UUID> oldest = newest.iterator();
            UUID former = oldest.next();
            oldest.remove();
            forgetUnlessKept(former);
        }
    }

    private void keepAsLast(UUID bundle) {
        long session = BundleIds.session(bundle);
        UUID former = lastOfSessions.get(session);
        if (former != null && BundleIds.number(former) > BundleIds.number(bundle)) {
            return;
        }
        lastOfSessions.remove(session); // goes behind the others
        lastOfSessions.put(session, bundle);
        if (former == null && lastOfSessions.size() > capacity) {
            Iterator<UUID> oldest = lastOfSessions.values().iterator();
            former = oldest.next();
            oldest.remove();
        }
        if (former != null) {
            forgetUnlessKept(former);
        }
    }

    private void forgetUnlessKept(UUID bundle) {
        if (!newest.contains(bundle) && !bundle.equals(lastOfSessions.get(BundleIds.session(bundle)))) {
            baseOffsets.remove(bundle);
            index.remove(bundle, partition);
        }
    }

    Map<UUID, List<Long>> all() {
        return baseOffsets;
    }

    void clear() {
        baseOffsets.keySet().forEach(bundle -> index.remove(bundle, partition));
        baseOffsets.clear();
        newest.clear();
        lastOfSessions.clear();
    }
}
