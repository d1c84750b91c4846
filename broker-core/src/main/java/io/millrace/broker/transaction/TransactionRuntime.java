// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.Urgency;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What a {@link TransactionShard} needs of its partition and the broker. Called on the owner loop. */
interface TransactionRuntime {
    /**
     * Appends records to the STATE stream, atomically, and replays them before it returns.
     *
     * @return completes on the owner loop when they are durable, in the order of the appends
     */
    CompletableFuture<?> append(List<StateRecord> records, Urgency urgency);

    /** Runs {@code task} on the owner loop in {@code delayMs} milliseconds. */
    OwnerLoop.Timer schedule(Runnable task, long delayMs);

    /** A producer id that nobody had; completes on the owner loop. */
    CompletableFuture<Long> newProducerId();

    /**
     * Ends a decided transaction in these partitions.
     *
     * @return completes on the owner loop with those where it could not be ended yet; never fails
     */
    CompletableFuture<Set<PartitionId>> writeMarkers(Transaction decided, Set<PartitionId> partitions);
}
