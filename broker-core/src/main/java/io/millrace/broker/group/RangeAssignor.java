// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;

/**
 * Gives each subscriber of a topic a run of its partitions, so that topics with the same subscribers and partition
 * counts are shared out alike (co-partitioning). The first ones get one more where it does not come out even.
 */
final class RangeAssignor implements Assignor {

    @Override
    public String name() {
        return "range";
    }

    @Override
    public Map<String, PartitionSet> assign(SortedMap<String, Subscriber> members) {
        Map<UUID, Integer> counts = new HashMap<>();
        Map<UUID, List<String>> subscribers = new HashMap<>();
        Map<String, PartitionSet.Builder> shares = new LinkedHashMap<>();
        members.entrySet().stream()
                .sorted(Comparator.comparing(member -> member.getValue().order()))
                .forEach(member -> {
                    shares.put(member.getKey(), new PartitionSet.Builder());
                    member.getValue().topics().forEach((topicId, count) -> {
                        counts.put(topicId, count);
                        subscribers
                                .computeIfAbsent(topicId, id -> new ArrayList<>())
                                .add(member.getKey());
                    });
                });
        subscribers.forEach((topicId, ids) -> share(topicId, counts.getOrDefault(topicId, 0), ids, shares));
        Map<String, PartitionSet> assigned = new HashMap<>();
        shares.forEach((memberId, share) -> assigned.put(memberId, share.build()));
        return assigned;
    }

    private static void share(
            UUID topicId, int partitions, List<String> memberIds, Map<String, PartitionSet.Builder> shares) {
        int each = partitions / memberIds.size();
        int oneMore = partitions % memberIds.size();
        int next = 0;
        for (int i = 0; i < memberIds.size(); i++) {
            int end = next + each + (i < oneMore ? 1 : 0);
            PartitionSet.Builder share = shares.get(memberIds.get(i));
            for (; next < end && share != null; next++) {
                share.add(topicId, next);
            }
        }
    }
}
