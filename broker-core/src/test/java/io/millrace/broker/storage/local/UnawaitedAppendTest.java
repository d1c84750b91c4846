// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import io.millrace.broker.storage.Urgency;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Appends that nobody waits for. */
class UnawaitedAppendTest {
    private static final int FOR_EVER_MS = 3_600_000;
    private static final byte[] STATE = "nobody waits for this".getBytes(StandardCharsets.US_ASCII);

    private final PartitionId orders = new PartitionId(UUID.randomUUID(), "orders", 0);
    private final FaultyFileLayer files = new FaultyFileLayer();

    @TempDir
    Path directory;

    private LocalLogStore open(int maxRideMs) {
        return LocalLogStore.open(LocalStoreOptions.defaults(directory).withMaxRideMs(maxRideMs), files);
    }

    private static LogAppend unawaited(PartitionLog log) {
        return new LogAppend(log, null, -1, -1, Unpooled.copiedBuffer(STATE), false, Urgency.UNAWAITED);
    }

    private boolean isInTheJournal() {
        try (Stream<Path> journal = Files.list(directory.resolve("journal"))) {
            for (Path file : journal.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                for (int i = 0; i + STATE.length <= bytes.length; i++) {
                    if (bytes[i] == STATE[0] && Arrays.equals(bytes, i, i + STATE.length, STATE, 0, STATE.length)) {
                        return true;
                    }
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void isWrittenAtOnceAndSyncedWithTheNextThatIsAwaited() {
        try (LocalLogStore store = open(FOR_EVER_MS)) {
            PartitionLog log = store.acquire(orders, 1, lost -> {}).join();
            log.append(TestBatches.next(log, 1, 100)).join();
            int syncs = files.journalSyncs();
            CompletableFuture<Void> unawaited = log.append(unawaited(log));
            Awaitility.await().until(this::isInTheJournal);
            assertFalse(unawaited.isDone());
            assertEquals(syncs, files.journalSyncs());

            log.append(TestBatches.next(log, 1, 100)).join();

            unawaited.join();
            assertEquals(syncs + 1, files.journalSyncs());
        }
    }

    @Test
    void becomesDurableByItselfAfterALittleWhile() {
        try (LocalLogStore store = open(1)) {
            PartitionLog log = store.acquire(orders, 1, lost -> {}).join();
            int syncs = files.journalSyncs();

            log.append(unawaited(log)).join();

            assertEquals(syncs + 1, files.journalSyncs());
        }
    }

    @Test
    void closingWaitsForNothing() {
        LocalLogStore store = open(FOR_EVER_MS);
        PartitionLog log = store.acquire(orders, 1, lost -> {}).join();
        CompletableFuture<Void> unawaited = log.append(unawaited(log));

        store.close();

        unawaited.join();
    }
}
