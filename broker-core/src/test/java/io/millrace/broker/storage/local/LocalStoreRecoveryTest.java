// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.TestBatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and torn files. A crash is a copy of the data directory while the store runs. */
class LocalStoreRecoveryTest {
    private static final int BATCH = 61 + 40;
    private static final int PREFIX = SegmentWalk.PREFIX;
    private static final int RECORD = PREFIX + BATCH;

    private final PartitionId orders = new PartitionId(UUID.randomUUID(), "orders", 0);
    private final PartitionId status = new PartitionId(UUID.randomUUID(), "status", 0);
    private int copies;

    @TempDir
    Path temporary;

    private LocalLogStore open(Path directory) {
        return LocalLogStore.open(LocalStoreOptions.defaults(directory)
                .withJournalFileBytes(64 << 10)
                .withSegmentBytes(16 << 10));
    }

    private PartitionLog acquire(LocalLogStore store, PartitionId partition, int epoch) {
        return store.acquire(partition, epoch, cause -> {}).join();
    }

    /** Three appends to one partition, then one to both at once; the directory as a crash leaves it. */
    private Path crashed() throws IOException {
        Path directory = temporary.resolve("running");
        try (LocalLogStore store = open(directory)) {
            PartitionLog log = acquire(store, orders, 1);
            PartitionLog other = acquire(store, status, 1);
            for (int i = 0; i < 3; i++) {
                log.append(TestBatches.next(log, 1, 40)).join();
            }
            store.append(List.of(TestBatches.next(log, 1, 40), TestBatches.next(other, 1, 40)))
                    .join();
            return copy(directory);
        }
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

    private static Path only(Path directory, String suffix) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> path.toString().endsWith(suffix))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Path segmentOf(Path directory, String topic) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path ->
                            path.toString().contains(topic) && path.toString().endsWith("0.log"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void flip(Path file, long position) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) position] ^= 4;
        Files.write(file, bytes);
    }

    private static void truncate(Path file, int size) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, size));
    }

    private static List<Long> upTo(long end) {
        return LongStream.range(0, end).boxed().toList();
    }

    /** The bytes of the four frames of {@link #crashed}: three single ones, one double. */
    private static final int SINGLE =
            (int) JournalLayout.aligned(JournalLayout.FRAME_HEADER_BYTES + JournalLayout.ENTRY_HEADER_BYTES + BATCH);

    private static final int DOUBLE = JournalLayout.FRAME_HEADER_BYTES + 2 * (JournalLayout.ENTRY_HEADER_BYTES + BATCH);

    @Test
    void tornLastFrameEndsTheScanAtEveryByte() throws IOException {
        Path torn = crashed();
        Path file = only(torn, "journal-0000.log");
        byte[] journal = Files.readAllBytes(file);
        for (int written = 0; written < DOUBLE; written++) {
            Files.write(file, tornAfter(journal, written));
            try (JournalScan scan = new JournalScan(new NioFileLayer(), AtomicFile.parent(file))) {
                JournalScan.Result result = scan.scan(new Checkpoint(0, -1, Map.of()));
                assertEquals(3, result.lastSequence(), "torn at " + written);
                assertEquals(3, result.entries().size(), "torn at " + written);
                assertNull(result.damage(), "torn at " + written);
            }
        }
    }

    @Test
    void tornLastFrameIsLostForBothPartitionsOfItsAppend() throws IOException {
        Path crashed = crashed();
        byte[] journal = Files.readAllBytes(only(crashed, "journal-0000.log"));
        for (int written : List.of(0, 60, DOUBLE - BATCH, DOUBLE - 1)) {
            Path torn = copy(crashed);
            Files.write(only(torn, "journal-0000.log"), tornAfter(journal, written));
            truncate(segmentOf(torn, "orders"), 3 * RECORD);
            truncate(segmentOf(torn, "status"), 0);

            try (LocalLogStore store = open(torn)) {
                assertEquals(upTo(3), TestBatches.readAll(acquire(store, orders, 2)), "torn at " + written);
                assertEquals(0, acquire(store, status, 2).durableEndOffset(), "torn at " + written);
            }
        }
    }

    private static byte[] tornAfter(byte[] journal, int written) {
        byte[] bytes = journal.clone();
        Arrays.fill(bytes, JournalLayout.FILE_HEADER_BYTES + 3 * SINGLE + written, bytes.length, (byte) 0);
        return bytes;
    }

    @Test
    void journalBringsBackWhatTheSegmentsLostOrTore() throws IOException {
        Path crashed = crashed();
        for (int kept : List.of(0, 1, 50, RECORD, RECORD + 7, 4 * RECORD - 1)) {
            Path torn = copy(crashed);
            truncate(segmentOf(torn, "orders"), kept);
            truncate(segmentOf(torn, "status"), 0);

            try (LocalLogStore store = open(torn)) {
                assertEquals(upTo(4), TestBatches.readAll(acquire(store, orders, 2)), "kept " + kept);
                assertEquals(upTo(1), TestBatches.readAll(acquire(store, status, 2)), "kept " + kept);
            }
        }
    }

    private static final int HEAD = (int) JournalLayout.headBytes(1);

    /** The start offset may lie in the middle of a batch (DeleteRecords): the rest of that batch counts. */
    @Test
    void journalBringsBackABatchInWhoseMiddleTheLogStarts() throws IOException {
        Path crashed;
        Path directory = temporary.resolve("running");
        try (LocalLogStore store = open(directory)) {
            PartitionLog log = acquire(store, orders, 1);
            log.append(TestBatches.next(log, 3, 40)).join();
            log.append(TestBatches.next(log, 3, 40)).join();
            log.trimPrefix(4).join();
            crashed = copy(directory);
        }
        Path segment = segmentOf(crashed, "orders");
        truncate(segment, (int) Files.size(segment) - 1);

        try (LocalLogStore store = open(crashed)) {
            PartitionLog log = acquire(store, orders, 2);

            assertEquals(6, log.durableEndOffset());
            assertEquals(List.of(3L), TestBatches.baseOffsets(log.read(4, 1_000).join()));
        }
    }

    @Test
    void damagedFrameHeadWithSyncedOnesBehindItRefusesTheStore() throws IOException {
        Path crashed = crashed();
        flip(only(crashed, "journal-0000.log"), JournalLayout.FILE_HEADER_BYTES + SINGLE + HEAD - 1);

        StorageException refused = assertThrows(StorageException.class, () -> open(crashed));

        assertEquals(Reason.CORRUPT, refused.reason());
        assertTrue(refused.getMessage().contains("journal-0000.log"), refused.getMessage());
        assertTrue(
                refused.getMessage().contains("byte " + (JournalLayout.FILE_HEADER_BYTES + SINGLE)),
                refused.getMessage());
    }

    @Test
    void damagedFrameBodyTakesOnlyThePartitionOfflineThatLacksItsAppend() throws IOException {
        Path crashed = crashed();
        int body = JournalLayout.FILE_HEADER_BYTES + SINGLE + HEAD + 10;
        flip(only(crashed, "journal-0000.log"), body);
        truncate(segmentOf(crashed, "orders"), RECORD);
        truncate(segmentOf(crashed, "status"), 0);

        try (LocalLogStore store = open(crashed)) {
            assertEquals(upTo(1), TestBatches.readAll(acquire(store, status, 2)));
            CompletionException refused = assertThrows(CompletionException.class, () -> acquire(store, orders, 2));
            StorageException cause = (StorageException) refused.getCause();
            assertEquals(Reason.CORRUPT, cause.reason());
            assertTrue(cause.getMessage().contains("journal-0000.log"), cause.getMessage());
        }
        try (LocalLogStore store = open(crashed)) {
            assertEquals(upTo(1), TestBatches.readAll(acquire(store, status, 3)));
            assertThrows(CompletionException.class, () -> acquire(store, orders, 3));
        }
    }

    @Test
    void damagedFrameBodyIsOfNoAccountWhereTheFilesHoldItsAppend() throws IOException {
        Path crashed = crashed();
        flip(only(crashed, "journal-0000.log"), JournalLayout.FILE_HEADER_BYTES + SINGLE + HEAD + 10);

        try (LocalLogStore store = open(crashed)) {
            assertEquals(upTo(4), TestBatches.readAll(acquire(store, orders, 2)));
            assertEquals(upTo(1), TestBatches.readAll(acquire(store, status, 2)));
        }
    }

    @Test
    void damagedLastFrameLosesNothingThatTheSegmentsHold() throws IOException {
        Path crashed = crashed();
        flip(only(crashed, "journal-0000.log"), JournalLayout.FILE_HEADER_BYTES + 3 * SINGLE + 60);

        try (LocalLogStore store = open(crashed)) {
            assertEquals(upTo(4), TestBatches.readAll(acquire(store, orders, 2)));
        }
    }

    /** Base offset, length, epoch, magic, CRC, attributes, body: header and body alike. */
    @Test
    void damagedSegmentIsFoundWhereverTheBitFlipped() throws IOException {
        Path directory = temporary.resolve("running");
        try (LocalLogStore store = open(directory)) {
            PartitionLog log = acquire(store, orders, 1);
            for (int i = 0; i < 5; i++) {
                log.append(TestBatches.next(log, 1, 40)).join();
            }
            acquire(store, status, 1);
        }
        for (int at : List.of(
                0, 5, PREFIX + 3, PREFIX + 10, PREFIX + 14, PREFIX + 16, PREFIX + 18, PREFIX + 22, PREFIX + 90)) {
            Path damaged = copy(directory);
            Path segment = segmentOf(damaged, "orders");
            flip(segment, 2 * RECORD + at);

            try (LocalLogStore store = open(damaged)) {
                CompletionException thrown = assertThrows(
                        CompletionException.class, () -> TestBatches.readAll(acquire(store, orders, 2)), "at " + at);
                StorageException cause = (StorageException) thrown.getCause();
                assertEquals(Reason.CORRUPT, cause.reason());
                assertTrue(cause.getMessage().contains(segment.toString()), cause.getMessage());
                assertThrows(CompletionException.class, () -> acquire(store, orders, 3));
                acquire(store, status, 2);
            }
        }
    }

    private static List<Path> segmentsOf(Path directory, String topic) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> path.toString().contains(topic) && SegmentName.of(path) != null)
                    .sorted()
                    .toList();
        }
    }

    @Test
    void missingSegmentTakesItsPartitionOfflineWhereverItWas() throws IOException {
        Path directory = temporary.resolve("running");
        try (LocalLogStore store = open(directory)) {
            PartitionLog log = acquire(store, orders, 1);
            for (int i = 0; i < 40; i++) {
                log.append(TestBatches.next(log, 1, 2000)).join();
            }
            acquire(store, status, 1);
        }
        int segments = segmentsOf(directory, "orders").size();
        assertTrue(segments > 4, "segments " + segments);
        for (int gone : List.of(0, 1, segments / 2, segments - 1)) {
            Path damaged = copy(directory);
            Path missing = segmentsOf(damaged, "orders").get(gone);
            Files.delete(missing);

            try (LocalLogStore store = open(damaged)) {
                CompletionException thrown =
                        assertThrows(CompletionException.class, () -> acquire(store, orders, 2), "without " + missing);
                String message = String.valueOf(thrown.getCause().getMessage());
                assertTrue(message.contains("is missing"), message);
                acquire(store, status, 2);
            }
        }
    }

    @Test
    void missingFirstSegmentIsToldAlsoWithoutTheCheckpoint() throws IOException {
        Path directory = temporary.resolve("running");
        try (LocalLogStore store = open(directory)) {
            PartitionLog log = acquire(store, orders, 1);
            for (int i = 0; i < 20; i++) {
                log.append(TestBatches.next(log, 1, 2000)).join();
            }
        }
        Files.delete(directory.resolve("checkpoint"));
        Files.delete(segmentsOf(directory, "orders").get(0));

        try (LocalLogStore store = open(directory)) {
            try {
                assertEquals(upTo(20), TestBatches.readAll(acquire(store, orders, 2)));
            } catch (CompletionException told) {
                assertEquals(Reason.CORRUPT, ((StorageException) told.getCause()).reason());
            }
        }
    }

    @Test
    void journalIsKeptUntilWhatRecoveryWroteIsSynced() throws IOException {
        Path crashed = crashed();
        truncate(segmentOf(crashed, "orders"), RECORD);
        try (LocalLogStore store = open(crashed)) {
            assertEquals(upTo(4), TestBatches.readAll(acquire(store, orders, 2)));

            Path again = copy(crashed);
            truncate(segmentOf(again, "orders"), RECORD);
            truncate(segmentOf(again, "status"), 0);

            try (LocalLogStore second = open(again)) {
                assertEquals(upTo(4), TestBatches.readAll(acquire(second, orders, 3)));
                assertEquals(upTo(1), TestBatches.readAll(acquire(second, status, 3)));
            }
        }
    }

    @Test
    void copyBesideAPartitionIsLeftAlone() throws IOException {
        Path crashed = crashed();
        Path partition = AtomicFile.parent(segmentOf(crashed, "orders"));
        Path backup = partition.resolveSibling(partition.getFileName() + ".z-backup");
        Files.createDirectory(backup);
        Files.copy(partition.resolve("meta"), backup.resolve("meta"));

        try (LocalLogStore store = open(crashed)) {
            assertEquals(upTo(4), TestBatches.readAll(acquire(store, orders, 2)));
        }
        try (Stream<Path> left = Files.list(backup)) {
            assertEquals(List.of(backup.resolve("meta")), left.toList());
        }
    }

    @Test
    void recycledJournalFilesKeepNothingAlive() throws IOException {
        Path directory = temporary.resolve("running");
        try (LocalLogStore store = open(directory)) {
            PartitionLog log = acquire(store, orders, 1);
            for (int i = 0; i < 200; i++) {
                log.append(TestBatches.next(log, 1, 3000)).join();
            }
            Path crashed = copy(directory);
            try (LocalLogStore again = open(crashed)) {
                assertEquals(upTo(200), TestBatches.readAll(acquire(again, orders, 2)));
            }
        }
    }
}
