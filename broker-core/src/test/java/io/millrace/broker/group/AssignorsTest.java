// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.group.Assignor.Subscriber;
import java.util.HashMap;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AssignorsTest {
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);

    private final TreeMap<String, Subscriber> members = new TreeMap<>();

    @Test
    void rangeGivesRunsAlikeForEachTopic() {
        subscribe("y", Map.of(A, 5, B, 5));
        subscribe("x", Map.of(A, 5, B, 5));
        Map<String, PartitionSet> shares = new RangeAssignor().assign(members);
        assertEquals(List.of(0, 1, 2), shares.get("x").partitions(A));
        assertEquals(List.of(0, 1, 2), shares.get("x").partitions(B));
        assertEquals(List.of(3, 4), shares.get("y").partitions(A));
    }

    @Test
    void uniformIsEvenAndMovesNoMoreThanItMust() {
        subscribe("x", Map.of(A, 5, B, 5));
        keep(new UniformAssignor().assign(members));
        subscribe("y", Map.of(A, 5, B, 5));
        subscribe("z", Map.of(A, 5, B, 5));

        Map<String, PartitionSet> shares = new UniformAssignor().assign(members);

        assertEquals(4, shares.get("x").size());
        assertEquals(3, shares.get("y").size());
        assertTrue(members.get("x").before().and(shares.get("x")).equals(shares.get("x")));

        keep(shares);
        members.remove("z");
        Map<String, PartitionSet> again = new UniformAssignor().assign(members);
        assertEquals(shares.get("x"), again.get("x").and(shares.get("x")));
        assertEquals(shares.get("y"), again.get("y").and(shares.get("y")));
        assertEquals(5, again.get("x").size());
    }

    @Test
    void uniformRespectsDifferentSubscriptions() {
        subscribe("x", Map.of(A, 2, B, 4));
        subscribe("y", Map.of(A, 2));
        Map<String, PartitionSet> shares = new UniformAssignor().assign(members);
        assertEquals(4, shares.get("x").partitions(B).size());
        assertEquals(2, shares.get("y").partitions(A).size());
    }

    @Test
    void everyPartitionGoesToExactlyOneSubscriber() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            members.clear();
            Map<UUID, Integer> topics = new HashMap<>();
            for (int i = 0; i < 5; i++) {
                topics.put(new UUID(1, i), random.nextInt(8));
            }
            for (int i = 0; i <= random.nextInt(6); i++) {
                Map<UUID, Integer> some = new HashMap<>(topics);
                some.keySet().removeIf(topic -> random.nextInt(3) == 0);
                subscribe("m" + i, some);
            }
            Map<String, PartitionSet> first = check(new UniformAssignor(), "seed " + seed);
            check(new RangeAssignor(), "seed " + seed);
            keep(first);
            assertEquals(first, check(new UniformAssignor(), "seed " + seed), "nothing changed, seed " + seed);
        }
    }

    @Test
    void manyMembersWithOneSubscriptionDifferByOneAtMost() {
        for (int i = 0; i < 7; i++) {
            subscribe("m" + i, Map.of(A, 40, B, 13));
        }
        IntSummaryStatistics sizes = new UniformAssignor()
                .assign(members).values().stream().mapToInt(PartitionSet::size).summaryStatistics();
        assertTrue(sizes.getMax() - sizes.getMin() <= 1);
    }

    private Map<String, PartitionSet> check(Assignor assignor, String context) {
        Map<String, PartitionSet> shares = assignor.assign(members);
        PartitionSet.Builder wanted = new PartitionSet.Builder();
        members.values()
                .forEach(member -> member.topics().forEach((topic, count) -> {
                    for (int i = 0; i < count; i++) {
                        wanted.add(topic, i);
                    }
                }));
        PartitionSet all = PartitionSet.EMPTY;
        int sum = 0;
        for (Map.Entry<String, PartitionSet> share : shares.entrySet()) {
            assertTrue(
                    members.get(share.getKey())
                            .topics()
                            .keySet()
                            .containsAll(share.getValue().topicIds()),
                    context);
            all = all.plus(share.getValue());
            sum += share.getValue().size();
        }
        assertEquals(wanted.build(), all, context);
        assertEquals(all.size(), sum, context);
        return shares;
    }

    private void subscribe(String memberId, Map<UUID, Integer> topics) {
        members.put(memberId, new Subscriber(memberId, topics, PartitionSet.EMPTY));
    }

    private void keep(Map<String, PartitionSet> shares) {
        members.replaceAll((memberId, member) -> new Subscriber(memberId, member.topics(), shares.get(memberId)));
    }
}
