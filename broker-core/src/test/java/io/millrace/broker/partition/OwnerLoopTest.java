// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.time.BrokerClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OwnerLoopTest {
    @Test
    void anErrorInOneTaskDoesNotEndTheLoop() throws Exception {
        try (OwnerLoops loops = new OwnerLoops(1, BrokerClock.SYSTEM)) {
            CountDownLatch ran = new CountDownLatch(1);

            loops.timers().execute(() -> {
                throw new AssertionError("made by the test");
            });
            loops.timers().execute(ran::countDown);

            assertTrue(ran.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aTaskThatFailsAfterLendingKeepsNoneBackBehindIt() {
        // Given: two tasks came while the partition was lent
        ManualOwnerLoop loop = new ManualOwnerLoop();
        Lending lending = new Lending(loop);
        List<String> ran = new ArrayList<>();
        lending.lend(() -> ran.add("lent"));
        lending.execute(() -> {
            throw new IllegalStateException("made by the test");
        });
        lending.execute(() -> ran.add("second"));
        loop.runTasks();
        // When
        lending.giveBack();
        loop.runTasks();
        // Then
        assertEquals(List.of("lent", "second"), ran);
    }
}
