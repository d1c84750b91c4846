// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.GROUP;
import static io.millrace.broker.group.ShardFixture.now;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.group.Assignor.Subscriber;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Membership of share groups (KIP-932). */
class ShareGroupTest {
    /** Kafka's default, which the fixture's settings hold. */
    private static final int SESSION_MS = 45_000;

    private final ShardFixture f = new ShardFixture();
    private final UUID orders = f.topic("orders", 2);

    @Test
    void membersAreTakenInUpToTheLimit() {
        beat(f, "one", 0);
        beat(f, "two", 0);
        beat(f, "three", 0);

        assertEquals(GroupError.GROUP_MAX_SIZE_REACHED, beat(f, "four", 0).error());
        assertEquals(3, describe(f).members().size());
    }

    @Test
    void membersBeyondThePartitionsShareThem() {
        beat(f, "one", 0);
        beat(f, "two", 0);

        ShareHeartbeatResult third = beat(f, "three", 0);

        assertNotNull(third.assignment());
        assertEquals(1, third.assignment().size());
        Set<Integer> read = new HashSet<>();
        describe(f).members().forEach(member -> read.addAll(member.assigned().partitions(orders)));
        assertEquals(Set.of(0, 1), read);
    }

    @Test
    void anAssignmentIsToldOnceAndAgainWhenItChanges() {
        ShareHeartbeatResult joined = beat(f, "one", 0);
        assertNull(beat(f, "one", joined.epoch()).assignment());

        beat(f, "two", 0);

        ShareHeartbeatResult changed = beat(f, "one", joined.epoch());
        assertEquals(joined.epoch() + 1, changed.epoch());
        assertNotNull(changed.assignment());
        assertEquals(1, changed.assignment().size());
    }

