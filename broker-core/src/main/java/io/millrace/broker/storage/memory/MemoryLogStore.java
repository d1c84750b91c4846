// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.StoreCapabilities;
import io.millrace.broker.time.BrokerClock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Logs in memory. An append is as durable as it gets when it returns, on the caller's thread; what was appended stays
 * until it is trimmed or its partition deleted, also when no log is open. The bounds are told, not enforced: whoever
 * appends asks {@link PartitionLog#freeBytes()} first, for a failed append would end ownership. Each log has a lock of
 * its own.
 */
public final class MemoryLogStore implements LogStore {
    private final Map<PartitionId, MemoryPartition> partitions = new ConcurrentHashMap<>();
    private final BrokerClock clock;
    private final long maxPartitionBytes;
    private final long maxBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    /**
     * @param clock says when a partition was written
     * @param maxPartitionBytes the most bytes of one partition
     * @param maxBytes the most bytes of all partitions
     */
    public MemoryLogStore(BrokerClock clock, long maxPartitionBytes, long maxBytes) {
        if (maxPartitionBytes < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "a store in memory needs room, not " + maxPartitionBytes + " and " + maxBytes + " bytes");
        }
        this.clock = clock;
        this.maxPartitionBytes = maxPartitionBytes;
        this.maxBytes = maxBytes;
    }

    /** Bytes of all partitions now. */
    public long usedBytes() {
        return usedBytes.get();
    }

    BrokerClock clock() {
        return clock;
    }

    long freeBytes(long usedByPartition) {
        return Math.max(0, Math.min(maxPartitionBytes - usedByPartition, maxBytes - usedBytes.get()));
    }

    void onUsed(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    @Override
    public StoreCapabilities capabilities() {
        return new StoreCapabilities(true, false);
    }

    @Override
    public CompletableFuture<PartitionLog> acquire(PartitionId partition, int leaderEpoch, LossListener listener) {
        MemoryPartition stored = partitions.computeIfAbsent(partition, id -> new MemoryPartition(id, this));
        try {
            return CompletableFuture.completedFuture(stored.acquire(leaderEpoch, listener));
        } catch (StorageException fenced) {
            return CompletableFuture.failedFuture(fenced);
        }
    }

    @Override
    public CompletableFuture<Void> append(List<LogAppend> appends) {
        CompletableFuture<?>[] done =
                appends.stream().map(append -> append.log().append(append)).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(done);
    }

    @Override
    public CompletableFuture<Void> delete(PartitionId partition) {
        MemoryPartition deleted = partitions.remove(partition);
        if (deleted != null) {
            deleted.delete();
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<PartitionId> partitions() {
        return Set.copyOf(partitions.keySet());
    }

    /** Ends ownership of all partitions; they may be acquired again. */
    @Override
    public void close() {
        partitions.values().forEach(MemoryPartition::closeLog);
    }

    static StorageException closed(PartitionId partition) {
        return new StorageException(Reason.CLOSED, "The log of " + partition + " in memory is closed");
    }
}
