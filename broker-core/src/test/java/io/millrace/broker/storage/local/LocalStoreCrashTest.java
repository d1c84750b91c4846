// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.local.StoreModel.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Crashes of the whole machine at any step, and failures of any step, on a disk whose page cache is lost. System
 * properties: {@code torture.samples}, cases of each kind that are tried; {@code torture.seed}.
 */
class LocalStoreCrashTest {
    private static final int SAMPLES = Integer.getInteger("torture.samples", 12);
    private static final int MOST_CRASHES = 3_000;
    /** Crashes of one disk before a new one: it only grows. */
    private static final int CRASHES_OF_A_DISK = 8;

    private static final int APPENDS = 20;
    private static final int MOST_BYTES = 3_000;
    private static final List<String> STEPS =
            List.of("write", "sync", "create", "rename", "syncdir", "delete", "truncate");

    private final long seed = Long.getLong("torture.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void crashOfTheMachineAtAnyStepLosesNothingAcknowledged() {
        System.out.println("torture.seed=" + seed);
        StoreModel model = new StoreModel();
        SimulatedDisk disk = new SimulatedDisk();
        for (int i = 0; i < Math.min(SAMPLES, MOST_CRASHES); i++) {
            if (i % CRASHES_OF_A_DISK == 0) {
                model = new StoreModel();
                disk = new SimulatedDisk();
            }
            String what = "crash " + i + ", torture.seed=" + seed;
            SimulatedDisk crashed = crashAtAnyStep(model, disk);
            assertEquals(Outcome.RECOVERED, model.check(crashed, what), what);
            // What recovery did may be lost as well.
            disk = random.nextBoolean() ? crashed.crash(random) : crashed;
        }
    }

    /** From a random step on nothing reaches the disk any more: what was answered before is what counts. */
    private SimulatedDisk crashAtAnyStep(StoreModel model, SimulatedDisk disk) {
        AtomicInteger steps = new AtomicInteger(random.nextInt(10 + 6 * APPENDS));
        disk.hook((operation, path) -> {
            if (!operation.equals("read") && steps.getAndDecrement() <= 0) {
                throw new IOException("the machine is down");
            }
        });
        try {
            model.work(disk, random, APPENDS, MOST_BYTES);
        } catch (StorageException down) {
            assertTrue(steps.get() < 0, down.toString());
        }
        return disk.crash(random);
    }

    @Test
    void failureOfAnyStepLosesNothingAcknowledgedAlsoWhenTheNextOneSucceeds() {
        System.out.println("torture.seed=" + seed);
        for (String failing : STEPS) {
            int steps =
                    -fail(new StoreModel(), new SimulatedDisk(), failing, 0, "").get();
            boolean all = SAMPLES >= steps;
            for (int i = 0; i < Math.min(steps, SAMPLES / 4 + 1) || (all && i < steps); i++) {
                int step = 1 + (all ? i : random.nextInt(steps));
                for (String message : List.of("Input/output error", "No space left on device")) {
                    String what = message + " at " + failing + " " + step + ", torture.seed=" + seed;
                    StoreModel model = new StoreModel();
                    SimulatedDisk disk = new SimulatedDisk();
                    fail(model, disk, failing, step, message);
                    assertEquals(Outcome.RECOVERED, model.check(disk.crash(random), what), what);
                }
            }
        }
    }

    /** Fails the {@code step}-th step of a kind, from 1; gives how many there were minus that, negated. */
    private AtomicInteger fail(StoreModel model, SimulatedDisk disk, String failing, int step, String message) {
        AtomicInteger left = new AtomicInteger(step);
        disk.hook((operation, path) -> {
            if (operation.equals(failing) && left.decrementAndGet() == 0) {
                throw new IOException(message);
            }
        });
        try {
            model.work(disk, random, APPENDS, MOST_BYTES);
        } catch (StorageException refused) {
            assertTrue(left.get() <= 0, refused.toString());
        }
        return left;
    }
}
