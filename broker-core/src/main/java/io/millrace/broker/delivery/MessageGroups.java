// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which consumer has records of which JMSXGroupID in flight: only that one gets more of them; and nobody while one waits
 * for its redelivery, which comes first. Not thread-safe.
 */
final class MessageGroups {
    private final Map<String, Owner> owners = new HashMap<>();
    private final Map<String, Long> waiting = new HashMap<>();

    private static final class Owner {
        private final Holder holder;
        private long inFlight;

        Owner(Holder holder) {
            this.holder = holder;
        }
    }

    /** Whether a consumer may get records of a group. */
    boolean isOpenTo(Holder holder, @Nullable String group) {
        Owner owner = group == null ? null : owners.get(group);
        return (owner == null || owner.holder.equals(holder)) && (group == null || !waiting.containsKey(group));
    }

    /** Whether no record of a group is in flight or waits for its redelivery. */
    boolean isFree(String group) {
        return !owners.containsKey(group) && !waiting.containsKey(group);
    }

    /** Records of a group wait for their redelivery. */
    void hold(String group, long count) {
        waiting.merge(group, count, Long::sum);
    }

    /** They do not any longer. */
    void letGo(String group, long count) {
        waiting.computeIfPresent(group, (any, before) -> before > count ? before - count : null);
    }

    void enter(Holder holder, @Nullable String group, long count) {
        if (group != null) {
            owners.computeIfAbsent(group, any -> new Owner(holder)).inFlight += count;
        }
    }

    void leave(@Nullable String group, long count) {
        Owner owner = group == null ? null : owners.get(group);
        if (owner != null) {
            owner.inFlight -= count;
            if (owner.inFlight <= 0) {
                owners.remove(group);
            }
        }
    }
}
