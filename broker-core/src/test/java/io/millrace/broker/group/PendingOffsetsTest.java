// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.now;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets that groups commit within producers' transactions (KIP-98, KIP-447). */
class PendingOffsetsTest {
    private static final MemberIdentity NOBODY = new MemberIdentity("", null);
    private static final OffsetKey KEY = new OffsetKey(new UUID(1, 1), 0);
    private static final long PRODUCER = 7;
    private static final long OTHER = 8;

    private final ShardFixture f = new ShardFixture();

    private static void pend(ShardFixture in, String group, long producer, long offset) {
        CommitRequest request = new CommitRequest(NOBODY, -1, List.of(new CommitRequest.Offset(KEY, offset, -1, "")));
        assertEquals(
                List.of(GroupError.NONE),
                now(in.shard
                        .offsets()
                        .commitPending(group, producer, in.shard.offsets().ticket(producer), request)));
    }

    private static StableOffsets of(ShardFixture in, String group) {
        return now(in.shard.offsets().stable(group, NOBODY, -1));
    }

    private static Set<Long> committed(ShardFixture in, String group) {
        return of(in, group).offsets().values().stream()
                .map(CommittedOffset::offset)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"as it was", "restarted", "from a snapshot"})
    void theEndOfATransactionDecidesAllItsGroupsAndNoOthers(String shard) {
        pend(f, "a", PRODUCER, 1);
        pend(f, "b", PRODUCER, 2);
        pend(f, "c", OTHER, 3);
        ShardFixture after = switch (shard) {
            case "restarted" -> f.restarted();
            case "from a snapshot" -> f.restoredFromSnapshot();
            default -> f;
        };

        now(after.shard.offsets().endTransaction(PRODUCER, true));

        assertEquals(Set.of(1L), committed(after, "a"));
        assertEquals(Set.of(2L), committed(after, "b"));
        assertEquals(Set.of(), committed(after, "c"));
        assertEquals(Set.of(KEY), of(after, "c").unstable());
        assertEquals(Set.of(), of(after, "a").unstable());
        assertEquals(Set.of(1L), committed(after.restarted(), "a"));
        now(after.shard.offsets().endTransaction(OTHER, true));
        assertEquals(Set.of(3L), committed(after, "c"));
    }

    @Test
    void anAbortLeavesNothingOfAGroupThatHadNothingElse() {
        pend(f, "a", PRODUCER, 1);
        pend(f, "b", OTHER, 2);

        now(f.shard.offsets().endTransaction(PRODUCER, false));

        assertEquals(Set.of(), committed(f, "a"));
        assertEquals(
                List.of("b"),
                now(f.shard.administration().list()).stream()
                        .map(GroupListing::groupId)
                        .toList());
    }

    @Test
    void offsetsOfATransactionThatEndedMeanwhileAreRefused() {
        long ticket = f.shard.offsets().ticket(PRODUCER);
        now(f.shard.offsets().endTransaction(PRODUCER, false));
        CommitRequest late = new CommitRequest(NOBODY, -1, List.of(new CommitRequest.Offset(KEY, 1, -1, "")));

        List<GroupError> refused = now(f.shard.offsets().commitPending("a", PRODUCER, ticket, late));

        assertEquals(List.of(GroupError.INVALID_TXN_STATE), refused);
    }
}
