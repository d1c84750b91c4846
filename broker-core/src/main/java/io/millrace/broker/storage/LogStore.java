// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import io.millrace.broker.record.PartitionId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A store of partition logs. Each partition has two streams, DATA (record batches) and STATE (what the broker keeps
 * beside them), appended atomically. Implementations: local files, memory, later BookKeeper; all pass {@code
 * LogStoreContractTest}.
 *
 * <p>Methods may be called from any thread and never block on the disk; futures complete on a thread of the store, so
 * callers hand over to their own loop. The entry boundaries are the store's; a batch never spans entries.
 */
public interface LogStore extends AutoCloseable {

    /** What this store can do beyond the contract. */
    StoreCapabilities capabilities();

    /**
     * Becomes the writer of a partition, creating it where it does not exist: fences the previous owner, recovers the
     * log and answers with it open.
     *
     * @param partition the partition
     * @param leaderEpoch above the epoch of every earlier owner; else the future fails with {@link
     *     StorageException} of {@link StorageException.Reason#FENCED}
     * @param listener told once if ownership ends other than by {@link PartitionLog#close()}
     */
    CompletableFuture<PartitionLog> acquire(PartitionId partition, int leaderEpoch, LossListener listener);

    /**
     * Appends to several logs of this store: all of it survives a crash or none. Only where {@link
     * StoreCapabilities#atomicAcrossPartitions()}. Takes a reference of each buffer as {@link
     * PartitionLog#append(LogAppend)} does.
     */
    CompletableFuture<Void> append(List<LogAppend> appends);

    /**
     * Whether the store keeps up: false while more bytes wait to become durable than the store's window holds. Appends
     * are still taken, so that an owner loop never blocks; whoever feeds them (the network) reads no more until this is
     * true again.
     */
    default boolean writable() {
        return true;
    }

    /** Removes a partition for good, open or not. Completes when its removal survives a crash. */
    CompletableFuture<Void> delete(PartitionId partition);

    /** The partitions that exist in this store now. */
    Set<PartitionId> partitions();

    /** Ends ownership of all partitions after what was appended is durable. Idempotent; blocks. */
    @Override
    void close();

    /**
     * Told that a log may not be appended to any more: it was fenced, deleted, found corrupt, or the store failed. Called
     * on a store thread, once; not after {@link PartitionLog#close()} or {@link LogStore#close()}.
     */
    @FunctionalInterface
    interface LossListener {
        void onLost(StorageException cause);
    }
}
