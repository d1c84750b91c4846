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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    /** Under {@code flush=os}: nothing synced, and of the rest a prefix of each partition's appends is kept. */
    @ParameterizedTest
    @EnumSource
    void crashOfTheMachineAtAnyStepLosesNothingAcknowledged(FlushMode flush) {
        System.out.println("torture.seed=" + seed);
        int crashes = Math.min(SAMPLES, MOST_CRASHES);
        for (int i = 0; i < crashes; i += CRASHES_OF_A_DISK) {
            crashAgainAndAgain(flush, i, Math.min(crashes, i + CRASHES_OF_A_DISK));
        }
    }

    private void crashAgainAndAgain(FlushMode flush, int from, int to) {
        StoreModel model = new StoreModel(flush, true);
        SimulatedDisk disk = new SimulatedDisk();
        for (int i = from; i < to; i++) {
            String what = "crash " + i + ", torture.seed=" + seed;
            SimulatedDisk crashed = crashAtAnyStep(model, disk);
            assertEquals(Outcome.RECOVERED, model.checkAfterLoss(crashed, what), () -> what + model.told());
            model.goOn();
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

    @ParameterizedTest
    @EnumSource
    void failureOfAnyStepLosesNothingAcknowledgedAlsoWhenTheNextOneSucceeds(FlushMode flush) {
        System.out.println("torture.seed=" + seed);
        for (String failing : STEPS) {
            int steps = -fail(new StoreModel(flush), new SimulatedDisk(), failing, 0, "")
                    .get();
            boolean all = SAMPLES >= steps;
            for (int i = 0; i < Math.min(steps, SAMPLES / 4 + 1) || (all && i < steps); i++) {
                int step = 1 + (all ? i : random.nextInt(steps));
                for (String message : List.of("Input/output error", "No space left on device")) {
                    String what = message + " at " + failing + " " + step + ", torture.seed=" + seed;
                    StoreModel model = new StoreModel(flush);
                    SimulatedDisk disk = new SimulatedDisk();
                    fail(model, disk, failing, step, message);
                    assertEquals(
                            Outcome.RECOVERED,
                            model.checkAfterLoss(disk.crash(random), what),
                            () -> what + model.told());
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
