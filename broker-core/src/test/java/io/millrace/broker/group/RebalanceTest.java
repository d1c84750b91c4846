// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.GROUP;
import static io.millrace.broker.group.ShardFixture.now;
import static io.millrace.broker.group.ShardFixture.request;
import static io.millrace.broker.group.ShardFixture.share;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RebalanceTest {
    private final ShardFixture f = new ShardFixture();

    @Test
    void firstMemberLeadsAfterTheInitialDelay() {
        CompletableFuture<JoinResult> joining = f.join(f.newId());
        f.loop.advanceMs(2_999);
        assertFalse(joining.isDone());

        f.loop.advanceMs(1);

        JoinResult joined = now(joining);
        assertEquals(GroupError.NONE, joined.error());
        assertEquals(1, joined.generation());
        assertEquals(joined.memberId(), joined.leaderId());
        assertEquals("range", joined.protocolName());
        assertEquals(1, joined.members().size());
    }

    @Test
    void initialDelayIsExtendedWhileMembersArrive() {
        CompletableFuture<JoinResult> first = f.join(f.newId());
        String second = f.newId();
        f.loop.advanceMs(2_000);
        CompletableFuture<JoinResult> late = f.join(second);

        f.loop.advanceMs(1_000);
        assertFalse(first.isDone());
        f.loop.advanceMs(3_000);

        assertEquals(1, now(first).generation());
        assertEquals(1, now(late).generation());
    }

    @Test
    void versionsBeforeTheHandshakeJoinAtOnce() {
        JoinRequest old = new JoinRequest(
                "",
                null,
                "c",
                "/h",
                10_000,
                10_000,
                "consumer",
                request("", null, "range").protocols(),
                false,
                false);
        CompletableFuture<JoinResult> joining = f.shard.members().join(GROUP, old);
        f.loop.advanceMs(3_000);
        assertEquals(GroupError.NONE, now(joining).error());
    }

    @Test
    void secondMemberBringsANewGenerationToBoth() {
        JoinResult first = f.stableMember();
        CompletableFuture<JoinResult> second = f.join(f.newId());

        assertEquals(GroupError.REBALANCE_IN_PROGRESS, f.heartbeat(first));
        JoinResult leader = now(f.join(first.memberId()));
        JoinResult follower = now(second);

        assertEquals(2, leader.generation());
        assertEquals(2, follower.generation());
        assertEquals(2, leader.members().size());
        assertEquals(0, follower.members().size());
        CompletableFuture<SyncResult> waiting = f.sync(follower, null);
        assertFalse(waiting.isDone());
        assertEquals(share(leader.memberId()), now(f.sync(leader, null)).assignment());
        assertEquals(share(follower.memberId()), now(waiting).assignment());
        assertEquals("Stable", f.state());
    }

    @Test
    void silentMemberIsRemovedAndTheOtherRebalances() {
        JoinResult first = f.stableMember();
        CompletableFuture<JoinResult> second = f.join(f.newId());
        JoinResult leader = now(f.join(first.memberId()));
        now(f.sync(leader, null));
        now(f.sync(now(second), null));
        f.loop.advanceMs(6_000);
        assertEquals(GroupError.NONE, f.heartbeat(leader));

        f.loop.advanceMs(4_000);

        assertEquals(GroupError.REBALANCE_IN_PROGRESS, f.heartbeat(leader));
        assertEquals(1, now(f.join(leader.memberId())).members().size());
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, f.heartbeat(now(second)));
    }

    @Test
    void memberThatDoesNotRejoinIsRemovedAtTheRebalanceTimeout() {
        JoinResult first = f.stableMember();
        CompletableFuture<JoinResult> second = f.join(f.newId());
        for (int i = 0; i < 12; i++) {
            assertFalse(second.isDone());
            f.heartbeat(first);
            f.loop.advanceMs(5_000);
        }

        JoinResult joined = now(second);

        assertEquals(joined.memberId(), joined.leaderId());
        assertEquals(1, joined.members().size());
    }

    @Test
    void memberThatDoesNotAskForItsAssignmentIsRemoved() {
        CompletableFuture<JoinResult> leader = f.join(f.newId());
        CompletableFuture<JoinResult> follower = f.join(f.newId());
        f.loop.advanceMs(6_000);
        CompletableFuture<SyncResult> waiting = f.sync(now(follower), null);
        for (int i = 0; i < 12; i++) {
            f.heartbeat(now(leader));
            f.loop.advanceMs(5_000);
        }

        assertEquals(GroupError.REBALANCE_IN_PROGRESS, now(waiting).error());
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, f.heartbeat(now(leader)));
    }

    @Test
    void lastMemberLeavingEmptiesTheGroup() {
        JoinResult member = f.stableMember();
        List<GroupError> left =
                now(f.shard.members().leave(GROUP, List.of(new MemberIdentity(member.memberId(), null))));
        assertEquals(List.of(GroupError.NONE), left);
        assertEquals("Empty", f.state());
        assertEquals("Empty", f.restarted().state());
    }

    @Test
    void fencesUnknownMembersAndOldGenerations() {
        JoinResult member = f.stableMember();
        MemberIdentity who = new MemberIdentity(member.memberId(), null);
        assertEquals(GroupError.ILLEGAL_GENERATION, now(f.shard.members().heartbeat(GROUP, who, 0)));
        assertEquals(
                GroupError.UNKNOWN_MEMBER_ID,
                now(f.shard.members().heartbeat(GROUP, new MemberIdentity("nobody", null), 1)));
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, now(f.shard.members().heartbeat("no group", who, 1)));
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, now(f.join("nobody")).error());
        assertEquals(
                GroupError.INCONSISTENT_GROUP_PROTOCOL,
                now(f.shard
                                .members()
                                .sync(
                                        GROUP,
                                        new SyncRequest(member.memberId(), null, 1, "consumer", "sticky", Map.of())))
                        .error());
    }

    @Test
    void picksTheAssignorMostMembersPreferAmongThoseAllSupport() {
        List<String> ids = List.of(f.newId(), f.newId(), f.newId());
        var first = f.shard.members().join(GROUP, request(ids.get(0), null, "a", "b", "c"));
        var second = f.shard.members().join(GROUP, request(ids.get(1), null, "b", "a"));
        CompletableFuture<JoinResult> third = f.shard.members().join(GROUP, request(ids.get(2), null, "c", "b", "a"));
        f.loop.advanceMs(6_000);
        for (var member : List.of(first, second, third)) {
            assertEquals("b", now(member).protocolName());
        }
    }

    @Test
    void refusesAMemberWithoutACommonAssignorOrWithOddTimeouts() {
        f.stableMember();
        assertEquals(
                GroupError.INCONSISTENT_GROUP_PROTOCOL,
                now(f.shard.members().join(GROUP, request("", null, "other"))).error());
        JoinRequest hasty = new JoinRequest(
                "",
                null,
                "c",
                "/h",
                5_999,
                10_000,
                "consumer",
                request("", null, "range").protocols(),
                true,
                true);
        assertEquals(
                GroupError.INVALID_SESSION_TIMEOUT,
                now(f.shard.members().join(GROUP, hasty)).error());
    }

    @Test
    void refusesMembersBeyondTheLargestSize() {
        f.newId();
        f.newId();
        f.newId();
        assertEquals(GroupError.GROUP_MAX_SIZE_REACHED, now(f.join("")).error());
    }

    @Test
    void forgetsGroupsThatNobodyJoinedAfterAll() {
        f.newId();
        assertEquals(1, now(f.shard.administration().list()).size());
        f.loop.advanceMs(ShardFixture.SESSION_MS);
        assertEquals(0, now(f.shard.administration().list()).size());
    }
}
