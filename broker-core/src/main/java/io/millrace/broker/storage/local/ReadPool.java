// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A fixed number of threads for work that may wait for the disk: reads, acquisitions, deletions. */
final class ReadPool {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final ExecutorService threads;

    ReadPool(int count) {
        threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "millrace-store-read-" + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Failures become {@link io.millrace.broker.storage.StorageException}s that say what was being done. */
    <T> CompletableFuture<T> submit(String what, Callable<T> task) {
        CompletableFuture<T> future = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                future.complete(task.call());
            } catch (Exception failure) {
                future.completeExceptionally(StorageErrors.of(what, failure));
            }
        });
        return future;
    }

    /** Takes no more work and waits for what was taken. */
    void drain() {
        threads.shutdown();
        Uninterruptibly.await(() -> threads.awaitTermination(1, TimeUnit.MINUTES));
    }
}
