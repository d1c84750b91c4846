// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A process that appends until it is killed, and prints the end offset after each acknowledged append. */
final class KilledWriter {
    private static final int IN_FLIGHT = 20;
    private static final int PAYLOAD = 400;

    private KilledWriter() {}

    /** Arguments: directory, topic id, leader epoch, flush mode. */
    public static void main(String[] arguments) {
        PartitionId partition = new PartitionId(UUID.fromString(arguments[1]), "orders", 0);
        LocalLogStore store = LocalLogStore.open(LocalStoreOptions.defaults(Path.of(arguments[0]))
                .withJournalFileBytes(256 << 10)
                .withFlush(FlushMode.of(arguments[3])));
        PartitionLog log = store.acquire(partition, Integer.parseInt(arguments[2]), cause -> {})
                .join();
        Deque<CompletableFuture<Void>> pending = new ArrayDeque<>();
        while (true) {
            pending.add(log.append(TestBatches.next(log, 1, PAYLOAD)));
            if (pending.size() > IN_FLIGHT) {
                pending.remove().join();
                System.out.println(log.nextOffset() - pending.size());
            }
        }
    }
}
