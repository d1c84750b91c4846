// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateMachineFactory;
import io.millrace.broker.time.BrokerClock;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes the transactions' state of the partitions of {@link TransactionCoordinator#TOPIC}. The coordinator, which needs
 * the partitions that this is made before, is told of later: before the partitions start.
 */
public final class TransactionShards implements StateMachineFactory {
    private final TransactionConfig config;
    private final BrokerClock clock;
    private final ProducerIds producerIds;
    private final AtomicReference<@Nullable TransactionMarkers> markers = new AtomicReference<>();

    public TransactionShards(TransactionConfig config, BrokerClock clock, ProducerIds producerIds) {
        this.config = config;
        this.clock = clock;
        this.producerIds = producerIds;
    }

    /** Gives the shards the way to the partitions of their transactions. Once, before the first partition opens. */
    public void writeMarkersBy(TransactionMarkers writer) {
        markers.set(writer);
    }

    TransactionConfig config() {
        return config;
    }

    @Override
    public @Nullable StateMachine create(Partition partition) {
        if (!partition.id().topic().equals(TransactionCoordinator.TOPIC)) {
            return null;
        }
        TransactionMarkers writer = markers.get();
        if (writer == null) {
            throw new IllegalStateException("Partition " + partition.id() + " opens before the coordinator is there");
        }
        return new TransactionShard(
                partition.id().toString(), config, clock, new PartitionRuntime(partition, producerIds, writer));
    }
}
