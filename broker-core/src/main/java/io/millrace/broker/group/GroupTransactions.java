// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which groups of a {@link GroupShard} have offsets in a producer's undecided transaction, and how often its transactions
 * ended. Owner loop only.
 */
final class GroupTransactions {
    /** Far more than there are transactions between the coordinator's yes and the commit of their offsets. */
    private static final int MAX_ENDINGS = 10_000;

    private final Map<Long, Set<String>> groups = new HashMap<>();
    /** Of the producers heard of last. */
    private final Map<Long, Long> endings = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
            return size() > MAX_ENDINGS;
        }
    };

    /** Changes with each end of a transaction of the producer. */
    long ticket(long producerId) {
        return endings.getOrDefault(producerId, 0L);
    }

    void onEnd(long producerId) {
        endings.merge(producerId, 1L, Long::sum);
    }

    /** A group has offsets in the producer's transaction. */
    void onPending(long producerId, String groupId) {
        groups.computeIfAbsent(producerId, id -> new HashSet<>()).add(groupId);
    }

    /** The groups of the producer's transaction; some may have been deleted since. */
    Set<String> groupsOf(long producerId) {
        return groups.getOrDefault(producerId, Set.of());
    }

    /** The transaction was decided. */
    void remove(long producerId) {
        groups.remove(producerId);
    }
}