    @Test
    void aMemberThatMissedAnAnswerGoesOnFromTheEpochBefore() {
        int first = beat(f, "one", 0).epoch();
        beat(f, "two", 0);
        beat(f, "one", first);

        ShareHeartbeatResult again = beat(f, "one", first);

        assertEquals(GroupError.NONE, again.error());
        assertNotNull(again.assignment());
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 99})
    void anEpochThatIsNotTheMembersIsFenced(int epoch) {
        beat(f, "one", 0);

        assertEquals(GroupError.FENCED_MEMBER_EPOCH, beat(f, "one", epoch).error());
    }

    @Test
    void whoIsSilentIsRemovedAndItsPartitionsGoToTheOthers() {
        beat(f, "silent", 0);
        beat(f, "alive", 0);
        for (int waited = 0; waited < SESSION_MS; waited += 5_000) {
            f.loop.advanceMs(5_000);
            beat(f, "alive", 0);
        }

        ShareGroupDescription group = describe(f);

        assertEquals(1, group.members().size());
        assertEquals(List.of(0, 1), group.members().get(0).assigned().partitions(orders));
    }

    @Test
    void membersAndAssignmentsOutliveARestart() {
        int epoch = beat(f, "one", 0).epoch();
        beat(f, "two", 0);
        ShareGroupDescription before = describe(f);

        assertEquals(before, describe(f.restarted()));
        assertEquals(before, describe(f.restoredFromSnapshot()));
        assertEquals(GroupError.NONE, beat(f.restarted(), "one", epoch).error());
    }

    @Test
    void newPartitionsAreSharedOutAtOnce() {
        int epoch = beat(f, "one", 0).epoch();

        f.topic("orders", 4);
        f.shard.onTopicsChanged();

        ShareHeartbeatResult told = beat(f, "one", epoch);
        assertNotNull(told.assignment());
        assertEquals(4, told.assignment().size());
    }

    @Test
    void anEmptyShareGroupStaysOneUntilItIsDeleted() {
        beat(f, "one", 0);
        beat(f, "one", ShareHeartbeat.LEAVE);
        f.loop.advanceMs(ShardFixture.RETENTION_MS + ShardFixture.CHECK_INTERVAL_MS);

        assertEquals("Empty", describe(f).state());
        ConsumerHeartbeatResult consumer = new ConsumerClient("c", "orders").heartbeat(f);
        assertEquals(GroupError.GROUP_ID_NOT_FOUND, consumer.error());
        assertEquals(GroupError.NONE, now(f.shard.administration().delete(GROUP)));
        assertEquals(GroupError.GROUP_ID_NOT_FOUND, describe(f).error());
    }

    @Test
    void aGroupOfAnotherKindDoesNotBecomeAShareGroup() {
        new ConsumerClient("c", "orders").heartbeat(f);

        assertEquals(GroupError.GROUP_ID_NOT_FOUND, beat(f, "one", 0).error());
    }

    @Test
    void offsetsMayBeChangedOnlyWhileNobodyIsIn() {
        assertEquals(
                GroupError.GROUP_ID_NOT_FOUND, now(f.shard.administration().prepareShareGroupChange(GROUP, false)));
        assertEquals(GroupError.NONE, now(f.shard.administration().prepareShareGroupChange(GROUP, true)));
        assertEquals("Empty", describe(f.restarted()).state());

        beat(f, "one", 0);

        assertEquals(GroupError.NON_EMPTY_GROUP, now(f.shard.administration().prepareShareGroupChange(GROUP, true)));
    }

    @Test
    void everyPartitionHasAReaderEveryMemberAPartitionAndNoneManyMoreThanOthers() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        UUID topic = new UUID(0, 1);
        Map<String, PartitionSet> shares = Map.of();
        for (int round = 0; round < 300; round++) {
            int partitions = 1 + random.nextInt(12);
            TreeMap<String, Subscriber> members = new TreeMap<>();
            for (int i = 0; i < 1 + random.nextInt(20); i++) {
                String member = "m" + random.nextInt(30);
                members.put(
                        member,
                        new Subscriber(
                                member, Map.of(topic, partitions), shares.getOrDefault(member, PartitionSet.EMPTY)));
            }

            shares = new ShareAssignor().assign(members);

            String what = "seed " + seed + ", round " + round + ": " + shares;
            int[] readers = new int[partitions];
            shares.values().forEach(share -> share.partitions(topic).forEach(index -> readers[index]++));
            int most = (members.size() + partitions - 1) / partitions;
            for (int count : readers) {
                assertTrue(count >= 1 && count <= Math.max(1, most), what);
            }
            Set<Integer> sizes = new HashSet<>();
            for (String member : members.keySet()) {
                sizes.add(shares.get(member).size());
            }
            assertTrue(!sizes.contains(0) && sizes.size() <= 2, what);
        }
    }

    @Test
    void whoSharedAPartitionGoesOnWithIt() {
        UUID topic = new UUID(0, 1);
        TreeMap<String, Subscriber> members = new TreeMap<>();
        for (String member : List.of("a", "b", "c", "d")) {
            members.put(member, new Subscriber(member, Map.of(topic, 2), PartitionSet.EMPTY));
        }
        Map<String, PartitionSet> before = new ShareAssignor().assign(members);
        TreeMap<String, Subscriber> same = new TreeMap<>();
        members.keySet()
                .forEach(member -> same.put(member, new Subscriber(member, Map.of(topic, 2), before.get(member))));

        assertEquals(new HashMap<>(before), new HashMap<>(new ShareAssignor().assign(same)));
    }

    private static ShareHeartbeatResult beat(ShardFixture fixture, String member, int epoch) {
        return now(fixture.shard
                .members()
                .shareHeartbeat(
                        GROUP,
                        new ShareHeartbeat(
                                member, epoch, null, "client", "/host", epoch == 0 ? List.of("orders") : null)));
    }

    private static ShareGroupDescription describe(ShardFixture fixture) {
        return now(fixture.shard.administration().describeShareGroup(GROUP));
    }
}
