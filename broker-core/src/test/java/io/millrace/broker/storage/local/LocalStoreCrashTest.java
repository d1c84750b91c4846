// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Crashes of the whole machine at any step, on a disk whose page cache is lost. */
class LocalStoreCrashTest {
    private static final int CRASHES = 32;
    /** Crashes of one disk before a new one: it only grows. */
    private static final int CRASHES_OF_A_DISK = 8;

    private static final int APPENDS = 20;

    private final long seed = Long.getLong("torture.seed", System.nanoTime());

    @Test
    void crashesThatLoseAnyPartOfThePageCacheLoseNothingAcknowledged() {
        System.out.println("torture.seed=" + seed);
        Random random = new Random(seed);
        StoreModel model = new StoreModel();
        SimulatedDisk disk = new SimulatedDisk();
        for (int i = 0; i < CRASHES; i++) {
            if (i % CRASHES_OF_A_DISK == 0) {
                model = new StoreModel();
                disk = new SimulatedDisk();
            }
            String what = "crash " + i + ", torture.seed=" + seed;
            SimulatedDisk crashed = crashAtAnyStep(model, disk, random);
            assertEquals(StoreModel.Outcome.RECOVERED, model.check(crashed, what), what);
            disk = random.nextBoolean() ? crashed.crash(random) : crashed;
        }
    }

    /** From a random step on nothing reaches the disk any more: what was answered before is what counts. */
    private static SimulatedDisk crashAtAnyStep(StoreModel model, SimulatedDisk disk, Random random) {
        AtomicInteger left = new AtomicInteger(random.nextInt(10 + 6 * APPENDS));
        disk.hook((operation, path) -> {
            if (!operation.equals("read") && left.getAndDecrement() <= 0) {
                throw new IOException("the machine is down");
            }
        });
        try {
            model.work(disk, random, APPENDS, 3_000);
        } catch (StorageException down) {
            assertTrue(left.get() < 0, down.toString());
        }
        return disk.crash(random);
    }
}
