// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a crash may leave under {@code flush=os}: pairs of DATA and STATE, each file cut anywhere. */
class LocalStoreOsCrashTest {
    private static final int PAIRS = 5;
    private static final int RECORD = SegmentWalk.PREFIX + 61 + 40;
    private static final int STATE = StateFile.HEADER_BYTES + Long.BYTES;

    private final PartitionId orders = new PartitionId(UUID.randomUUID(), "orders", 0);
    private int copies;

    @TempDir
    Path temporary;

    private Path crashed;

    @BeforeEach
    void crash() throws IOException {
        Path running = temporary.resolve("running");
        try (LocalLogStore store = open(running, FlushMode.OS)) {
            PartitionLog log = acquire(store, 1);
            for (long i = 0; i < PAIRS; i++) {
                pair(log);
            }
            crashed = copy(running);
        }
    }

    private static LocalLogStore open(Path directory, FlushMode flush) {
        return LocalLogStore.open(LocalStoreOptions.defaults(directory)
                .withJournalFileBytes(64 << 10)
                .withFlush(flush));
    }

    private PartitionLog acquire(LocalLogStore store, int epoch) {
        return store.acquire(orders, epoch, cause -> {}).join();
    }

    private static void pair(PartitionLog log) {
        long base = log.nextOffset();
        ByteBuf state = Unpooled.buffer().writeLong(base);
        log.append(new LogAppend(log, TestBatches.batch(base, 1, 1000 + base, 40), base, 1000 + base, state, false))
                .join();
    }

    private Path copy(Path from) throws IOException {
        Path to = temporary.resolve("copy-" + copies++);
        try (Stream<Path> all = Files.walk(from)) {
            // What is renamed meanwhile is there under its other name.
            for (Path path :
                    all.filter(each -> !each.toString().endsWith(".tmp")).toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
        return to;
    }

    private static void cut(Path directory, String name, int bytes) throws IOException {
        try (Stream<Path> all = Files.walk(directory.resolve("partitions"))) {
            Path file = all.filter(path -> path.toString().endsWith(name))
                    .findFirst()
                    .orElseThrow();
            Files.write(file, Arrays.copyOf(Files.readAllBytes(file), bytes));
        }
    }

    private static List<Long> stateOf(PartitionLog log) {
        List<Long> state = new ArrayList<>();
        log.replayState(entry -> state.add(entry.getLong(entry.readerIndex())));
        return state;
    }

    private static List<Long> upTo(long end) {
        return LongStream.range(0, end).boxed().toList();
    }

    /** Whole pairs survive, whichever half was torn, and whatever the next run's mode is. */
    private void assertWholePairs(int dataBytes, int stateBytes, FlushMode next) throws IOException {
        String where = dataBytes + " bytes of data, " + stateBytes + " of state, then " + next;
        int pairs = Math.min(dataBytes / RECORD, stateBytes / STATE);
        Path torn = copy(crashed);
        cut(torn, "/00000000000000000000.log", dataBytes);
        cut(torn, "state-00000000000000000000.log", stateBytes);
        long nextOffset;
        try (LocalLogStore store = open(torn, next)) {
            PartitionLog log = acquire(store, 2);
            assertEquals(upTo(pairs), TestBatches.readAll(log), where);
            assertEquals(upTo(pairs), stateOf(log), where);
            nextOffset = log.nextOffset();
            assertTrue(nextOffset >= Math.max(dataBytes / RECORD, stateBytes / STATE), where);
        }
        try (LocalLogStore store = open(torn, next)) {
            PartitionLog log = acquire(store, 3);
            assertEquals(nextOffset, log.nextOffset(), where);
            pair(log);
            assertEquals(pairs + 1, stateOf(acquire(store, 4)).size(), where);
        }
    }

    @Test
    void tornPairsAreCutWhicheverHalfIsMissing() throws IOException {
        for (int pairs = 0; pairs <= PAIRS; pairs++) {
            for (FlushMode next : FlushMode.values()) {
                assertWholePairs(PAIRS * RECORD, pairs * STATE, next);
                assertWholePairs(pairs * RECORD, PAIRS * STATE, next);
            }
        }
    }

    @Test
    void tornBytesAreCut() throws IOException {
        for (int lost : List.of(1, 40, RECORD - 1)) {
            assertWholePairs(PAIRS * RECORD - lost, PAIRS * STATE, FlushMode.COMMIT);
        }
        for (int lost : List.of(1, 10, STATE - 1)) {
            assertWholePairs(PAIRS * RECORD, PAIRS * STATE - lost, FlushMode.OS);
        }
    }
}
