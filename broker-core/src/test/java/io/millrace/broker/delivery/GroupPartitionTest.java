// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupPartitionTest {
    private static final Holder ALICE = new Holder(1, 1, 1);
    private static final Holder BOB = new Holder(2, 1, 1);

    private final GroupPartition group = new GroupPartition(0);
    private final List<OffsetRange> availableAgain = new ArrayList<>();
    private long lease;

    GroupPartitionTest() {
        group.listener((first, last) -> availableAgain.add(new OffsetRange(first, last)));
    }

    @Test
    void acquiredOffsetsAreNotAvailable() {
        acquire(ALICE, 0, 3);
        acquire(BOB, 6, 7);

        assertEquals(List.of(range(4, 5), range(8, 9)), group.available(0, 9, 10));
        assertEquals(range(4, 5), group.firstAvailable(0, 9));
        assertNull(group.firstAvailable(6, 7));
    }

    @Test
    void returnsBufferedRecordsUntouchedAndReceivedOnesFlaggedAndCounted() {
        acquire(ALICE, 0, 2);
        group.replayReceived(1, 1, 1);

        group.giveBack(0, 2);

        assertEquals(
                List.of(span(0, 0, Returned.UNSEEN), span(1, 1, new Returned(1, true)), span(2, 2, Returned.UNSEEN)),
                group.history().of(0, 2));
        assertEquals(List.of(range(0, 0), range(1, 1), range(2, 2)), availableAgain);
    }

    @Test
    void leaseOfAReturnedRecordIsStaleEvenForTheSameConsumer() {
        long before = acquire(ALICE, 0, 0);
        group.giveBack(0, 0);
        long after = acquire(ALICE, 0, 0);

        assertTrue(group.inFlight().held(ALICE, before, 0, 0).isEmpty());
        assertTrue(group.inFlight().held(BOB, after, 0, 0).isEmpty());
        assertEquals(1, group.inFlight().held(ALICE, after, 0, 0).size());
    }

    @Test
    void droppingARangeLeavesWhatIsInFlight() {
        acquire(ALICE, 1, 2);

        group.drop(0, 5);
        group.replayFinal(1, 2);

        assertEquals(6, group.lowWatermark());
        assertEquals(3, group.acquiredMark());
    }

    @Test
    void delayedRecordsWakeAtTheirTime() {
        group.delay(2, 4, 1_000);
        group.wake(999);
        assertEquals(List.of(range(0, 1), range(5, 5)), group.available(0, 5, 10));

        group.wake(1_000);

        assertEquals(List.of(range(0, 5)), group.available(0, 5, 10));
        assertEquals(List.of(range(2, 4)), availableAgain);
    }

    @Test
    void aRedeliveryThatWaitsKeepsItsCount() {
        acquire(ALICE, 0, 1);
        group.replayReceived(0, 1, 3);

        group.replayDelayed(0, 0, 500);

        assertEquals(1, group.inFlight().count());
        assertTrue(group.available(0, 0, 1).isEmpty());
        group.wake(500);
        assertEquals(List.of(span(0, 0, new Returned(3, true))), group.history().of(0, 0));
    }

    @Test
    void doomedRecordsAreNeverAvailableUntilFinal() {
        acquire(ALICE, 0, 0);
        group.replayDoomed(0, 1, new Death(Death.Reason.REJECTED, 2));

        assertEquals(List.of(range(2, 2)), group.available(0, 2, 10));
        group.replayFinal(0, 0);
        assertEquals(1, group.doomed().size());
        assertEquals(1, group.lowWatermark());
    }

    @Test
    void oneMessageGroupBelongsToOneConsumerWhileInFlight() {
        group.acquire(ALICE, ++lease, 0, 1, "g", false);

        assertTrue(group.isOpenTo(ALICE, "g"));
        assertFalse(group.isOpenTo(BOB, "g"));
        assertTrue(group.isOpenTo(BOB, "other"));
        group.replayFinal(0, 0);
        assertFalse(group.isOpenTo(BOB, "g"));
        group.giveBack(1, 1);
        assertTrue(group.isOpenTo(BOB, "g"));
    }

    @Test
    void recoveryFlagsWhatWasAcquiredAndKeepsCounts() {
        group.replayAcquired(0, 3);
        group.replayAcquired(6, 6);
        group.replayReceived(2, 3, 4);
        group.replayFinal(0, 1);

        assertEquals(
                List.of(
                        span(2, 3, new Returned(4, true)),
                        span(4, 5, Returned.UNSEEN),
                        span(6, 6, Returned.IN_DOUBT),
                        span(7, 7, Returned.UNSEEN)),
                group.history().of(2, 7));
    }

    @Test
    void recoveryReadsTheMarksOfEarlierBrokers() {
        group.replayAcquired(2);
        group.replayAcquired(4);
        group.replayFinal(0, 0);

        assertEquals(
                List.of(span(1, 3, Returned.IN_DOUBT), span(4, 4, Returned.UNSEEN)),
                group.history().of(1, 4));
    }

    @Test
    void trimmedOffsetsAreFinal() {
        acquire(ALICE, 0, 3);
        group.trimTo(8);

        assertEquals(8, group.lowWatermark());
        assertEquals(0, group.inFlight().count());
        assertEquals(List.of(range(8, 9)), group.available(0, 9, 10));
    }

    @Test
    void memoryDoesNotGrowWithDepth() {
        for (long offset = 0; offset < 100_000; offset += 100) {
            acquire(ALICE, offset, offset + 99);
            group.replayFinal(offset, offset + 99);
        }

        assertEquals(100_000, group.lowWatermark());
        assertEquals(0, group.inFlight().count());
        assertTrue(group.finals().sizeBytes() < 100);
    }

    private long acquire(Holder holder, long first, long last) {
        group.acquire(holder, ++lease, first, last, null, false);
        return lease;
    }

    private static OffsetRange range(long first, long last) {
        return new OffsetRange(first, last);
    }

    private static Span<Returned> span(long first, long last, Returned value) {
        return new Span<>(first, last, value);
    }
}
