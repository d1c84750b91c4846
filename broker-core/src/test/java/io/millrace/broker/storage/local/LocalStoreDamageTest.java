// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.storage.local.StoreModel.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any file of a store with any bit flipped, cut at any byte, or missing: all that was acknowledged is there, or it is told.
 * Under {@code flush=os} that goes for what was synced; of the rest a prefix is there.
 * System properties: {@code torture.samples}, bytes of each file that are tried; {@code torture.seed}.
 */
class LocalStoreDamageTest {
    private static final int SAMPLES = Integer.getInteger("torture.samples", 12);

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
            try (LocalLogStore store = model.open(disk)) {
                model.append(store, new Random(2), appends, mostBytes);
                return disk.copy();
            }
        }
    }

    private final long seed = Long.getLong("torture.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private StoreModel model = new StoreModel(FlushMode.COMMIT);
    private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);

    /** All of these positions, or by chance as many as are to be tried. */
    private List<Integer> some(int from, int to) {
        if (to - from <= SAMPLES) {
            return IntStream.range(from, to).boxed().toList();
        }
        return random.ints(SAMPLES, from, to).boxed().toList();
    }

    /** Of the part of a file that is used, and a few of what is behind it. */
    private List<Integer> positions(byte[] bytes) {
        int used = bytes.length;
        while (used > 0 && bytes[used - 1] == 0) {
            used--;
        }
        List<Integer> positions = new ArrayList<>(some(0, used));
        IntStream.iterate(used, at -> at < bytes.length, at -> at + 16_000).forEach(positions::add);
        return positions;
    }

    private static Stream<Arguments> cases() {
        return Arrays.stream(FlushMode.values())
                .flatMap(flush -> Arrays.stream(End.values()).map(end -> Arguments.of(flush, end)));
    }

    private SimulatedDisk make(FlushMode flush, End end) {
        model = new StoreModel(flush);
        return end.make(model);
    }

    private void check(SimulatedDisk damaged, String what) {
        outcomes.merge(model.checkAfterLoss(damaged, what + ", torture.seed=" + seed), 1, Integer::sum);
    }

    private void assertMet(Outcome... expected) {
        System.out.println("torture.seed=" + seed + ", " + outcomes);
        assertTrue(outcomes.keySet().containsAll(List.of(expected)), outcomes.toString());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void flippedBitIsMendedOrTold(FlushMode flush, End end) {
        SimulatedDisk disk = make(flush, end);
        for (Path path : paths(disk)) {
            byte[] bytes = disk.bytes(path);
            for (int at : positions(bytes)) {
                int bit = random.nextInt(Byte.SIZE);
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << bit);
                SimulatedDisk damaged = disk.copy();
                damaged.bytes(path, flipped);
                check(damaged, flush + ", " + end + ", bit " + bit + " of byte " + at + " of " + path);
            }
        }
        assertMet(Outcome.RECOVERED, Outcome.OFFLINE);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void fileThatEndsAnywhereIsMendedOrTold(FlushMode flush, End end) {
        SimulatedDisk disk = make(flush, end);
        for (Path path : paths(disk)) {
            byte[] bytes = disk.bytes(path);
            for (int size : positions(bytes)) {
                SimulatedDisk damaged = disk.copy();
                damaged.bytes(path, Arrays.copyOf(bytes, size));
                damaged.reboot();
                check(damaged, flush + ", " + end + ", " + path + " cut at " + size);
            }
        }
        assertMet(Outcome.RECOVERED);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void missingFileIsMendedOrTold(FlushMode flush, End end) {
        SimulatedDisk disk = make(flush, end);
        for (Path path : disk.paths()) {
            SimulatedDisk damaged = disk.copy();
            damaged.remove(path);
            damaged.reboot();
            check(damaged, flush + ", " + end + ", without " + path);
        }
        assertMet(Outcome.RECOVERED);
    }

    /** Of many files, not more than are worth the time. */
    private List<Path> paths(SimulatedDisk disk) {
        List<Path> paths = new ArrayList<>(disk.paths());
        Collections.shuffle(paths, random);
        return paths.subList(0, Math.min(paths.size(), 2 * SAMPLES));
    }

    /** A kill of the process alone: what was written is there, whole. */
    @ParameterizedTest
    @EnumSource(names = {"KILLED", "KILLED_AFTER_RECYCLING"})
    void killOfTheProcessLosesNothingUnderFlushOs(End end) {
        SimulatedDisk killed = make(FlushMode.OS, end);

        assertEquals(Outcome.RECOVERED, model.check(killed, end + ", torture.seed=" + seed));
    }

    @Test
    void lastBatchCutAtAnyByteComesBackFromTheJournal() {
        SimulatedDisk disk = End.KILLED.make(model);
        for (Path path : disk.paths()) {
            byte[] bytes = disk.bytes(path);
            if (path.toString().contains("/partitions/") && path.toString().endsWith(".log")) {
                for (int cut = 1; cut <= Math.min(bytes.length, 60); cut++) {
                    SimulatedDisk damaged = disk.copy();
                    damaged.bytes(path, Arrays.copyOf(bytes, bytes.length - cut));
                    String what = path + " without its last " + cut + " bytes";
                    assertEquals(Outcome.RECOVERED, model.check(damaged, what), what);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"KILLED", "KILLED_AFTER_RECYCLING"})
    void staleCleanShutdownMarkIsNotBelieved(End end) {
        SimulatedDisk disk = new SimulatedDisk();
        model.work(disk, new Random(3), 10, 500);
        Path mark = StoreModel.DIRECTORY.resolve("checkpoint");
        byte[] stale = disk.bytes(mark);
        SimulatedDisk killed = End.killed(model, disk, end == End.KILLED ? 10 : 80, 4_000);
        killed.bytes(mark, stale);

        assertEquals(Outcome.RECOVERED, model.check(killed, "stale mark"));
    }
}
