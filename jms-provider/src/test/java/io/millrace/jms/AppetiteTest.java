// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AppetiteTest {
    private static final int BYTES = 1 << 20;

    private long nowMs = 1_000_000;

    /** Takes so many, of a buffer that is full again each time. */
    private void take(Appetite appetite, int count, int perMs) {
        for (int i = 0; i < count; i++) {
            if (i % perMs == 0) {
                nowMs++;
            }
            appetite.onTaken(appetite.most() - 1, nowMs);
        }
    }

    @Test
    void oneThatIsFastGetsWhatItTakesIn100Milliseconds() {
        Appetite appetite = new Appetite(32, 1_000, BYTES);

        take(appetite, 10_000, 5);

        assertTrue(appetite.most() >= 450 && appetite.most() <= 550, appetite.most() + " of 500");
    }

    @Test
    void itAtMostDoublesWhileAHalfOfItIsTaken() {
        Appetite appetite = new Appetite(32, 1_000, BYTES);
        take(appetite, 17, 17);
        int before = appetite.most();

        take(appetite, before / 2 + 1, 1_000);

        assertEquals(2 * before, appetite.most());
    }

    @Test
    void noneGetsMoreThanTheCeiling() {
        Appetite appetite = new Appetite(32, 100, BYTES);

        take(appetite, 10_000, 1_000);

        assertEquals(100, appetite.most());
    }

    @Test
    void largeMessagesAreFewerButNotBelowTheFloor() {
        Appetite appetite = new Appetite(32, 1_000, BYTES);
        take(appetite, 10_000, 1_000);

        appetite.onArrived(10, 10 * 10_240);
        assertEquals(102, appetite.most());
        appetite.onArrived(1, BYTES);
        assertEquals(32, appetite.most());
        appetite.onArrived(100, 100 * 100);
        assertEquals(1_000, appetite.most());
    }

    @Test
    void whereFloorAndCeilingAreOneSizesDoNotCount() {
        Appetite appetite = new Appetite(250, 250, BYTES);

        appetite.onArrived(1, BYTES);

        assertEquals(250, appetite.most());
    }

    @Test
    void oneThatBecomesSlowFallsToTheFloorAndNoLower() {
        Appetite appetite = new Appetite(32, 1_000, BYTES);
        take(appetite, 10_000, 1_000);

        for (int i = 0; i < 501; i++) {
            nowMs += 50;
            appetite.onTaken(appetite.most() - 1, nowMs);
        }

        assertEquals(32, appetite.most());
    }

    @Test
    void oneThatGaveBackGetsHalfOfTheFloorEachTimeAndDoublesWhenThatIsUsedUp() {
        Appetite appetite = new Appetite(32, 1_000, BYTES);
        take(appetite, 10_000, 1_000);
        appetite.onGivenBack();
        assertEquals(16, appetite.most());
        appetite.onGivenBack();
        assertEquals(8, appetite.most());

        appetite.onTaken(7, nowMs);
        assertEquals(8, appetite.most());
        appetite.onTaken(0, nowMs);

        assertEquals(16, appetite.most());
    }

    @Test
    void itNeverFallsBelowOne() {
        Appetite appetite = new Appetite(1, 1, BYTES);

        appetite.onGivenBack();
        take(appetite, 10, 1);

        assertEquals(1, appetite.most());
    }

    @Test
    void whereFloorAndCeilingAreOneItStaysThat() {
        Appetite appetite = new Appetite(250, 250, BYTES);

        take(appetite, 1_000, 1_000);
        take(appetite, 1_000, 1);

        assertEquals(250, appetite.most());
    }

    @Test
    void aClockThatGoesBackDoesNoHarm() {
        Appetite appetite = new Appetite(32, 1_000, BYTES);
        take(appetite, 100, 1);
        nowMs -= 1_000_000;

        take(appetite, 17, 1);

        assertTrue(appetite.most() >= 32 && appetite.most() <= 1_000, "" + appetite.most());
    }
}
