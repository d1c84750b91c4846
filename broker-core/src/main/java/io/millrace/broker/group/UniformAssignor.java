// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Gives members as equal numbers of partitions as their subscriptions allow and moves as few as it can: everybody keeps
 * what it had, what nobody has goes to whoever has least, then the fullest hand over to the emptiest until no single
 * move helps. With equal subscriptions no two members differ by more than one.
 */
final class UniformAssignor implements Assignor {

    @Override
    public String name() {
        return "uniform";
    }

    @Override
    public Map<String, PartitionSet> assign(SortedMap<String, Subscriber> members) {
        Distribution distribution = new Distribution(members);
        distribution.keep();
        distribution.shareOutTheRest();
        distribution.level();
        return distribution.result();
    }

    private record TopicPartition(UUID topicId, int index) implements Comparable<TopicPartition> {
        private static final Comparator<TopicPartition> ORDER =
                Comparator.comparing(TopicPartition::topicId).thenComparingInt(TopicPartition::index);

        @Override
        public int compareTo(TopicPartition other) {
            return ORDER.compare(this, other);
        }
    }

    /** One member's share in the making. */
    private static final class Share {
        private static final Comparator<Share> EMPTIEST_FIRST =
                Comparator.comparingInt(Share::size).thenComparing(share -> share.memberId);

        private final String memberId;
        private final Subscriber member;
        private final TreeSet<TopicPartition> partitions = new TreeSet<>();
        /** All members with the same subscription, this one too, the emptiest first. */
        private final NavigableSet<Share> peers;

        Share(String memberId, Subscriber member, NavigableSet<Share> peers) {
            this.memberId = memberId;
            this.member = member;
            this.peers = peers;
        }

        int size() {
            return partitions.size();
        }

        void add(TopicPartition partition) {
            peers.remove(this);
            partitions.add(partition);
            peers.add(this);
        }

        void remove(TopicPartition partition) {
            peers.remove(this);
            partitions.remove(partition);
            peers.add(this);
        }
    }

    /** One assignment in the making. */
    private static final class Distribution {
        private final List<Share> shares = new ArrayList<>();
        private final Map<UUID, Integer> counts = new TreeMap<>();
        /** Who may have a topic's partitions: one set for each subscription that names it. */
        private final Map<UUID, List<NavigableSet<Share>>> takers = new HashMap<>();

        private final Set<TopicPartition> taken = new HashSet<>();

        Distribution(SortedMap<String, Subscriber> members) {
            Map<Set<UUID>, NavigableSet<Share>> bySubscription = new HashMap<>();
            members.forEach((memberId, member) -> {
                Set<UUID> topics = member.topics().keySet();
                NavigableSet<Share> peers =
                        bySubscription.computeIfAbsent(topics, key -> new TreeSet<>(Share.EMPTIEST_FIRST));
                if (peers.isEmpty()) {
                    topics.forEach(topicId -> takers.computeIfAbsent(topicId, id -> new ArrayList<>())
                            .add(peers));
                }
                Share share = new Share(memberId, member, peers);
                peers.add(share);
                shares.add(share);
                counts.putAll(member.topics());
            });
        }

        void keep() {
            for (Share share : shares) {
                for (UUID topicId : share.member.before().topicIds()) {
                    int count = share.member.topics().getOrDefault(topicId, 0);
                    for (int index : share.member.before().partitions(topicId)) {
                        TopicPartition partition = new TopicPartition(topicId, index);
                        if (index < count && taken.add(partition)) {
                            share.add(partition);
                        }
                    }
                }
            }
        }

        /** Topics that few can take come first. */
        void shareOutTheRest() {
            counts.entrySet().stream()
                    .sorted(Comparator.comparingInt(topic -> subscribers(topic.getKey())))
                    .forEach(topic -> {
                        for (int index = 0; index < topic.getValue(); index++) {
                            TopicPartition partition = new TopicPartition(topic.getKey(), index);
                            if (taken.add(partition)) {
                                emptiest(topic.getKey()).add(partition);
                            }
                        }
                    });
        }

        /** Each move makes the sum of the squared sizes smaller, so this ends. */
        void level() {
            boolean moved = true;
            while (moved) {
                moved = false;
                List<Share> fullestFirst =
                        shares.stream().sorted(Share.EMPTIEST_FIRST.reversed()).toList();
                for (Share share : fullestFirst) {
                    moved |= unload(share);
                }
            }
        }

        private boolean unload(Share share) {
            boolean moved = false;
            for (TopicPartition partition : List.copyOf(share.partitions.descendingSet())) {
                Share emptiest = emptiest(partition.topicId());
                if (share.size() - emptiest.size() >= 2) {
                    share.remove(partition);
                    emptiest.add(partition);
                    moved = true;
                }
            }
            return moved;
        }

        private int subscribers(UUID topicId) {
            return takers.getOrDefault(topicId, List.of()).stream()
                    .mapToInt(NavigableSet::size)
                    .sum();
        }

        private Share emptiest(UUID topicId) {
            return takers.getOrDefault(topicId, List.of()).stream()
                    .map(NavigableSet::first)
                    .min(Share.EMPTIEST_FIRST)
                    .orElseThrow();
        }

        Map<String, PartitionSet> result() {
            Map<String, PartitionSet> result = new HashMap<>();
            for (Share share : shares) {
                PartitionSet.Builder builder = new PartitionSet.Builder();
                share.partitions.forEach(partition -> builder.add(partition.topicId(), partition.index()));
                result.put(share.memberId, builder.build());
            }
            return result;
        }
    }
}
