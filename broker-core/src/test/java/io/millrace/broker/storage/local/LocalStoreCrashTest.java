// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Crashes of the whole machine and failures of the disk at every step, on a disk with a page cache that is lost. */
class LocalStoreCrashTest {
    private static final int CRASHES = 150;
    private static final int APPENDS = 30;

    private final long seed = Long.getLong("torture.seed", System.nanoTime());

    @Test
    void crashesThatLoseAnyPartOfThePageCacheLoseNothingAcknowledged() {
        System.out.println("torture.seed=" + seed);
        Random random = new Random(seed);
        StoreModel model = new StoreModel();
        SimulatedDisk disk = new SimulatedDisk();
        for (int i = 0; i < CRASHES; i++) {
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

    @ParameterizedTest
    @ValueSource(strings = {"write", "sync", "create", "rename", "syncdir", "delete", "truncate"})
    void failureOfAnyStepLosesNothingAcknowledgedAlsoWhenTheNextOneSucceeds(String failing) {
        for (String message : List.of("Input/output error", "No space left on device")) {
            boolean failed = true;
            for (int step = 0; failed; step++) {
                StoreModel model = new StoreModel();
                SimulatedDisk disk = new SimulatedDisk();
                failed = failAt(model, disk, failing, step, message);
                disk.hook((operation, path) -> {});
                String what = message + " at " + failing + " " + step;
                assertEquals(StoreModel.Outcome.RECOVERED, model.check(disk.crash(new Random(step)), what), what);
            }
        }
    }

    private static boolean failAt(StoreModel model, SimulatedDisk disk, String failing, int step, String message) {
        AtomicInteger left = new AtomicInteger(step);
        disk.hook((operation, path) -> {
            if (operation.equals(failing) && left.getAndDecrement() == 0) {
                throw new IOException(message);
            }
        });
        Random random = new Random(7);
        try {
            model.work(disk, random, 12, 3_000);
            model.work(disk, random, 12, 3_000);
        } catch (StorageException refused) {
            assertTrue(left.get() < 0, refused.toString());
        }
        return left.get() < 0;
    }
}
