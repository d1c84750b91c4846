// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.LogStoreContractTest;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.Unpooled;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MemoryLogStoreTest extends LogStoreContractTest {
    private final MemoryLogStore store = new MemoryLogStore(BrokerClock.SYSTEM, 1 << 20, 1 << 20);

    @Override
    protected LogStore open() {
        return store;
    }

    private static PartitionLog log(MemoryLogStore of, String topic) {
        return of.acquire(new PartitionId(UUID.randomUUID(), topic, 0), 1, NOBODY)
                .join();
    }

    private static void append(PartitionLog log, int valueBytes) {
        LogAppend batch = TestBatches.next(log, 1, valueBytes);
        log.append(batch).join();
    }

    @Test
    void tellsTheRoomOfThePartitionAndOfTheWholeStore() {
        MemoryLogStore bounded = new MemoryLogStore(BrokerClock.SYSTEM, 1_000, 1_500);
        PartitionLog one = log(bounded, "one");
        PartitionLog other = log(bounded, "other");

        append(one, 700);

        long used = one.sizeBytes();
        assertEquals(1_000 - used, one.freeBytes());
        assertEquals(1_500 - used, other.freeBytes());
        assertEquals(used, bounded.usedBytes());
    }

    @Test
    void givesRoomBackByTrimmingAndByDeletion() {
        MemoryLogStore bounded = new MemoryLogStore(BrokerClock.SYSTEM, 1_000, 1_500);
        PartitionLog one = log(bounded, "one");
        PartitionLog other = log(bounded, "other");
        append(one, 300);
        append(one, 300);
        append(other, 300);

        one.trimPrefix(1).join();
        bounded.delete(other.partition()).join();

        assertEquals(one.sizeBytes(), bounded.usedBytes());
        one.trimPrefix(2).join();
        assertEquals(0, bounded.usedBytes());
    }

    @Test
    void aSnapshotGivesBackTheRoomOfTheStateBeforeIt() {
        MemoryLogStore bounded = new MemoryLogStore(BrokerClock.SYSTEM, 1_000, 1_500);
        PartitionLog log = log(bounded, "one");
        for (int i = 0; i < 10; i++) {
            log.append(LogAppend.ofState(log, Unpooled.wrappedBuffer(new byte[50]), false))
                    .join();
        }

        log.append(LogAppend.ofState(log, Unpooled.wrappedBuffer(new byte[20]), true))
                .join();

        assertEquals(20, bounded.usedBytes());
    }
}
