// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.TestBatches;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the store does when the disk fails under it. */
class LocalStoreFaultTest {
    private final PartitionId orders = new PartitionId(UUID.randomUUID(), "orders", 0);
    private final PartitionId status = new PartitionId(UUID.randomUUID(), "status", 0);
    private final List<StorageException> losses = new CopyOnWriteArrayList<>();
    private final FaultyFileLayer files = new FaultyFileLayer();

    @TempDir
    Path directory;

    private LocalLogStore open(FileLayer layer) {
        return open(layer, FlushMode.COMMIT);
    }

    private LocalLogStore open(FileLayer layer, FlushMode flush) {
        return LocalLogStore.open(
                LocalStoreOptions.defaults(directory)
                        .withJournalFileBytes(64 << 10)
                        .withSegmentBytes(16 << 10)
                        .withFlush(flush),
                layer);
    }

    private static Reason reasonOf(CompletableFuture<?> future) {
        CompletionException thrown = assertThrows(CompletionException.class, future::join);
        return ((StorageException) thrown.getCause()).reason();
    }

    private void assertOfflineAfter(Runnable fault, Reason expected) {
        assertOfflineAfter(FlushMode.COMMIT, fault, expected);
    }

    private void assertOfflineAfter(FlushMode flush, Runnable fault, Reason expected) {
        LocalLogStore store = open(files, flush);
        PartitionLog log = store.acquire(orders, 1, losses::add).join();
        PartitionLog other = store.acquire(status, 1, losses::add).join();
        for (int i = 0; i < 20; i++) {
            log.append(TestBatches.next(log, 1, 500)).join();
        }

        fault.run();
        CompletableFuture<Void> first = log.append(TestBatches.next(log, 1, 500));
        CompletableFuture<Void> second = log.append(TestBatches.next(log, 1, 500));

        assertEquals(expected, reasonOf(first));
        assertEquals(expected, reasonOf(second));
        assertEquals(expected, reasonOf(other.append(TestBatches.next(other, 1, 500))));
        Awaitility.await().until(() -> losses.size() == 2);
        files.failWrites("", path -> false);
        files.failSyncs("", path -> false);
        assertEquals(expected, reasonOf(log.append(TestBatches.next(log, 1, 500))));
        assertEquals(20, log.durableEndOffset());
        store.close();
        assertEquals(2, losses.size());

        try (LocalLogStore again = open(new NioFileLayer(), flush)) {
            PartitionLog recovered = again.acquire(orders, 2, losses::add).join();
            List<Long> offsets = TestBatches.readAll(recovered);
            assertEquals(LongStream.range(0, 20).boxed().toList(), offsets.subList(0, 20));
        }
    }

    private static boolean isSegment(Path path) {
        return SegmentName.of(path) != null;
    }

    @Test
    void failedSegmentWriteUnderFlushOsTakesAllPartitionsOfflineForGood() {
        assertOfflineAfter(
                FlushMode.OS, () -> files.failWrites("Input/output error", LocalStoreFaultTest::isSegment), Reason.IO);
    }

    @Test
    void fullDiskUnderFlushOsIsToldApart() {
        assertOfflineAfter(
                FlushMode.OS,
                () -> files.failWrites("No space left on device", LocalStoreFaultTest::isSegment),
                Reason.DISK_FULL);
    }

    @Test
    void openingWaitsForNoPartitionsSync() {
        LocalLogStore store = open(files);
        PartitionLog log = store.acquire(orders, 1, losses::add).join();
        log.append(TestBatches.next(log, 1, 500)).join();
        files.failSyncs("Input/output error", path -> path.toString().contains("partitions"));
        store.close();
        files.failSyncs("Input/output error", LocalStoreFaultTest::isSegment);

        try (LocalLogStore again = open(files)) {
            PartitionLog recovered = again.acquire(orders, 2, losses::add).join();
            assertEquals(List.of(0L), TestBatches.readAll(recovered));
        }
    }

