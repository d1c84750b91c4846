// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.PartitionLog.EpochEnd;
import io.millrace.broker.storage.TestBatches;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Leader epochs cost no sync when they begin, and are not lost all the same. */
class LeaderEpochsTest {
    private final PartitionId orders = new PartitionId(UUID.randomUUID(), "orders", 0);
    private final FaultyFileLayer files = new FaultyFileLayer();

    @TempDir
    Path temporary;

    private LocalLogStore open(String directory, FlushMode flush) {
        return LocalLogStore.open(
                LocalStoreOptions.defaults(temporary.resolve(directory)).withFlush(flush), files);
    }

    private PartitionLog acquire(LocalLogStore store, int epoch) {
        return store.acquire(orders, epoch, cause -> {}).join();
    }

    /** A batch of one record, with its leader's epoch, as a partition writes it. */
    private static void append(PartitionLog log) {
        long base = log.nextOffset();
        ByteBuf batch = TestBatches.batch(base, 1, 1000, 40).setInt(12, log.leaderEpoch());
        log.append(LogAppend.ofData(log, batch, base, 1000)).join();
    }

    private void copy(String from, String to) throws IOException {
        Path source = temporary.resolve(from);
        try (Stream<Path> all = Files.walk(source)) {
            for (Path path :
                    all.filter(each -> !each.toString().endsWith(".tmp")).toList()) {
                Files.copy(
                        path,
                        temporary.resolve(to).resolve(source.relativize(path).toString()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void epochsOfBatchesAreKnownAfterACrash(FlushMode flush) throws IOException {
        try (LocalLogStore store = open("first", flush)) {
            append(acquire(store, 2));
        }
        try (LocalLogStore store = open("first", flush)) {
            append(acquire(store, 4));
            PartitionLog log = acquire(store, 7);
            append(log);
            append(log);
            copy("first", "crashed");
        }

        try (LocalLogStore store = open("crashed", flush)) {
            PartitionLog log = acquire(store, 9);

            assertEquals(new EpochEnd(2, 1), log.endOffsetForEpoch(3).orElseThrow());
            assertEquals(new EpochEnd(4, 2), log.endOffsetForEpoch(6).orElseThrow());
            assertEquals(new EpochEnd(7, 4), log.endOffsetForEpoch(8).orElseThrow());
            assertEquals(new EpochEnd(9, 4), log.endOffsetForEpoch(9).orElseThrow());
        }
    }

    @ParameterizedTest
    @EnumSource
    void acquiringAnExistingPartitionWaitsForNoSync(FlushMode flush) {
        try (LocalLogStore store = open("first", flush)) {
            append(acquire(store, 1));
        }
        try (LocalLogStore store = open("first", flush)) {
            files.failSyncs(
                    "no sync, on the test's request", path -> path.toString().contains("partitions"));

            assertEquals(2, acquire(store, 2).leaderEpoch());

            files.failSyncs("never", path -> false);
        }
    }

    @Test
    void anEpochThatBeganIsDurableWithTheNextSyncRound() throws IOException {
        try (LocalLogStore store = open("first", FlushMode.COMMIT)) {
            acquire(store, 5);
            store.sync().join();
            copy("first", "crashed");
        }

        try (LocalLogStore store = open("crashed", FlushMode.COMMIT)) {
            assertThrows(CompletionException.class, () -> acquire(store, 5));
        }
    }
}
