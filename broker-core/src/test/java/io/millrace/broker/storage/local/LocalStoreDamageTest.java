// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.storage.local.StoreModel.Outcome;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every file of a store missing, and a stale mark of a clean shutdown: all is recovered, or it is told. */
class LocalStoreDamageTest {
    /** How the store ended before the damage. */
    enum End {
        CLEAN {
            @Override
            SimulatedDisk make(StoreModel model) {
                SimulatedDisk disk = new SimulatedDisk();
                model.work(disk, new Random(1), 15, 300);
                return disk.copy();
            }
        },
        KILLED {
            @Override
            SimulatedDisk make(StoreModel model) {
                SimulatedDisk disk = new SimulatedDisk();
                model.work(disk, new Random(1), 8, 300);
                return killed(model, disk, 7, 300);
            }
        },
        /** With journal files that hold stale frames, and many segments. */
        KILLED_AFTER_RECYCLING {
            @Override
            SimulatedDisk make(StoreModel model) {
                SimulatedDisk disk = new SimulatedDisk();
                model.work(disk, new Random(1), 60, 6_000);
                return killed(model, disk, 20, 2_000);
            }
        };

        abstract SimulatedDisk make(StoreModel model);

        static SimulatedDisk killed(StoreModel model, SimulatedDisk disk, int appends, int mostBytes) {
            try (LocalLogStore store = LocalLogStore.open(StoreModel.OPTIONS, disk)) {
                model.append(store, new Random(2), appends, mostBytes);
                return disk.copy();
            }
        }
    }

    private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

    private void check(StoreModel model, SimulatedDisk damaged, String what) {
        outcomes.merge(model.check(damaged, what), 1, Integer::sum);
    }

    @ParameterizedTest
    @EnumSource(names = {"CLEAN", "KILLED"})
    void missingFileIsMendedOrTold(End end) {
        StoreModel model = new StoreModel();
        SimulatedDisk disk = end.make(model);
        for (Path path : disk.paths()) {
            SimulatedDisk damaged = disk.copy();
            damaged.remove(path);
            check(model, damaged, end + ", without " + path);
        }
        assertTrue(outcomes.getOrDefault(Outcome.RECOVERED, 0) > 0, outcomes.toString());
    }

    @ParameterizedTest
    @EnumSource(names = {"KILLED", "KILLED_AFTER_RECYCLING"})
    void staleCleanShutdownMarkIsNotBelieved(End end) {
        StoreModel model = new StoreModel();
        SimulatedDisk disk = new SimulatedDisk();
        model.work(disk, new Random(3), 10, 500);
        Path mark = StoreModel.DIRECTORY.resolve("checkpoint");
        byte[] stale = disk.bytes(mark);
        SimulatedDisk killed = End.killed(model, disk, end == End.KILLED ? 10 : 80, 4_000);
        killed.bytes(mark, stale);

        assertEquals(Outcome.RECOVERED, model.check(killed, "stale mark"));
    }
}
