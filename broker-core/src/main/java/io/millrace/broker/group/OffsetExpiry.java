// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.ClusterView;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which committed offsets have been of no use for so long that they go (KIP-211): all of a group that has been empty,
 * and those of topics that a group with members does not subscribe to.
 *
 * @param retentionMs how long they stay, milliseconds
 */
record OffsetExpiry(long retentionMs) {

    /**
     * Appends what removes a group's expired offsets, and the group itself where nothing is left of it.
     *
     * @return the number of offsets that go
     */
    int expire(GroupEntry entry, ClusterView view, Outcome out) {
        Group group = entry.group();
        Predicate<String> subscription = group.subscription();
        Set<OffsetKey> expired = new HashSet<>();
        entry.offsets().all().forEach((key, offset) -> {
            String topic = view.topicNames().get(key.topicId());
            boolean used = topic != null && subscription.test(topic);
            long unusedSinceMs = used ? Long.MAX_VALUE : group.unusedSinceMs(offset);
            if (unusedSinceMs != Long.MAX_VALUE && out.wallMs() - unusedSinceMs >= retentionMs) {
                expired.add(key);
            }
        });
        // A share group's offsets are with its partitions, and stay until somebody deletes it.
        if (group.isEmpty()
                && !(group instanceof ShareGroup)
                && !entry.offsets().hasPending()
                && expired.size() == entry.offsets().size()) {
            out.append(new GroupRecord.Removed(group.groupId()));
        } else if (!expired.isEmpty()) {
            entry.offsets().remove(group.groupId(), expired, out);
        }
        return expired.size();
    }
}
