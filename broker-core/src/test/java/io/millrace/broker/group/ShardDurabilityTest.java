// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.GROUP;
import static io.millrace.broker.group.ShardFixture.now;
import static io.millrace.broker.group.ShardFixture.share;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardDurabilityTest {
    private static final UUID TOPIC = new UUID(7, 7);
    private static final MemberIdentity NOBODY = new MemberIdentity("", null);

    private final ShardFixture f = new ShardFixture();

    @Test
    void answersTheAssignmentOnlyOnceItIsDurable() {
        CompletableFuture<JoinResult> joining = f.join(f.newId());
        f.loop.advanceMs(3_000);
        f.holdDurability();
        CompletableFuture<SyncResult> syncing = f.sync(now(joining), null);
        CompletableFuture<SyncResult> again = f.sync(now(joining), null);
        assertFalse(syncing.isDone());
        assertFalse(again.isDone());

        f.becomeDurable();

        assertEquals(GroupError.NONE, now(syncing).error());
        assertEquals(GroupError.NONE, now(again).error());
    }

    @Test
    void failedAppendIsNeverAnsweredAsDone() {
        f.holdDurability();
        CompletableFuture<List<GroupError>> committing = commit(NOBODY, -1, 5);
        f.failAppends();
        CompletionException failure = assertThrows(CompletionException.class, committing::join);
        assertEquals(
                GroupError.NOT_COORDINATOR,
                assertInstanceOf(GroupException.class, failure.getCause()).error());
    }

    @Test
    void parkedMembersAreSentAwayWhenThePartitionIsLost() {
        CompletableFuture<JoinResult> joining = f.join(f.newId());
        f.shard.onLost();
        assertEquals(GroupError.NOT_COORDINATOR, now(joining).error());
        CompletableFuture<GroupError> late = f.shard.members().heartbeat(GROUP, NOBODY, 1);
        assertThrows(CompletionException.class, late::join);
    }

    @Test
    void membersAndOffsetsSurviveARestart() {
        JoinResult member = f.stableMember();
        MemberIdentity who = new MemberIdentity(member.memberId(), null);
        now(commit(who, member.generation(), 42));

        for (ShardFixture again : List.of(f.restarted(), f.restoredFromSnapshot())) {
            assertEquals("Stable", again.state());
            assertEquals(GroupError.NONE, again.heartbeat(member));
            assertEquals(share(member.memberId()), now(again.sync(member, null)).assignment());
            assertEquals(42, again.offsets().get(new OffsetKey(TOPIC, 0)).offset());
        }
    }

    @Test
    void restoredMembersHaveTheirWholeSessionAnew() {
        JoinResult member = f.stableMember();
        f.loop.advanceMs(9_999);
        ShardFixture restarted = f.restarted();
        restarted.loop.advanceMs(9_999);
        assertEquals("Stable", restarted.state());
        restarted.loop.advanceMs(1);
        assertEquals("Empty", restarted.state());
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, restarted.heartbeat(member));
    }

    @Test
    void snapshotInARebalanceKeepsTheLastCompletedOne() {
        JoinResult member = f.stableMember();
        var rejoining = f.join(f.newId());
        assertFalse(rejoining.isDone());
        ShardFixture restored = f.restoredFromSnapshot();
        assertEquals("Stable", restored.state());
        assertEquals(GroupError.NONE, restored.heartbeat(member));
    }

    @Test
    void snapshotsHoldMoreOffsetsThanFitOneRecord() {
        List<CommitRequest.Offset> offsets = IntStream.range(0, 2_500)
                .mapToObj(i -> new CommitRequest.Offset(new OffsetKey(TOPIC, i), i, -1, ""))
                .toList();
        now(f.shard.offsets().commit(GROUP, new CommitRequest(NOBODY, -1, offsets)));
        assertEquals(f.offsets(), f.restoredFromSnapshot().offsets());
    }

    @Test
    void commitsOfStrangersAndOldGenerationsAreRefused() {
        JoinResult member = f.stableMember();
        MemberIdentity who = new MemberIdentity(member.memberId(), null);
        assertEquals(List.of(GroupError.UNKNOWN_MEMBER_ID), now(commit(NOBODY, -1, 1)));
        assertEquals(List.of(GroupError.ILLEGAL_GENERATION), now(commit(who, 0, 1)));
        assertEquals(List.of(GroupError.UNKNOWN_MEMBER_ID), now(commit(new MemberIdentity("x", null), 1, 1)));
        assertEquals(Map.of(), f.offsets());
    }

    @Test
    void longMetadataIsRefusedAlone() {
        CommitRequest commit = new CommitRequest(
                NOBODY,
                -1,
                List.of(
                        new CommitRequest.Offset(new OffsetKey(TOPIC, 0), 1, -1, "01234567890"),
                        new CommitRequest.Offset(new OffsetKey(TOPIC, 1), 1, -1, "0123456789")));
        assertEquals(
                List.of(GroupError.OFFSET_METADATA_TOO_LARGE, GroupError.NONE),
                now(f.shard.offsets().commit(GROUP, commit)));
        assertEquals(1, f.offsets().size());
    }

    @Test
    void deletedGroupsTakeTheirOffsetsWithThem() {
        now(commit(NOBODY, -1, 5));
        assertEquals(GroupError.NONE, now(f.shard.administration().delete(GROUP)));
        assertEquals(GroupError.GROUP_ID_NOT_FOUND, now(f.shard.administration().delete(GROUP)));
        assertEquals(Map.of(), f.offsets());
        assertEquals(Map.of(), f.restarted().offsets());
    }

    @Test
    void groupsWithMembersAreNotDeleted() {
        f.stableMember();
        assertEquals(GroupError.NON_EMPTY_GROUP, now(f.shard.administration().delete(GROUP)));
    }

    @Test
    void offsetsOfDeletedTopicsGo() {
        now(commit(NOBODY, -1, 5));
        f.shard.onTopicsChanged(); // the picture is not known: nothing happens
        assertEquals(1, f.offsets().size());

        f.topic("another", 1);

        assertEquals(Map.of(), f.offsets());
        assertEquals(Map.of(), f.restarted().offsets());
    }

    private CompletableFuture<List<GroupError>> commit(MemberIdentity who, int generation, long offset) {
        return f.shard
                .offsets()
                .commit(
                        GROUP,
                        new CommitRequest(
                                who,
                                generation,
                                List.of(new CommitRequest.Offset(new OffsetKey(TOPIC, 0), offset, -1, ""))));
    }
}
