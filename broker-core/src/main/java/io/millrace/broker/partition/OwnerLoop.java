// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.concurrent.Executor;

/**
 * The single thread that owns a set of partitions. Other threads only enqueue; tasks run in the order they came. Timers
 * enqueue tasks, they never run on another thread.
 */
public interface OwnerLoop extends Executor {

    /** Whether the caller is this loop's thread. */
    boolean inLoop();

    /** Enqueues {@code task} once {@code delayMs} milliseconds have passed. Safe for any thread. */
    Timer schedule(Runnable task, long delayMs);

    /** A task that waits for its time. */
    @FunctionalInterface
    interface Timer {
        /** Does nothing when it already ran. Safe for any thread. */
        void cancel();
    }
}
