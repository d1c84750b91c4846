// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.Commit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The decisions that this broker remembers, as far as their partitions serve. Safe for any thread. */
final class DecisionIndex {
    private final Map<UUID, Decision> decisions = new ConcurrentHashMap<>();
    private final Set<UUID> applied = ConcurrentHashMap.newKeySet();

    /**
     * A bundle that is committed.
     *
     * @param partition where that is recorded
     * @param participants who has to apply it
     */
    record Decision(PartitionId partition, List<Commit.Participant> participants) {}

    Map<UUID, Decision> all() {
        return Map.copyOf(decisions);
    }

    /** Whether a decision in a topic is still to be applied somewhere. */
    boolean names(UUID topicId) {
        return decisions.entrySet().stream()
                .anyMatch(one -> one.getValue().partition.topicId().equals(topicId) && !applied.contains(one.getKey()));
    }

    /** Every participant has applied it; it is remembered for the client only. */
    void onApplied(UUID bundle) {
        if (decisions.containsKey(bundle)) {
            applied.add(bundle);
        }
    }

    boolean isApplied(UUID bundle) {
        return applied.contains(bundle);
    }

    void put(UUID bundle, Decision decision) {
        decisions.put(bundle, decision);
    }

    void remove(UUID bundle) {
        decisions.remove(bundle);
        applied.remove(bundle);
    }
}
