// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.ra.inbound.Concurrency.Decision;
import io.millrace.ra.inbound.Concurrency.Seen;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How many sessions there are, with time given by hand. */
class ConcurrencyTest {
    private final Concurrency concurrency = new Concurrency(1, 10);
    private long nowMs;

    private Seen busy(long sinceMs, int waiting) {
        return new Seen(true, TimeUnit.MILLISECONDS.toNanos(sinceMs), waiting);
    }

    private Seen idle(long sinceMs) {
        return new Seen(false, TimeUnit.MILLISECONDS.toNanos(sinceMs), 0);
    }

    private Decision at(long ms, Seen... seen) {
        nowMs = ms;
        return concurrency.decide(TimeUnit.MILLISECONDS.toNanos(nowMs), List.of(seen));
    }

    @Test
    void opensNoneWhileOneIsIdleOrNothingWaits() {
        assertEquals(0, at(0, busy(0, 5), idle(0)).more());
        assertEquals(0, at(100, busy(0, 5), idle(0)).more());
        assertEquals(0, at(200, busy(0, 0)).more());
        assertEquals(0, at(300, busy(0, 0)).more());
    }

    @Test
    void opensOneOnceAllWereBusyForAWhileWithMessagesWaiting() {
        assertEquals(0, at(0, busy(0, 5)).more());
        assertEquals(0, at(49, busy(0, 5)).more());
        assertEquals(1, at(50, busy(0, 5)).more());
    }

    @Test
    void startsToWaitAnewWhenOneWasIdleBetween() {
        at(0, busy(0, 5));
        at(40, idle(40));
        assertEquals(0, at(60, busy(50, 5)).more());
        assertEquals(1, at(110, busy(50, 5)).more());
    }

    @Test
    void doublesUpToTheMaximum() {
        List<Integer> counts = new ArrayList<>();
        int sessions = 1;
        for (long ms = 0; ms <= 500; ms += 50) {
            sessions += at(ms, Collections.nCopies(sessions, busy(0, 1)).toArray(Seen[]::new))
                    .more();
            counts.add(sessions);
        }

        assertEquals(List.of(1, 2, 4, 8, 10, 10, 10, 10, 10, 10, 10), counts);
    }

    @Test
    void asksForNoneForAWhileAfterTheServerHadNone() {
        at(0, busy(0, 5));
        concurrency.onRefused(0);

        assertEquals(0, at(9_999, busy(0, 5)).more());
        assertEquals(1, at(10_000, busy(0, 5)).more());
    }

    @Test
    void closesOneAtATimeAndTheOneThatWasIdleLongest() {
        assertEquals(1, at(30_000, idle(10), idle(0), busy(0, 0)).close());
        assertEquals(-1, at(29_999, idle(10), idle(0), busy(0, 0)).close());
        assertEquals(-1, at(90_000, idle(0)).close());
    }

    @Test
    void slowSessionGivesBackWhatAnIdleOneCanHave() {
        assertEquals(List.of(0), at(100, busy(0, 5), idle(0)).giveBack());
        assertEquals(List.of(), at(99, busy(0, 5), idle(0)).giveBack());
        assertEquals(List.of(), at(200, busy(0, 5), busy(0, 5)).giveBack());
    }

    @Test
    void slowSessionGivesBackWhenAnotherIsAboutToOpen() {
        at(0, busy(0, 5));

        Decision decision = at(100, busy(0, 5));

        assertEquals(1, decision.more());
        assertEquals(List.of(0), decision.giveBack());
    }

    @Test
    void looksOftenWhileThereIsWorkAndNotAtAllWhenThereIsNothingToDecide() {
        assertEquals(Concurrency.GROW_NANOS, at(0, busy(0, 0)).nextNanos());
        assertEquals(-1, at(0, idle(0)).nextNanos());
        assertEquals(
                TimeUnit.SECONDS.toNanos(20), at(10_000, idle(0), idle(5_000)).nextNanos());
    }
}
