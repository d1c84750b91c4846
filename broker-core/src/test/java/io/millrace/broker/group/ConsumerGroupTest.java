// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.GROUP;
import static io.millrace.broker.group.ShardFixture.SESSION_MS;
import static io.millrace.broker.group.ShardFixture.now;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Groups whose assignment the broker makes (KIP-848). */
class ConsumerGroupTest {
    private final ShardFixture f = new ShardFixture();
    private final UUID orders = f.topic("orders", 4);
    private final ConsumerClient one = new ConsumerClient("one", "orders");
    private final ConsumerClient two = new ConsumerClient("two", "orders");

    // Sharing

    @Test
    void firstMemberGetsEverythingAtOnce() {
        ConsumerHeartbeatResult joined = one.heartbeat(f);
        assertEquals(GroupError.NONE, joined.error());
        assertEquals(1, joined.epoch());
        assertEquals(List.of(0, 1, 2, 3), one.assigned.partitions(orders));
        assertEquals("Stable", description().state());
    }

    @Test
    void nothingIsGivenToAnotherBeforeItWasGivenUp() {
        one.settle(f);
        two.heartbeat(f);
        assertTrue(two.assigned.isEmpty());
        assertEquals("Reconciling", description().state());

        one.heartbeat(f); // is asked to give two up
        two.heartbeat(f);
        assertEquals(2, one.assigned.size());
        assertTrue(two.assigned.isEmpty());
        assertEquals(1, one.epoch);

        one.react();
        one.heartbeat(f); // says that it did
        two.heartbeat(f);
        assertEquals(2, one.epoch);
        assertEquals(2, two.assigned.size());
        assertFalse(one.assigned.intersects(two.assigned));
        assertEquals("Stable", description().state());
    }

    @Test
    void whoDoesNotGiveUpInTimeIsRemoved() {
        one.settle(f);
        two.heartbeat(f);
        for (int waited = 0; waited <= ShardFixture.REBALANCE_MS; waited += 5_000) {
            one.heartbeat(f); // never reacts
            two.heartbeat(f);
            f.loop.advanceMs(5_000);
        }
        two.settle(f);
        assertEquals(4, two.owned.size());
        assertEquals(1, description().members().size());
    }

