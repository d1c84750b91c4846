// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread that talks to ZooKeeper; work runs in the order it came. Safe for any thread. */
final class ClusterThread {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterThread.class);

    private static final long CLOSE_MS = 5_000;

    private final ThreadPoolExecutor executor =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                Thread thread = new Thread(work, "millrace-cluster");
                thread.setDaemon(true);
                return thread;
            });

    /** Work without an answer. */
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    /** Runs {@code call}; a failure reaches the future as {@link ClusterException}. */
    <T extends @Nullable Object> CompletableFuture<T> submit(String what, Callable<T> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        run(what, () -> answer.complete(call.call()), answer::completeExceptionally);
        return answer;
    }

    /** Runs {@code action}; a failure is logged. */
    void enqueue(String what, Action action) {
        run(what, action, failure -> {
            if (!isClosed()) {
                LOG.warn("Failed to {}", what, failure);
            }
        });
    }

    /** Runs {@code action} and tells {@code onFailure} when it failed or is refused. */
    void run(String what, Action action, Consumer<ClusterException> onFailure) {
        Work work = new Work(what, action, onFailure);
        try {
            executor.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("Refused to {}", what, e);
            work.refuse();
        }
    }

    boolean isClosed() {
        return executor.isShutdown();
    }

    /** Lets the work in progress end within a bounded time and refuses the rest. Idempotent. */
    void close() {
        for (Runnable waiting : executor.shutdownNow()) {
            if (waiting instanceof Work work) {
                work.refuse();
            }
        }
        try {
            if (!executor.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("A call to ZooKeeper did not end within {} ms", CLOSE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static ClusterException translate(String what, Throwable failure) {
        if (failure instanceof ClusterException known) {
            return known;
        }
        return new ClusterException(Reason.UNAVAILABLE, "ZooKeeper could not %s: %s".formatted(what, failure), failure);
    }

    private record Work(String what, Action action, Consumer<ClusterException> onFailure) implements Runnable {
        @Override
        public void run() {
            try {
                action.run();
            } catch (Exception e) {
                onFailure.accept(translate(what, e));
            }
        }

        void refuse() {
            onFailure.accept(new ClusterException(
                    Reason.UNAVAILABLE, "Cannot %s: the cluster client is closed".formatted(what)));
        }
    }
}
