// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.StorageException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The way of an append under {@code flush=os}: the owner's thread writes the partition's files itself, buffered, and the
 * append is done. No hand-over, no sync. Only while nothing of the log is on its way through the pipeline, so that order
 * holds. Any thread.
 */
final class DirectWriter {
    private static final int STAGING_BYTES = 256 << 10;
    /** How much recovery may have to check. */
    private static final long SYNC_AFTER_BYTES = 256 << 20;

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final StoreHealth health;
    private final Runnable wantSync;
    private final Queue<WriteStaging> free = new ConcurrentLinkedQueue<>();
    private final AtomicLong unsyncedBytes = new AtomicLong();

    DirectWriter(StoreHealth health, Runnable wantSync) {
        this.health = health;
        this.wantSync = wantSync;
    }

    /** Writes; takes over the buffers. The log's owner thread. */
    CompletableFuture<Void> append(LocalLog log, LogAppend append) {
        FrameEntry entry = log.enter(append);
        WriteStaging pooled = free.poll();
        WriteStaging staging = pooled == null ? new WriteStaging(STAGING_BYTES) : pooled;
        long bytes = entry.dataBytes() + (long) entry.stateBytes();
        try {
            StorageException failure = health.failure();
            failure = failure == null ? log.files().writeNow(entry, staging) : failure;
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            free.add(staging);
        } catch (Throwable broken) {
            // Also an Error: what of it is in the files nobody knows.
            return CompletableFuture.failedFuture(
                    health.fail(StorageErrors.of("writing the files of " + log.partition(), broken)));
        } finally {
            entry.release();
        }
        if (unsyncedBytes.addAndGet(bytes) > SYNC_AFTER_BYTES) {
            unsyncedBytes.set(0);
            wantSync.run();
        }
        return DONE;
    }
}
