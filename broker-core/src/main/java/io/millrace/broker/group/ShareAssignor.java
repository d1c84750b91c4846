// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Shares partitions out in a share group (KIP-932, {@code simple}): every partition has a member, every member has a
 * partition that it subscribes to. With no more members than partitions each partition has one member, as even as the
 * subscriptions allow; members beyond that join those partitions that fewest read. Moves as few as it can.
 */
final class ShareAssignor implements Assignor {
    private static final int[] NONE = {};

    private final Assignor owners = new UniformAssignor();

    @Override
    public String name() {
        return "simple";
    }

    @Override
    public Map<String, PartitionSet> assign(SortedMap<String, Subscriber> members) {
        Map<String, PartitionSet> shares = new HashMap<>(owners.assign(members));
        Readers readers = new Readers(members.values());
        shares.values().forEach(readers::add);
        SortedMap<String, Subscriber> idle = new TreeMap<>(members);
        idle.keySet()
                .removeIf(memberId ->
                        !shares.getOrDefault(memberId, PartitionSet.EMPTY).isEmpty());
        int most = readers.most(members.size());
        idle.entrySet().removeIf(member -> {
            PartitionSet kept = readers.before(member.getValue(), most);
            readers.add(kept);
            shares.put(member.getKey(), kept);
            return !kept.isEmpty();
        });
        idle.forEach((memberId, member) -> {
            PartitionSet joined = readers.fewest(member);
            readers.add(joined);
            shares.put(memberId, joined);
        });
        return shares;
    }

    /** How many members read each partition. */
    private static final class Readers {
        private final SortedMap<UUID, int[]> counts = new TreeMap<>();

        Readers(Collection<Subscriber> members) {
            members.forEach(member -> member.topics()
                    .forEach((topicId, partitions) -> counts.computeIfAbsent(topicId, id -> new int[partitions])));
        }

        void add(PartitionSet share) {
            for (UUID topicId : share.topicIds()) {
                int[] readers = of(topicId);
                share.partitions(topicId).forEach(index -> readers[index]++);
            }
        }

        private int[] of(UUID topicId) {
            return counts.getOrDefault(topicId, NONE);
        }

        /** The most readers of one partition when members are spread evenly. */
        int most(int members) {
            int partitions =
                    counts.values().stream().mapToInt(readers -> readers.length).sum();
            return partitions == 0 ? 0 : (members + partitions - 1) / partitions;
        }

        /** A partition that the member shared before and that fewer than {@code most} read; none when there is none. */
        PartitionSet before(Subscriber member, int most) {
            for (UUID topicId : member.before().topicIds()) {
                int partitions = member.topics().getOrDefault(topicId, 0);
                for (int index : member.before().partitions(topicId)) {
                    if (index < partitions && of(topicId)[index] < most) {
                        return one(topicId, index);
                    }
                }
            }
            return PartitionSet.EMPTY;
        }

        /** The partition of the member's topics that fewest read; none when these have none. */
        PartitionSet fewest(Subscriber member) {
            PartitionSet best = PartitionSet.EMPTY;
            int fewest = Integer.MAX_VALUE;
            for (UUID topicId : new TreeSet<>(member.topics().keySet())) {
                int[] readers = of(topicId);
                for (int index = 0; index < readers.length; index++) {
                    if (readers[index] < fewest) {
                        fewest = readers[index];
                        best = one(topicId, index);
                    }
                }
            }
            return best;
        }

        private static PartitionSet one(UUID topicId, int index) {
            return new PartitionSet.Builder().add(topicId, index).build();
        }
    }
}
