// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.TestBatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A store that serves partitions while others still wait for what the journal has for them (decision 24). A crash is a
 * copy of the data directory while the store runs; the test holds the recovery of one partition.
 */
class LocalStoreBacklogTest {
    private static final int JOURNAL_BYTES = 64 << 10;
    private static final int BATCHES = 4;

    private final PartitionId orders = new PartitionId(new UUID(0, 1), "orders", 0);
    private final PartitionId status = new PartitionId(new UUID(0, 2), "status", 0);
    private final HeldFiles files = new HeldFiles();
    private int copies;

    @TempDir
    Path temporary;

    @AfterEach
    void release() {
        files.release();
    }

    /** Recovery of the partition with this topic waits before it looks at the partition's files. */
    private static final class HeldFiles extends FaultyFileLayer {
        private final CountDownLatch released = new CountDownLatch(1);
        private final CountDownLatch reached = new CountDownLatch(1);

        @Override
        public List<Path> list(Path directory) throws IOException {
            if (String.valueOf(directory.getFileName()).startsWith("status-")) {
                reached.countDown();
                Uninterruptibly.await(() -> released.await(30, TimeUnit.SECONDS));
            }
            return super.list(directory);
        }

        void release() {
            released.countDown();
        }
    }

    private LocalLogStore open(Path directory, FileLayer layer) {
        return LocalLogStore.open(
                LocalStoreOptions.defaults(directory)
                        .withJournalFileBytes(JOURNAL_BYTES)
                        .withSegmentBytes(16 << 10),
                layer);
    }

    private LocalLogStore open(Path directory) {
        return open(directory, new NioFileLayer());
    }

    private static PartitionLog acquire(LocalLogStore store, PartitionId partition, int epoch) {
        return store.acquire(partition, epoch, cause -> {}).join();
    }

    /** Four appends to both partitions; both segments lost them in the crash, only the journal has them. */
    private Path crashed() throws IOException {
        Path directory = temporary.resolve("running");
        try (LocalLogStore store = open(directory)) {
            PartitionLog log = acquire(store, orders, 1);
            PartitionLog other = acquire(store, status, 1);
            for (int i = 0; i < BATCHES; i++) {
                store.append(List.of(TestBatches.next(log, 1, 40), TestBatches.next(other, 1, 40)))
                        .join();
            }
            return withoutSegments(copy(directory));
        }
    }

    private Path copy(Path from) throws IOException {
        Path to = temporary.resolve("copy-" + copies++);
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path :
                    all.filter(each -> !each.toString().endsWith(".tmp")).toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
        return to;
    }

    /** With the bytes gone that a crash of the machine may take: nothing of them was synced. */
    private static Path withoutSegments(Path directory) throws IOException {
        for (Path segment : files(directory, "0.log")) {
            if (segment.toString().contains("partitions")) {
                truncate(segment, 0);
            }
        }
        return directory;
    }

    private static void truncate(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static List<Path> files(Path directory, String part) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> String.valueOf(path.getFileName()).contains(part))
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<Long> upTo(long end) {
        return LongStream.range(0, end).boxed().toList();
    }

    @Test
    void partitionIsServedWhileAnotherIsStillRecovered() throws IOException {
        try (LocalLogStore store = open(crashed(), files)) {
            CompletableFuture<PartitionLog> held = store.acquire(status, 2, cause -> {});

            PartitionLog served = acquire(store, orders, 2);
            served.append(TestBatches.next(served, 1, 40)).join();

            assertEquals(upTo(BATCHES + 1), TestBatches.readAll(served));
            assertFalse(held.isDone());
            files.release();
            assertEquals(upTo(BATCHES), TestBatches.readAll(held.join()));
        }
    }

    @Test
    void partitionThatNobodyAcquiresIsRecoveredInTheBackground() throws IOException {
        Path crashed = crashed();
        try (LocalLogStore store = open(crashed)) {
            acquire(store, orders, 2);

            Awaitility.await()
                    .until(() -> files(crashed, "0.log").stream()
                            .filter(file -> file.toString().contains("status"))
                            .allMatch(file -> file.toFile().length() > 0));
        }
    }

