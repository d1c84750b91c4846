// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.storage.local.StoreModel.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every file of a store with any bit flipped, cut at any byte, or missing: all is recovered, or it is told. */
class LocalStoreDamageTest {
    /** Bytes at the start of a file of which each is tried; behind them only some. */
    private static final int EACH = 3_500;

    private static final int STRIDE = 61;

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

    /** The positions to try; in the file's used part more of them. */
    private static List<Integer> positions(byte[] bytes, int each) {
        int used = bytes.length;
        while (used > 0 && bytes[used - 1] == 0) {
            used--;
        }
        List<Integer> positions = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += at < Math.min(used, each) ? 1 : at < used ? STRIDE : 16 * STRIDE) {
            positions.add(at);
        }
        return positions;
    }

    @ParameterizedTest
    @EnumSource
    void flippedBitIsMendedOrTold(End end) {
        StoreModel model = new StoreModel();
        SimulatedDisk disk = end.make(model);
        for (Path path : disk.paths()) {
            byte[] bytes = disk.bytes(path);
            int each = end == End.KILLED_AFTER_RECYCLING ? 0 : EACH;
            for (int at : positions(bytes, each)) {
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << (at % 8));
                SimulatedDisk damaged = disk.copy();
                damaged.bytes(path, flipped);
                check(model, damaged, end + ", bit " + at % 8 + " of byte " + at + " of " + path);
            }
        }
        assertTrue(outcomes.keySet().containsAll(List.of(Outcome.values())), outcomes.toString());
    }

    @ParameterizedTest
    @EnumSource(names = {"KILLED", "KILLED_AFTER_RECYCLING"})
    void fileThatEndsAnywhereIsMendedOrTold(End end) {
        StoreModel model = new StoreModel();
        SimulatedDisk disk = end.make(model);
        for (Path path : disk.paths()) {
            byte[] bytes = disk.bytes(path);
            int stride = bytes.length > EACH ? STRIDE * 7 : end == End.KILLED ? 3 : STRIDE;
            for (int size = 0; size < bytes.length; size += stride) {
                SimulatedDisk damaged = disk.copy();
                damaged.bytes(path, Arrays.copyOf(bytes, size));
                check(model, damaged, end + ", " + path + " cut at " + size);
            }
        }
        assertTrue(outcomes.getOrDefault(Outcome.RECOVERED, 0) > 0, outcomes.toString());
    }

    @ParameterizedTest
    @EnumSource
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
