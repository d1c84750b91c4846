// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DataWaitersTest {
    private final DataWaiters waiters = new DataWaiters();
    private final AtomicInteger told = new AtomicInteger();

    @Test
    void anAdvanceWhileSomebodyComesToWaitIsNotMissed() {
        waiters.add(5, told::incrementAndGet, () -> {
            long present = 5;
            waiters.onHighWatermark(6);
            return present;
        });

        assertEquals(1, told.get());
    }

    @Test
    void anAdvanceThatBothSidesSeeIsToldOnce() {
        waiters.add(5, told::incrementAndGet, () -> {
            waiters.onHighWatermark(6);
            return 6;
        });
        waiters.onHighWatermark(7);

        assertEquals(1, told.get());
    }

    @Test
    void whoCancelledIsNotTold() {
        waiters.add(5, told::incrementAndGet, () -> 5).cancel();

        waiters.onHighWatermark(6);

        assertEquals(0, told.get());
    }
}
