// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.net.NetworkServer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OwnerLoopTest {
    @Test
    void anErrorInOneTaskDoesNotEndTheLoop() throws Exception {
        try (OwnerLoops loops = new OwnerLoops(NetworkServer.newLoops(1))) {
            CountDownLatch ran = new CountDownLatch(1);

            loops.timers().execute(() -> {
                throw new AssertionError("made by the test");
            });
            loops.timers().execute(ran::countDown);

            assertTrue(ran.await(10, TimeUnit.SECONDS));
        }
    }
}