    @Test
    void silentMembersAreRemoved() {
        one.settle(f);
        f.loop.advanceMs(SESSION_MS - 1);
        assertEquals(1, description().members().size());
        f.loop.advanceMs(1);
        assertEquals("Empty", description().state());
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, one.heartbeat(f).error());
    }

    @Test
    void leavingHandsOver() {
        one.settle(f);
        two.heartbeat(f);
        assertEquals(GroupError.NONE, one.leave(f, -1));
        two.settle(f);
        assertEquals(4, two.owned.size());
    }

    @Test
    void changedSubscriptionIsFollowed() {
        UUID bills = f.topic("bills", 1);
        one.settle(f);
        one.subscribe(List.of("bills"));
        one.settle(f);
        assertEquals(List.of(0), one.owned.partitions(bills));
        assertEquals(1, one.owned.size());
    }

    @Test
    void wantedAssignorIsUsed() {
        one.assignor = "range";
        one.settle(f);
        assertEquals("range", description().assignor());
    }

    // Topics

    @Test
    void topicsAreFollowed() {
        one.topicNames = List.of("orders", "bills");
        one.settle(f);
        int before = one.epoch;

        UUID bills = f.topic("bills", 2);
        f.topic("orders", 6);
        f.topic("unrelated", 6);
        one.settle(f);

        assertEquals(before + 2, one.epoch);
        assertEquals(2, one.owned.partitions(bills).size());
        assertEquals(6, one.owned.partitions(orders).size());

        f.deleteTopic("orders");
        one.settle(f);
        assertEquals(2, one.owned.size());
    }

    @Test
    void regularExpressionsFindTopicsThatComeLater() {
        one.topicNames = List.of();
        one.topicRegex = "ord.*|b.lls";
        one.settle(f);
        assertEquals(4, one.owned.size());
        f.topic("bills", 1);
        f.topic("xbills", 1);
        f.topic("__consumer_offsets", 1);
        one.settle(f);
        assertEquals(5, one.owned.size());
    }

    // Restart

    @Test
    void membersGoOnThroughARestartWithoutNoticing() {
        one.settle(f);
        two.heartbeat(f);
        one.heartbeat(f);
        for (ShardFixture again : List.of(f.restarted(), f.restoredFromSnapshot())) {
            assertEquals(
                    now(f.shard.administration().describeConsumerGroup(GROUP)),
                    now(again.shard.administration().describeConsumerGroup(GROUP)));
        }

        ShardFixture again = f.restarted();
        one.react();
        one.heartbeat(again);
        two.heartbeat(again);
        assertEquals(2, one.epoch);
        assertEquals(2, two.assigned.size());
    }

    @Test
    void restoredMembersTimeOutToo() {
        one.settle(f);
        ShardFixture again = f.restarted();
        again.loop.advanceMs(SESSION_MS);
        assertEquals(
                "Empty",
                now(again.shard.administration().describeConsumerGroup(GROUP)).state());
    }

    @Test
    void answersOnlyWhatIsDurable() {
        f.holdDurability();
        var joining = f.shard.members().consumerHeartbeat(GROUP, one.join());
        assertFalse(joining.isDone());
        f.becomeDurable();
        assertEquals(GroupError.NONE, now(joining).error());
    }

    // Epochs

    @Test
    void unchangedMemberIsToldNothing() {
        one.settle(f);
        int appended = f.stream.size();
        assertNull(one.heartbeat(f).assignment());
        assertEquals(appended, f.stream.size());
    }

    @Test
    void fullHeartbeatIsAnsweredInFull() {
        one.settle(f);
        assertNotNull(
                now(f.shard.members().consumerHeartbeat(GROUP, one.full())).assignment());
    }

    @Test
    void wrongEpochsAreFenced() {
        one.settle(f);
        assertEquals(GroupError.FENCED_MEMBER_EPOCH, error(one.at(one.epoch + 1, null)));
        f.topic("orders", 5);
        one.settle(f);
        assertEquals(GroupError.FENCED_MEMBER_EPOCH, error(one.at(one.epoch - 1, null)));
    }

    @Test
    void previousEpochIsTakenFromAMemberThatMissedTheAnswer() {
        one.settle(f);
        f.topic("orders", 5);
        one.heartbeatInVain(f);
        ConsumerHeartbeatResult again = one.heartbeat(f);
        assertEquals(GroupError.NONE, again.error());
        assertEquals(2, one.epoch);
        assertEquals(5, one.assigned.size());
    }

    @Test
    void fencedMemberJoinsAgainUnderItsId() {
        one.settle(f);
        assertEquals(
                GroupError.NONE,
                now(f.shard.members().consumerHeartbeat(GROUP, one.join())).error());
        assertEquals(1, description().members().size());
    }

    @Test
    void offsetsNeedThePresentEpoch() {
        one.settle(f);
        assertEquals(GroupError.NONE, commit("one", 1));
        assertEquals(GroupError.STALE_MEMBER_EPOCH, commit("one", 0));
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, commit("stranger", 1));
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, commit("", -1));
        assertTrue(f.shard
                .offsets()
                .committed(GROUP, new MemberIdentity("one", null), 7)
                .isCompletedExceptionally());
        assertEquals(
                1,
                now(f.shard.offsets().committed(GROUP, new MemberIdentity("one", null), 1))
                        .size());
        assertEquals(1, f.offsets().size());
    }

    // Refusals

    @Test
    void requestsThatCannotBeServedAreRefusedAndLeaveNothing() {
        one.assignor = "clever";
        assertEquals(GroupError.UNSUPPORTED_ASSIGNOR, one.heartbeat(f).error());
        one.assignor = null;
        one.topicRegex = "a(";
        assertEquals(GroupError.INVALID_REGULAR_EXPRESSION, one.heartbeat(f).error());
        one.topicRegex = "((a{100}){100}){100}";
        assertEquals(GroupError.INVALID_REGULAR_EXPRESSION, one.heartbeat(f).error());
        assertEquals(GroupError.GROUP_ID_NOT_FOUND, error(one.at(3, null)));
        assertEquals(List.of(), now(f.shard.administration().list()));
    }

    @Test
    void fullGroupTakesNobody() {
        for (int i = 0; i < ShardFixture.MAX_MEMBERS; i++) {
            new ConsumerClient("m" + i, "orders").heartbeat(f);
        }
        assertEquals(GroupError.GROUP_MAX_SIZE_REACHED, one.heartbeat(f).error());
    }

    // Static members

    @Test
    void staticMemberComesBackWithoutANewEpoch() {
        one.instanceId = "i";
        one.settle(f);
        two.settle(f);
        one.settle(f);
        two.settle(f);
        PartitionSet had = one.owned;
        int epoch = description().epoch();
        assertEquals(GroupError.NONE, one.leave(f, -2));

        ConsumerClient successor = new ConsumerClient("other", "orders");
        successor.instanceId = "i";
        ConsumerHeartbeatResult back = successor.heartbeat(f);

        assertEquals(had, back.assignment());
        assertEquals(epoch, back.epoch());
        assertEquals(epoch, description().epoch());
        assertEquals(GroupError.FENCED_INSTANCE_ID, error(one.at(epoch, null)));
    }

    @Test
    void staticMemberThatDoesNotComeBackIsRemoved() {
        one.instanceId = "i";
        one.settle(f);
        one.leave(f, -2);
        f.loop.advanceMs(SESSION_MS);
        assertEquals("Empty", description().state());
    }

    @Test
    void instanceIdInUseIsNotReleased() {
        one.instanceId = "i";
        two.instanceId = "i";
        one.settle(f);
        assertEquals(GroupError.UNRELEASED_INSTANCE_ID, two.heartbeat(f).error());
        two.epoch = 1;
        assertEquals(GroupError.FENCED_INSTANCE_ID, two.heartbeat(f).error());
    }

    @Test
    void administratorsRemoveStaticMembers() {
        one.instanceId = "i";
        one.settle(f);
        List<GroupError> left = now(
                f.shard.members().leave(GROUP, List.of(new MemberIdentity("", "i"), new MemberIdentity("one", null))));
        assertEquals(List.of(GroupError.NONE, GroupError.UNKNOWN_MEMBER_ID), left);
        assertEquals("Empty", description().state());
    }

    // The other protocol

    @Test
    void protocolsDoNotMixInOneGroup() {
        one.settle(f);
        JoinResult refused = now(f.shard.members().join(GROUP, ShardFixture.request("", null, "range")));
        assertEquals(GroupError.INCONSISTENT_GROUP_PROTOCOL, refused.error());
        assertEquals(
                GroupError.GROUP_ID_NOT_FOUND,
                now(f.shard.administration().describe(GROUP)).error());
        assertEquals(GroupError.NON_EMPTY_GROUP, now(f.shard.administration().delete(GROUP)));
    }

    @Test
    void classicGroupWithMembersIsNoConsumerGroup() {
        f.stableMember();
        assertEquals(GroupError.GROUP_ID_NOT_FOUND, one.heartbeat(f).error());
        assertEquals(GroupError.GROUP_ID_NOT_FOUND, description().error());
    }

    @Test
    void emptyGroupChangesItsProtocolAndKeepsItsOffsets() {
        JoinResult classic = f.stableMember();
        MemberIdentity who = new MemberIdentity(classic.memberId(), null);
        assertEquals(GroupError.NONE, commit(classic.memberId(), classic.generation()));
        now(f.shard.members().leave(GROUP, List.of(who)));

        one.settle(f);
        assertEquals(GroupListing.Type.CONSUMER, type(f));
        assertEquals(GroupListing.Type.CONSUMER, type(f.restarted()));
        assertEquals(1, f.restarted().offsets().size());
        one.leave(f, -1);

        f.stableMember();
        assertEquals(GroupListing.Type.CLASSIC, type(f));
        assertEquals(GroupListing.Type.CLASSIC, type(f.restarted()));
        assertEquals(GroupListing.Type.CLASSIC, type(f.restoredFromSnapshot()));
        assertEquals(1, f.restarted().offsets().size());
    }

    private static GroupListing.Type type(ShardFixture fixture) {
        return now(fixture.shard.administration().list()).get(0).type();
    }

    private ConsumerGroupDescription description() {
        return now(f.shard.administration().describeConsumerGroup(GROUP));
    }

    private GroupError error(ConsumerHeartbeat request) {
        return now(f.shard.members().consumerHeartbeat(GROUP, request)).error();
    }

    private GroupError commit(String memberId, int epoch) {
        return now(f.shard
                        .offsets()
                        .commit(
                                GROUP,
                                new CommitRequest(
                                        new MemberIdentity(memberId, null),
                                        epoch,
                                        List.of(new CommitRequest.Offset(new OffsetKey(orders, 0), 5, 2, "")))))
                .get(0);
    }
}