    @Test
    void unreadableMetaTakesOnlyItsPartitionOffline() {
        try (LocalLogStore store = open(files)) {
            for (PartitionId partition : List.of(orders, status)) {
                PartitionLog log = store.acquire(partition, 1, losses::add).join();
                log.append(TestBatches.next(log, 1, 500)).join();
            }
        }
        files.failReads(
                "Input/output error",
                path -> path.endsWith("meta") && path.toString().contains("orders"));

        try (LocalLogStore again = open(files)) {
            assertEquals(Reason.IO, reasonOf(again.acquire(orders, 2, losses::add)));
            assertEquals(
                    List.of(0L),
                    TestBatches.readAll(again.acquire(status, 2, losses::add).join()));
            files.failReads("", path -> false);
            assertEquals(Reason.IO, reasonOf(again.acquire(orders, 2, losses::add)));
        }
        try (LocalLogStore readable = open(files)) {
            assertEquals(
                    List.of(0L),
                    TestBatches.readAll(readable.acquire(orders, 2, losses::add).join()));
        }
    }

    private static boolean isJournal(Path path) {
        return path.toString().contains("journal-");
    }

    @Test
    void failedJournalSyncTakesAllPartitionsOfflineForGood() {
        assertOfflineAfter(() -> files.failSyncs("Input/output error", LocalStoreFaultTest::isJournal), Reason.IO);
    }

    @Test
    void failedJournalWriteTakesAllPartitionsOfflineForGood() {
        assertOfflineAfter(() -> files.failWrites("Input/output error", LocalStoreFaultTest::isJournal), Reason.IO);
    }

    @Test
    void fullDiskIsToldApart() {
        assertOfflineAfter(
                () -> files.failWrites(
                        "No space left on device", path -> path.toString().contains("partitions")),
                Reason.DISK_FULL);
    }

    private static boolean outOfMemory(boolean here) {
        if (here) {
            throw new OutOfMemoryError("made by a test");
        }
        return false;
    }

    @Test
    void errorInTheJournalThreadFailsAppendsInsteadOfLosingThem() {
        assertOfflineAfter(() -> files.failWrites("", path -> outOfMemory(isJournal(path))), Reason.IO);
    }

    @Test
    void errorInTheApplyThreadFailsAppendsInsteadOfLosingThem() {
        assertOfflineAfter(
                () -> files.failWrites("", path -> outOfMemory(path.toString().contains("partitions"))), Reason.IO);
    }

    @Test
    void failedReadNamesFileAndPositionAndLeavesTheStoreOnline() {
        try (LocalLogStore store = open(files)) {
            PartitionLog log = store.acquire(orders, 1, losses::add).join();
            log.append(TestBatches.next(log, 1, 500)).join();

            files.failReads("Input/output error", path -> true);
            CompletionException thrown = assertThrows(
                    CompletionException.class, () -> log.read(0, 1000).join());
            files.failReads("", path -> outOfMemory(true));
            assertEquals(Reason.IO, reasonOf(log.read(0, 1000)));
            files.failReads("", path -> false);

            String message = String.valueOf(thrown.getCause().getMessage());
            assertTrue(message.contains(".log at byte 0: Input/output error; check the disk"), message);
            assertEquals(List.of(0L), TestBatches.readAll(log));
            assertEquals(List.of(), losses);
        }
    }

    @Test
    void storeThatCannotBeOpenedLeavesNoFileOpen() {
        try (LocalLogStore store = open(files)) {
            PartitionLog log = store.acquire(orders, 1, losses::add).join();
            log.append(TestBatches.next(log, 1, 500)).join();
        }
        assertEquals(0, files.openFiles());

        files.failWrites("No space left on device", LocalStoreFaultTest::isJournal);
        StorageException refused = assertThrows(StorageException.class, () -> open(files));

        assertEquals(Reason.DISK_FULL, refused.reason());
        assertEquals(0, files.openFiles());
    }

    @Test
    void failedSegmentSyncTakesTheStoreOfflineBeforeItsJournalFileIsUsedAgain() {
        LocalLogStore store = open(files);
        PartitionLog log = store.acquire(orders, 1, losses::add).join();
        files.failSyncs("Input/output error", path -> path.toString().contains("partitions"));
        int acknowledged = 0;
        while (losses.isEmpty()) {
            if (!log.append(TestBatches.next(log, 1, 8000))
                    .handle((done, failure) -> failure != null)
                    .join()) {
                acknowledged++;
            }
        }
        store.close();

        try (LocalLogStore again = open(new NioFileLayer())) {
            PartitionLog recovered = again.acquire(orders, 2, losses::add).join();
            List<Long> offsets = TestBatches.readAll(recovered);
            assertEquals(LongStream.range(0, acknowledged).boxed().toList(), offsets.subList(0, acknowledged));
        }
    }
}