    @Test
    void roundOfSyncsLeavesTheJournalToWhoIsNotRecoveredYet() throws IOException {
        Path crashed = crashed();
        try (LocalLogStore store = open(crashed, files)) {
            PartitionLog served = acquire(store, orders, 2);
            served.append(TestBatches.next(served, 1, 40)).join();

            store.sync().join();

            try (LocalLogStore again = open(copy(crashed))) {
                assertEquals(upTo(BATCHES + 1), TestBatches.readAll(acquire(again, orders, 3)));
                assertEquals(upTo(BATCHES), TestBatches.readAll(acquire(again, status, 3)));
            }
            files.release();
        }
    }

    @Test
    void appendsBeyondTheJournalWaitForTheHeldPartitionAndGoOnAfterIt() throws IOException {
        try (LocalLogStore store = open(crashed(), files)) {
            PartitionLog served = acquire(store, orders, 2);
            CompletableFuture<?>[] appends = new CompletableFuture<?>[6 * JOURNAL_BYTES / 3000];
            for (int i = 0; i < appends.length; i++) {
                appends[i] = served.append(TestBatches.next(served, 1, 3000));
            }
            Uninterruptibly.await(() -> files.reached.await(30, TimeUnit.SECONDS));

            files.release();

            CompletableFuture.allOf(appends).join();
            assertEquals(upTo(BATCHES), TestBatches.readAll(acquire(store, status, 2)));
        }
    }

    @Test
    void partitionWhoseRecoveryFailsIsOfflineAloneAndTheJournalIsKept() throws IOException {
        Path crashed = crashed();
        int bodyOfStatus = JournalLayout.FILE_HEADER_BYTES
                + JournalLayout.FRAME_HEADER_BYTES
                + 2 * JournalLayout.ENTRY_HEADER_BYTES;
        Path journal = files(crashed, "journal-0000.log").get(0);
        flip(journal, bodyOfStatus + 10);
        Path sound = files(temporary.resolve("running"), "0.log").stream()
                .filter(file -> file.toString().contains("orders"))
                .findFirst()
                .orElseThrow();
        Files.copy(
                sound,
                files(crashed, "0.log").stream()
                        .filter(file -> file.toString().contains("orders"))
                        .findFirst()
                        .orElseThrow(),
                StandardCopyOption.REPLACE_EXISTING);

        try (LocalLogStore store = open(crashed)) {
            PartitionLog served = acquire(store, orders, 2);
            served.append(TestBatches.next(served, 1, 40)).join();
            CompletionException refused = assertThrows(CompletionException.class, () -> acquire(store, status, 2));

            StorageException cause = (StorageException) refused.getCause();
            assertEquals(Reason.CORRUPT, cause.reason());
            assertTrue(cause.getMessage().contains("journal-0000.log"), cause.getMessage());
            assertEquals(upTo(BATCHES + 1), TestBatches.readAll(served));
            Awaitility.await()
                    .until(() -> !files(crashed, "journal-0000.log.kept-").isEmpty());
        }
        try (LocalLogStore store = open(crashed)) {
            assertEquals(upTo(BATCHES + 1), TestBatches.readAll(acquire(store, orders, 3)));
            CompletionException refused = assertThrows(CompletionException.class, () -> acquire(store, status, 3));
            assertTrue(refused.getMessage().contains("is offline"), refused.getMessage());
        }
    }

    @Test
    void deletedPartitionDoesNotKeepTheJournal() throws IOException {
        Path crashed = crashed();
        try (LocalLogStore store = open(crashed, files)) {
            PartitionLog served = acquire(store, orders, 2);
            files.release();

            store.delete(status).join();

            for (int i = 0; i < 6 * JOURNAL_BYTES / 3000; i++) {
                served.append(TestBatches.next(served, 1, 3000)).join();
            }
        }
    }

    @Test
    void storeThatIsClosedWhileItRecoversIsRecoveredAtTheNextStart() throws IOException {
        Path crashed = crashed();
        try (LocalLogStore store = open(crashed, files)) {
            acquire(store, orders, 2);
            files.release();
        }

        try (LocalLogStore store = open(crashed)) {
            assertEquals(upTo(BATCHES), TestBatches.readAll(acquire(store, orders, 3)));
            assertEquals(upTo(BATCHES), TestBatches.readAll(acquire(store, status, 3)));
        }
    }

    private static void flip(Path file, int position) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[position] ^= 4;
        Files.write(file, bytes);
    }
}
