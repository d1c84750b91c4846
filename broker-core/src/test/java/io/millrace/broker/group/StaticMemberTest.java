// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.GROUP;
import static io.millrace.broker.group.ShardFixture.now;
import static io.millrace.broker.group.ShardFixture.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class StaticMemberTest {
    private final ShardFixture f = new ShardFixture();

    @Test
    void comesBackToItsShareWithoutARebalance() {
        JoinResult before = f.stableStatic("one", "two").get(1);

        JoinResult back = now(f.joinStatic("two"));

        assertEquals(GroupError.NONE, back.error());
        assertEquals(before.generation(), back.generation());
        assertNotEquals(before.memberId(), back.memberId());
        assertEquals("Stable", f.state());
        assertEquals(
                ShardFixture.share(before.memberId()), now(f.sync(back, "two")).assignment());
    }

    @Test
    void leaderThatComesBackSkipsTheAssignment() {
        f.stableStatic("one", "two");
        JoinResult back = now(f.joinStatic("one"));
        assertTrue(back.skipAssignment());
        assertEquals(back.memberId(), back.leaderId());
        assertEquals(2, back.members().size());
    }

    @Test
    void leaderThatCannotSkipIsToldAnotherLeads() {
        JoinResult before = f.stableStatic("one").get(0);
        JoinRequest old = request("", "one", "range");
        JoinResult back = now(f.shard
                .members()
                .join(
                        GROUP,
                        new JoinRequest(
                                "",
                                "one",
                                old.clientId(),
                                old.clientHost(),
                                old.sessionTimeoutMs(),
                                old.rebalanceTimeoutMs(),
                                "consumer",
                                old.protocols(),
                                true,
                                false)));
        assertEquals(before.memberId(), back.leaderId());
        assertEquals(0, back.members().size());
    }

    @Test
    void formerSelfIsFenced() {
        JoinResult before = f.stableStatic("one").get(0);
        JoinResult back = now(f.joinStatic("one"));
        MemberIdentity former = new MemberIdentity(before.memberId(), "one");
        assertEquals(GroupError.FENCED_INSTANCE_ID, now(f.shard.members().heartbeat(GROUP, former, back.generation())));
    }

    @Test
    void replacementSurvivesARestart() {
        f.stableStatic("one");
        JoinResult back = now(f.joinStatic("one"));
        ShardFixture restarted = f.restarted();
        MemberIdentity who = new MemberIdentity(back.memberId(), "one");
        assertEquals(GroupError.NONE, now(restarted.shard.members().heartbeat(GROUP, who, back.generation())));
    }

    @Test
    void administratorsRemoveItByItsInstanceId() {
        f.stableStatic("one");
        List<GroupError> left = now(f.shard.members().leave(GROUP, List.of(new MemberIdentity("", "one"))));
        assertEquals(List.of(GroupError.NONE), left);
        assertEquals("Empty", f.state());
    }

    @Test
    void staysInARebalanceItMissesUntilItsSessionEnds() {
        f.stableStatic("one");
        var second = f.joinStatic("two");
        assertEquals("PreparingRebalance", f.state());
        f.loop.advanceMs(ShardFixture.SESSION_MS);
        assertEquals(2, now(second).generation());
        assertEquals(1, now(f.shard.administration().describe(GROUP)).members().size());
        assertEquals("CompletingRebalance", f.state());
    }
}
