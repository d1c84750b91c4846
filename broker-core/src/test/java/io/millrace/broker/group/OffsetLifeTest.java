// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.CHECK_INTERVAL_MS;
import static io.millrace.broker.group.ShardFixture.GROUP;
import static io.millrace.broker.group.ShardFixture.RETENTION_MS;
import static io.millrace.broker.group.ShardFixture.now;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When committed offsets go: by time (KIP-211), when asked, with their topic. */
class OffsetLifeTest {
    private static final MemberIdentity NOBODY = new MemberIdentity("", null);

    private final ShardFixture f = new ShardFixture();
    private final UUID orders = f.topic("orders", 2);
    private final UUID bills = f.topic("bills", 1);

    // Expiry

    @Test
    void offsetsOfAConsumerWithoutAGroupExpireAfterTheirCommit() {
        commit(NOBODY, -1, orders);
        f.loop.advanceMs(RETENTION_MS - CHECK_INTERVAL_MS);
        assertEquals(1, f.offsets().size());
        f.loop.advanceMs(2 * CHECK_INTERVAL_MS);
        assertEquals(Map.of(), f.offsets());
        assertEquals(List.of(), now(f.shard.administration().list()));
        assertEquals(List.of(), now(f.restarted().shard.administration().list()));
    }

    @Test
    void retentionBeginsWhenTheLastMemberHasLeft() {
        ConsumerClient member = new ConsumerClient("m", "orders");
        member.settle(f);
        commit(new MemberIdentity("m", null), 1, orders);
        stay(member, RETENTION_MS + 2 * CHECK_INTERVAL_MS);
        assertEquals(1, f.offsets().size());

        member.leave(f, -1);
        f.loop.advanceMs(RETENTION_MS - CHECK_INTERVAL_MS);
        assertEquals(1, f.offsets().size());
        f.loop.advanceMs(2 * CHECK_INTERVAL_MS);
        assertEquals(List.of(), now(f.shard.administration().list()));
    }

    @Test
    void aLivingGroupLosesOffsetsOfTopicsItDoesNotSubscribeTo() {
        ConsumerClient member = new ConsumerClient("m", "orders");
        member.settle(f);
        commit(new MemberIdentity("m", null), 1, orders, bills);
        stay(member, RETENTION_MS + CHECK_INTERVAL_MS);
        assertEquals(Set.of(new OffsetKey(orders, 0)), f.offsets().keySet());
        assertEquals(f.offsets(), f.restarted().offsets());
    }

    @Test
    void aClassicGroupKeepsWhatItsConsumersSubscribeTo() {
        JoinResult member = classicMember("orders");
        MemberIdentity who = new MemberIdentity(member.memberId(), null);
        commit(who, member.generation(), orders, bills);
        for (long waited = 0; waited < RETENTION_MS + CHECK_INTERVAL_MS; waited += 5_000) {
            f.loop.advanceMs(5_000);
            assertEquals(GroupError.NONE, f.heartbeat(member));
        }
        assertEquals(Set.of(new OffsetKey(orders, 0)), f.offsets().keySet());
    }

    @Test
    void subscriptionsThatCannotBeReadKeepEverything() {
        JoinResult member = f.stableMember(); // its metadata is one byte
        commit(new MemberIdentity(member.memberId(), null), member.generation(), orders, bills);
        for (long waited = 0; waited < RETENTION_MS + CHECK_INTERVAL_MS; waited += 5_000) {
            f.loop.advanceMs(5_000);
            assertEquals(GroupError.NONE, f.heartbeat(member));
        }
        assertEquals(2, f.offsets().size());
    }

    @Test
    void emptyGroupWithoutOffsetsGoesAtTheNextCheck() {
        JoinResult member = f.stableMember();
        now(f.shard.members().leave(GROUP, List.of(new MemberIdentity(member.memberId(), null))));
        assertEquals(1, now(f.shard.administration().list()).size());
        f.loop.advanceMs(CHECK_INTERVAL_MS);
        assertEquals(List.of(), now(f.shard.administration().list()));
        assertEquals(List.of(), now(f.restarted().shard.administration().list()));
    }

    // Deletion

    @Test
    void offsetsOfUnusedTopicsAreDeletedAndOthersNot() {
        new ConsumerClient("m", "orders").settle(f);
        commit(new MemberIdentity("m", null), 1, orders, bills);
        assertEquals(
                List.of(GroupError.GROUP_SUBSCRIBED_TO_TOPIC, GroupError.NONE),
                now(f.shard.offsets().delete(GROUP, List.of(new OffsetKey(orders, 0), new OffsetKey(bills, 0)))));
        assertEquals(Set.of(new OffsetKey(orders, 0)), f.offsets().keySet());
        assertEquals(f.offsets(), f.restarted().offsets());
    }

    @Test
    void classicConsumersKeepTheirTopicsToo() {
        JoinResult member = classicMember("orders");
        commit(new MemberIdentity(member.memberId(), null), member.generation(), orders, bills);
        assertEquals(
                List.of(GroupError.GROUP_SUBSCRIBED_TO_TOPIC, GroupError.NONE),
                now(f.shard.offsets().delete(GROUP, List.of(new OffsetKey(orders, 0), new OffsetKey(bills, 0)))));
    }

    @Test
    void groupsThatAreNotThereOrNotOfConsumersRefuse() {
        assertTrue(f.shard.offsets().delete(GROUP, List.of()).isCompletedExceptionally());
        JoinRequest consumer = ShardFixture.request("", null, "range");
        var unused = f.shard
                .members()
                .join(
                        GROUP,
                        new JoinRequest(
                                "",
                                "i",
                                "c",
                                "/h",
                                consumer.sessionTimeoutMs(),
                                60_000,
                                "connect",
                                consumer.protocols(),
                                true,
                                true));
        assertTrue(f.shard.offsets().delete(GROUP, List.of()).isCompletedExceptionally());
    }

    @Test
    void leaderEpochsAreKept() {
        commit(NOBODY, -1, orders);
        assertEquals(3, f.restarted().offsets().get(new OffsetKey(orders, 0)).leaderEpoch());
    }

    private void stay(ConsumerClient member, long ms) {
        for (long waited = 0; waited < ms; waited += 5_000) {
            f.loop.advanceMs(5_000);
            assertEquals(GroupError.NONE, member.heartbeat(f).error());
        }
    }

    private JoinResult classicMember(String topic) {
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        byte[] metadata = ByteBuffer.allocate(8 + name.length)
                .putShort((short) 0)
                .putInt(1)
                .putShort((short) name.length)
                .put(name)
                .array();
        JoinRequest like = ShardFixture.request("", null, "range");
        CompletableFuture<JoinResult> joining = f.shard
                .members()
                .join(
                        GROUP,
                        new JoinRequest(
                                "",
                                null,
                                "c",
                                "/h",
                                like.sessionTimeoutMs(),
                                like.rebalanceTimeoutMs(),
                                "consumer",
                                List.of(new MemberProtocol("range", OpaqueBytes.of(metadata))),
                                false,
                                true));
        f.loop.advanceMs(3_000);
        JoinResult joined = now(joining);
        now(f.sync(joined, null));
        return joined;
    }

    private void commit(MemberIdentity who, int epoch, UUID... topics) {
        List<CommitRequest.Offset> offsets = List.of(topics).stream()
                .map(topic -> new CommitRequest.Offset(new OffsetKey(topic, 0), 5, 3, ""))
                .toList();
        now(f.shard.offsets().commit(GROUP, new CommitRequest(who, epoch, offsets)))
                .forEach(error -> assertEquals(GroupError.NONE, error));
    }
}
