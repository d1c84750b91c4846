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
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Under {@code flush=os} no offset that a reader may have seen is given out again, whatever a crash takes. */
class ReservedOffsetsTest {
    private static final long STEP = PartitionFiles.RESERVED_OFFSETS;

    private final PartitionId orders = new PartitionId(new UUID(1, 1), "orders", 0);
    private final PartitionId status = new PartitionId(new UUID(2, 2), "status", 0);
    private final SimulatedDisk disk = new SimulatedDisk();

    private static LocalLogStore open(SimulatedDisk disk, FlushMode flush) {
        return LocalLogStore.open(
                LocalStoreOptions.defaults(StoreModel.DIRECTORY)
                        .withJournalFileBytes(64 << 10)
                        .withFlush(flush),
                disk);
    }

    private PartitionLog acquire(LocalLogStore store, int epoch) {
        return store.acquire(orders, epoch, cause -> {}).join();
    }

    /** Ten offsets, read and acknowledged; the disk as a crash of the machine leaves it, none of them synced. */
    private SimulatedDisk crashed() {
        try (LocalLogStore store = open(disk, FlushMode.OS)) {
            PartitionLog log = acquire(store, 1);
            for (int i = 0; i < 10; i++) {
                log.append(TestBatches.next(log, 1, 40)).join();
            }
            assertEquals(10, TestBatches.readAll(log).size());
            return disk.crashWithoutUnsynced();
        }
    }

    @Test
    void logGoesOnAboveWhatItMayHaveGivenOutBeforeTheMachineCrashed() {
        SimulatedDisk crashed = crashed();
        for (FlushMode next : FlushMode.values()) {
            try (LocalLogStore store = open(crashed.copy(), next)) {
                PartitionLog log = acquire(store, 2);

                assertEquals(0, log.durableEndOffset());
                assertEquals(STEP, log.nextOffset());
                log.append(TestBatches.next(log, 1, 40)).join();
                assertEquals(
                        List.of(STEP), TestBatches.baseOffsets(log.read(0, 1000).join()));
            }
        }
    }

    @Test
    void offsetsStayDenseWhenOnlyTheProcessWasKilled() {
        SimulatedDisk killed;
        try (LocalLogStore store = open(disk, FlushMode.OS)) {
            PartitionLog log = acquire(store, 1);
            log.append(TestBatches.next(log, 10, 40)).join();
            killed = disk.copy();
        }
        try (LocalLogStore store = open(killed, FlushMode.OS)) {
            assertEquals(10, acquire(store, 2).nextOffset());
        }
    }

    @Test
    void offsetsStayDenseOverAStopInOrderAndARestartOfTheMachine() {
        try (LocalLogStore store = open(disk, FlushMode.OS)) {
            PartitionLog log = acquire(store, 1);
            log.append(TestBatches.next(log, 10, 40)).join();
        }
        SimulatedDisk rebooted = disk.crashWithoutUnsynced();
        try (LocalLogStore store = open(rebooted, FlushMode.OS)) {
            assertEquals(10, acquire(store, 2).nextOffset());
        }
    }

    /** The start after the crash sees another run of the machine; the ones behind it see the same one. */
    @Test
    void startsThatNeverAcquireTheLogForgetNothing() {
        SimulatedDisk crashed = crashed();
        SimulatedDisk killed;
        try (LocalLogStore store = open(crashed, FlushMode.OS)) {
            assertTrue(store.partitions().contains(orders));
            killed = crashed.copy();
        }
        try (LocalLogStore store = open(killed, FlushMode.OS)) {
            assertTrue(store.partitions().contains(orders));
        }
        try (LocalLogStore store = open(killed, FlushMode.COMMIT)) {
            assertEquals(STEP, acquire(store, 2).nextOffset());
        }
    }

    @Test
    void moreIsReservedBeforeItIsGivenOut() {
        try (LocalLogStore store = open(disk, FlushMode.OS)) {
            PartitionLog log = acquire(store, 1);
            PartitionLog other = store.acquire(status, 1, cause -> {}).join();
            for (int i = 0; i < 9; i++) {
                log.append(TestBatches.next(log, (int) STEP / 3, 40)).join();
                long given = log.nextOffset();
                SimulatedDisk crashed = disk.crashWithoutUnsynced();

                try (LocalLogStore again = open(crashed, FlushMode.OS)) {
                    long next = acquire(again, 2).nextOffset();
                    assertTrue(next >= given && next < given + 3 * STEP, next + " after " + given);
                }
            }
            store.append(List.of(TestBatches.next(log, (int) STEP * 2, 40), TestBatches.next(other, 1, 40)))
                    .join();
            long given = log.nextOffset();
            try (LocalLogStore again = open(disk.crashWithoutUnsynced(), FlushMode.OS)) {
                assertTrue(acquire(again, 2).nextOffset() >= given);
            }
        }
    }

    @Test
    void appendBeyondWhatIsReservedFailsWhenMoreCannotBeReserved() {
        LocalLogStore store = open(disk, FlushMode.OS);
        PartitionLog log = acquire(store, 1);
        disk.hook((operation, path) -> {
            if (path.toString().contains("meta")) {
                throw new IOException("No space left on device");
            }
        });

        CompletableFuture<Void> append = log.append(TestBatches.next(log, (int) STEP + 1, 40));

        CompletionException refused = assertThrows(CompletionException.class, append::join);
        assertEquals(Reason.DISK_FULL, ((StorageException) refused.getCause()).reason());
        assertEquals(0, log.durableEndOffset());
        store.close();
    }
}
