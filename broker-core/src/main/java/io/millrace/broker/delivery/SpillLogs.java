// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of sends that lie apart from their partitions: one for each transaction and partition, in the broker's store
 * beside the partitions' own, so that it goes as soon as its transaction has ended. Safe for any thread.
 */
final class SpillLogs {
    private static final Logger LOG = LoggerFactory.getLogger(SpillLogs.class);

    /** Who applies one has the epoch of the partition, which is never below 0, and one more. */
    private static final int WRITERS_EPOCH = 0;

    /** An append that failed may show again when its partition was recovered: until then its log is kept. */
    private static final long DOUBT_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final LogStore store;
    private final BrokerClock clock;
    private final Map<UUID, CompletableFuture<PartitionLog>> open = new ConcurrentHashMap<>();
    /** Logs that no transaction may need, and since when. */
    private final Map<UUID, Long> leftovers = new ConcurrentHashMap<>();

    /** What the last process left is looked at once its partitions are recovered. */
    SpillLogs(LogStore store, BrokerClock clock) {
        this.store = store;
        this.clock = clock;
        for (PartitionId id : store.partitions()) {
            if (id.topic().equals(ReservedNames.SPILLED_LOGS)) {
                leftovers.put(id.topicId(), clock.nanos() - DOUBT_NANOS);
            }
        }
    }

    /** Open for its one writer, made when it is not there. */
    CompletableFuture<PartitionLog> create(UUID log) {
        return acquire(log, WRITERS_EPOCH);
    }

    private CompletableFuture<PartitionLog> acquire(UUID log, int epoch) {
        CompletableFuture<PartitionLog> acquired =
                open.computeIfAbsent(log, id -> store.acquire(Spilled.logId(id), epoch, lost -> open.remove(id)));
        Completions.whenDone(acquired, (done, failure) -> {
            if (failure != null) {
                open.remove(log, acquired);
            }
        });
        return acquired;
    }

    /**
     * A copy of the batches from an offset on, which the caller releases; at least one.
     *
     * @param leaderEpoch of the partition that they belong to
     * @param maxBytes about how many
     */
    CompletableFuture<ByteBuf> read(UUID log, int leaderEpoch, long offset, int maxBytes) {
        return acquire(log, leaderEpoch + 1)
                .thenCompose(reader -> reader.read(offset, maxBytes))
                .thenApply(SpillLogs::copy);
    }

    /** An append writes into its batches, and what was read may be read once more. */
    private static ByteBuf copy(LogSlice slice) {
        try (slice) {
            ByteBuf batches = slice.buffer();
            return PooledByteBufAllocator.DEFAULT
                    .directBuffer(Math.max(1, batches.readableBytes()))
                    .writeBytes(batches, batches.readerIndex(), batches.readableBytes());
        }
    }

    /** Its transaction has ended. What a crash keeps of it, the next start deletes. */
    void delete(UUID log) {
        open.remove(log);
        Completions.whenDone(store.delete(Spilled.logId(log)), (done, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "What a transaction that has ended had on the disk, log {}, could not be deleted; the next"
                                + " start does it: {}",
                        log,
                        failure.toString());
            }
        });
    }

    /** Perhaps a transaction needs it, perhaps not: that is known when its partition was recovered. */
    void leave(UUID log) {
        leftovers.put(log, clock.nanos());
    }

    boolean hasLeftovers() {
        return !leftovers.isEmpty();
    }

    /** Deletes what no transaction needs; call it while all partitions of this broker serve. */
    void removeLeftovers(Predicate<UUID> needed) {
        leftovers.forEach((log, since) -> {
            if (clock.nanos() - since >= DOUBT_NANOS) {
                leftovers.remove(log);
                if (!needed.test(log)) {
                    LOG.info("Log {} of a transaction that was not decided is deleted", log);
                    delete(log);
                }
            }
        });
    }
}
