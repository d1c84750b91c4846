// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.Urgency;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A {@link TransactionShard}'s runtime over its real partition. Used on the partition's owner loop. */
final class PartitionRuntime implements TransactionRuntime {
    private final Partition partition;
    private final ProducerIds producerIds;
    private final TransactionMarkers markers;

    PartitionRuntime(Partition partition, ProducerIds producerIds, TransactionMarkers markers) {
        this.partition = partition;
        this.producerIds = producerIds;
        this.markers = markers;
    }

    @Override
    public CompletableFuture<?> append(List<StateRecord> records, Urgency urgency) {
        return partition.append(Append.ofState(records, urgency));
    }

    @Override
    public OwnerLoop.Timer schedule(Runnable task, long delayMs) {
        return partition.schedule(task, delayMs);
    }

    @Override
    public CompletableFuture<Long> newProducerId() {
        return onLoop(producerIds.next());
    }

    @Override
    public CompletableFuture<Set<PartitionId>> writeMarkers(Transaction decided, Set<PartitionId> partitions) {
        return onLoop(markers.write(
                decided.producer(),
                decided.status() == TransactionStatus.PREPARE_COMMIT,
                partition.leaderEpoch(),
                partitions));
    }

    private <T> CompletableFuture<T> onLoop(CompletableFuture<T> anywhere) {
        CompletableFuture<T> here = new CompletableFuture<>();
        Completions.whenDone(
                anywhere,
                (value, failure) -> partition.execute(() -> {
                    if (value != null) {
                        here.complete(value);
                    } else {
                        here.completeExceptionally(failure == null ? new IllegalStateException("no answer") : failure);
                    }
                }));
        return here;
    }
}
