// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A fixed number of threads for work that may wait for the disk: reads, acquisitions, deletions. */
final class ReadPool {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final ExecutorService threads;

    ReadPool(String name, int count) {
        threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, name + NUMBER.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Failures become {@link StorageException}s that say what was being done. */
    <T> CompletableFuture<T> submit(String what, Callable<T> task) {
        CompletableFuture<T> future = new CompletableFuture<>();
        try {
            threads.execute(() -> run(what, task, future));
        } catch (RejectedExecutionException drained) {
            future.completeExceptionally(
                    new StorageException(Reason.CLOSED, what + " failed: the store is closed", drained));
        }
        return future;
    }

    /** As {@link #submit}, on the calling thread. */
    static <T> CompletableFuture<T> runHere(String what, Callable<T> task) {
        CompletableFuture<T> future = new CompletableFuture<>();
        run(what, task, future);
        return future;
    }

    private static <T> void run(String what, Callable<T> task, CompletableFuture<T> future) {
        try {
            future.complete(task.call());
        } catch (Throwable failure) {
            // Also an Error, such as Netty's when direct memory is exhausted: the caller must not wait for ever.
            future.completeExceptionally(StorageErrors.of(what, failure));
        }
    }

    /** Takes no more work and waits for what was taken. */
    void drain() {
        threads.shutdown();
        Uninterruptibly.await(() -> threads.awaitTermination(1, TimeUnit.MINUTES));
    }
}
