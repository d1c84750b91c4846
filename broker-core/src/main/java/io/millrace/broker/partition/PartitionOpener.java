// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a partition ready to serve: claims its next leader epoch, acquires its log and replays its state on a recovery
 * thread. Any thread.
 */
final class PartitionOpener {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionOpener.class);
    private static final int RECOVERY_READ_BYTES = 1 << 20;

    /** Gives out leader epochs. */
    @FunctionalInterface
    interface Epochs {
        /** The epoch under which this broker may acquire the partition's log: above all before. */
        CompletableFuture<Integer> claim(PartitionId partition);
    }

    private final Epochs epochs;
    private final LogStore store;
    private final Executor recovery;
    private final BrokerClock clock;
    private final PartitionSettings settings;
    private final List<StateMachineFactory> factories;
    private final ReadAhead readAhead;

    PartitionOpener(
            Epochs epochs,
            LogStore store,
            Executor recovery,
            BrokerClock clock,
            PartitionSettings settings,
            List<StateMachineFactory> factories,
            ReadAhead readAhead) {
        this.epochs = epochs;
        this.store = store;
        this.recovery = recovery;
        this.clock = clock;
        this.settings = settings;
        this.factories = List.copyOf(factories);
        this.readAhead = readAhead;
    }

    BrokerClock clock() {
        return clock;
    }

    CompletableFuture<Serving> open(Partition partition) {
        LossSignal loss = new LossSignal(partition);
        return epochs.claim(partition.id())
                .thenCompose(epoch -> store.acquire(partition.id(), epoch, loss))
                .thenApplyAsync(log -> recover(partition, log, loss), recovery);
    }

    private Serving recover(Partition partition, PartitionLog log, LossSignal loss) {
        MachineSet machines = new MachineSet();
        ProducerStates producers = new ProducerStates(
                clock,
                settings.broker().get(BrokerConfigKeys.PRODUCER_ID_EXPIRATION_MS),
                settings.broker().get(BrokerConfigKeys.PRODUCER_IDS_MAX),
                settings.broker().get(BrokerConfigKeys.TRANSACTION_ABORTED_INDEX_SIZE));
        machines.add(producers);
        machines.add(new CleanerPoint());
        for (StateMachineFactory factory : factories) {
            StateMachine machine = factory.create(partition);
            if (machine != null) {
                machines.add(machine);
            }
        }
        SnapshotPolicy snapshots = new SnapshotPolicy(settings);
        log.replayState(entry -> replay(entry, log, machines, snapshots));
        recoverProducers(log, producers, snapshots);
        producers.onHighWatermark(log.durableEndOffset());
        BatchChecks checks = new BatchChecks(clock, partition::rules);
        Serving serving = new Serving(partition, log, machines, producers, checks, snapshots, loss, readAhead);
        loss.bind(serving);
        return serving;
    }

    private static void replay(ByteBuf entry, PartitionLog log, MachineSet machines, SnapshotPolicy snapshots) {
        long dataEnd = StateEntry.dataEnd(entry);
        if (!StateEntry.isSnapshot(entry) && dataEnd > log.durableEndOffset()) {
            LOG.warn(
                    "Partition {}: cut a state entry that belongs to data up to offset {}; the data ends at {}",
                    log.partition(),
                    dataEnd,
                    log.durableEndOffset());
            snapshots.onCut();
            return;
        }
        snapshots.onState(entry.readableBytes());
        if (StateEntry.isSnapshot(entry)) {
            snapshots.onSnapshotFound(entry.readableBytes());
        }
        StateEntry.forEach(entry, machines::replay);
    }

    /** Reads the headers of the batches that came after the last snapshot. */
    private static void recoverProducers(PartitionLog log, ProducerStates producers, SnapshotPolicy snapshots) {
        long end = log.durableEndOffset();
        long offset = Math.max(log.startOffset(), producers.dataEnd());
        while (offset < end) {
            try (LogSlice slice = log.read(offset, RECOVERY_READ_BYTES).join()) {
                ByteBuf batches = slice.buffer();
                if (!batches.isReadable()) {
                    return;
                }
                snapshots.onData(batches.readableBytes());
                PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
                while (indexes.hasNext()) {
                    int index = indexes.nextInt();
                    offset = recoverBatch(batches.slice(index, BatchHeader.sizeInBytes(batches, index)), producers);
                }
            }
        }
    }

    private static long recoverBatch(ByteBuf batch, ProducerStates producers) {
        long baseOffset = BatchHeader.baseOffset(batch, 0);
        BatchInfo info = BatchInfo.of(batch);
        if (baseOffset >= producers.dataEnd()) {
            producers.onBatch(info, baseOffset);
        }
        return baseOffset + info.count();
    }
}
