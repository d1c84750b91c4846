// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupPartitionTest {
    private static final Holder ALICE = new Holder(1, 1, 1);
    private static final Holder BOB = new Holder(2, 1, 1);

    private final GroupPartition group = new GroupPartition(0);
    private long lease;

    @Test
    void handsNewOffsetsOutOnce() {
        Claim first = claim(ALICE, 4, 10);
        Claim second = claim(BOB, 100, 10);

        assertEquals(List.of(span(0, 3, Returned.UNSEEN)), first.spans());
        assertEquals(List.of(span(4, 9, Returned.UNSEEN)), second.spans());
        assertNull(group.claim(ALICE, ++lease, 1, 10));
    }

    @Test
    void returnsBufferedRecordsUntouchedAndKeepsReceivedOnes() {
        delivered(claim(ALICE, 5, 10));
        group.replayReceived(0, 1, 1);

        group.releaseBuffered(ALICE);

        assertEquals(
                List.of(span(2, 4, Returned.UNSEEN), span(5, 9, Returned.UNSEEN)),
                claim(BOB, 100, 10).spans());
        assertEquals(
                2, group.held(ALICE, 1, 0, 4).stream().mapToLong(Span::count).sum());
    }

    @Test
    void flagsAndCountsWhatWasReceivedBeforeItWentBack() {
        delivered(claim(ALICE, 3, 3));
        group.replayReceived(1, 1, 1);

        group.releaseSession(1, 1);

        assertEquals(
                List.of(span(0, 0, Returned.UNSEEN), span(1, 1, new Returned(1, true)), span(2, 2, Returned.UNSEEN)),
                claim(BOB, 10, 3).spans());
    }

    @Test
    void returnedRecordsComeBeforeNewOnesInOffsetOrder() {
        Claim early = claim(ALICE, 2, 6);
        Claim late = claim(BOB, 2, 6);
        delivered(early);
        delivered(late);

        group.releaseLink(2);
        group.releaseLink(1);

        assertEquals(
                List.of(span(0, 3, Returned.UNSEEN), span(4, 4, Returned.UNSEEN)),
                claim(ALICE, 5, 6).spans());
    }

    @Test
    void leaseOfAReturnedRecordIsStaleEvenForTheSameConsumer() {
        Claim before = claim(ALICE, 1, 1);
        delivered(before);
        group.releaseSession(1, 1);
        Claim after = claim(ALICE, 1, 1);

        assertTrue(group.held(ALICE, before.lease(), 0, 0).isEmpty());
        assertTrue(group.held(BOB, after.lease(), 0, 0).isEmpty());
        assertEquals(1, group.held(ALICE, after.lease(), 0, 0).size());
    }

    @Test
    void offsetsWithoutARecordBecomeFinalOnceLookedAt() {
        Claim claim = claim(ALICE, 10, 10);

        group.complete(claim, 0, 6, List.of(new OffsetRange(1, 2), new OffsetRange(4, 4)));
        group.replayFinal(1, 2);

        assertEquals(4, group.lowWatermark());
        assertEquals(List.of(new OffsetRange(5, 5)), group.finals().rangesAbove());
        assertEquals(List.of(span(6, 9, Returned.UNSEEN)), claim(BOB, 10, 10).spans());
        assertEquals(5, group.acquiredMark());
    }

    @Test
    void claimReleasedWhileItWasReadStaysReleased() {
        Claim claim = claim(ALICE, 4, 4);
        group.releaseBuffered(ALICE);
        Claim other = claim(BOB, 2, 4);

        group.complete(claim, 1, 4, List.of());

        assertTrue(group.holds(other.lease(), 0));
        assertEquals(0, group.lowWatermark());
        assertEquals(List.of(span(2, 3, Returned.UNSEEN)), claim(ALICE, 9, 4).spans());
    }

    @Test
    void recoveryFlagsWhatWasAcquiredAndKeepsCounts() {
        group.replayAcquired(6);
        group.replayReceived(2, 3, 4);
        group.replayFinal(0, 1);

        assertEquals(
                List.of(span(2, 3, new Returned(4, true)), span(4, 5, Returned.IN_DOUBT), span(6, 7, Returned.UNSEEN)),
                claim(ALICE, 10, 8).spans());
    }

    @Test
    void trimmedOffsetsAreFinal() {
        delivered(claim(ALICE, 4, 10));
        group.trimTo(8);

        assertEquals(8, group.lowWatermark());
        assertEquals(0, group.inFlightCount());
        assertEquals(List.of(span(8, 9, Returned.UNSEEN)), claim(ALICE, 10, 10).spans());
    }

    @Test
    void memoryDoesNotGrowWithDepth() {
        for (long offset = 0; offset < 100_000; offset += 100) {
            delivered(claim(ALICE, 100, 100_000));
            group.replayFinal(offset, offset + 99);
        }

        assertEquals(100_000, group.lowWatermark());
        assertEquals(0, group.inFlightCount());
        assertTrue(group.finals().sizeBytes() < 100);
    }

    private Claim claim(Holder holder, long max, long highWatermark) {
        Claim claim = group.claim(holder, ++lease, max, highWatermark);
        assertNotNull(claim);
        return claim;
    }

    private void delivered(Claim claim) {
        List<OffsetRange> all = claim.spans().stream()
                .map(span -> new OffsetRange(span.first(), span.last()))
                .toList();
        group.complete(claim, claim.spans().size(), 0, all);
    }

    private static Span<Returned> span(long first, long last, Returned value) {
        return new Span<>(first, last, value);
    }
}
