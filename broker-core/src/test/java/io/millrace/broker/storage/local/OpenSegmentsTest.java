// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many files the store keeps open, however many segments there are. */
class OpenSegmentsTest {
    private static final int BATCHES = 200;
    private static final int MOST = 3;
    private static final int READ_THREADS = 2;
    /** Journal files, and of the log its last segment and its state file. */
    private static final int OTHERS = 4 + 2;

    private final PartitionId orders = new PartitionId(UUID.randomUUID(), "orders", 0);
    private final FaultyFileLayer files = new FaultyFileLayer();

    @TempDir
    Path directory;

    private LocalLogStore open() {
        return LocalLogStore.open(
                LocalStoreOptions.defaults(directory)
                        .withJournalFileBytes(64 << 10)
                        .withSegmentBytes(4 << 10)
                        .withOpenSegments(MOST),
                files);
    }

    private PartitionLog acquire(LocalLogStore store, int epoch) {
        return store.acquire(orders, epoch, cause -> {}).join();
    }

    private PartitionLog written(LocalLogStore store) {
        PartitionLog log = acquire(store, 1);
        for (int i = 0; i < BATCHES; i++) {
            log.append(TestBatches.next(log, 1, 1_000)).join();
        }
        store.sync().join();
        return log;
    }

    @Test
    void sealedSegmentsAreClosedBeyondTheBoundAndOpenedAgainWhenRead() {
        try (LocalLogStore store = open()) {
            PartitionLog log = written(store);
            assertTrue(log.segments().size() > 10 * MOST);

            List<Long> read = TestBatches.readAll(log);

            assertEquals(LongStream.range(0, BATCHES).boxed().toList(), read);
            assertTrue(files.openFiles() <= MOST + OTHERS, files.openFiles() + " open");
        }
        assertEquals(0, files.openFiles());
    }

    @Test
    void acquiringOpensNoSealedSegment() {
        try (LocalLogStore store = open()) {
            written(store);
        }
        try (LocalLogStore store = open()) {
            PartitionLog log = acquire(store, 2);

            assertTrue(files.openFiles() <= OTHERS, files.openFiles() + " open");
            assertEquals(LongStream.range(0, BATCHES).boxed().toList(), TestBatches.readAll(log));
        }
    }

    /** Deletion, replacement and reads of many threads beside each other. */
    @Test
    void readsBesideTrimAndReplacementFindWhatThereIs() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (LocalLogStore store = open()) {
            PartitionLog log = written(store);
            List<CompletableFuture<LogSlice>> reads = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                reads.add(log.read(BATCHES / 2 + random.nextInt(BATCHES / 2), 1_000));
            }
            CompletableFuture<Void> trimmed = log.trimPrefix(BATCHES / 2);
            List<LogSegment> sealed = log.segments().stream()
                    .filter(segment -> segment.sealed() && segment.baseOffset() >= BATCHES / 2 + 8)
                    .toList();
            CompletableFuture<Void> replaced = log.replace(sealed.subList(0, 8), () -> null);

            CompletableFuture.allOf(trimmed, replaced).join();
            for (CompletableFuture<LogSlice> read : reads) {
                assertTrue(!TestBatches.baseOffsets(read.join()).isEmpty());
            }
            assertTrue(files.openFiles() <= MOST + READ_THREADS + OTHERS, files.openFiles() + " open");
        }
        assertEquals(0, files.openFiles());
    }
}
