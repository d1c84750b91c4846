// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The gate before a partition's owner loop. While the partition is lent to another thread, its tasks wait here, in
 * order, and the loop goes on with its other partitions. The queue is the loop's alone.
 */
final class Lending {
    private final OwnerLoop loop;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean lent;
    private volatile @Nullable Thread holder;

    Lending(OwnerLoop loop) {
        this.loop = loop;
    }

    void execute(Runnable task) {
        loop.execute(() -> runInLoop(task));
    }

    void runInLoop(Runnable task) {
        if (lent) {
            waiting.add(task);
        } else {
            task.run();
        }
    }

    boolean heldByCaller() {
        Thread borrower = holder;
        return borrower == null ? loop.inLoop() : borrower == Thread.currentThread();
    }

    /** Holds all tasks back from now on and runs {@code onLent} in the loop. Any thread. */
    void lend(Runnable onLent) {
        execute(() -> {
            lent = true;
            onLent.run();
        });
    }

    /** The calling thread takes the lent partition over. */
    void take() {
        holder = Thread.currentThread();
    }

    /** Gives the partition back to its loop, which runs what waited. Any thread. */
    void giveBack() {
        holder = null;
        loop.execute(() -> {
            lent = false;
            runWaiting();
        });
    }

    /** A task that fails, which the loop is to report, does not keep back those behind it. */
    private void runWaiting() {
        while (!lent && !waiting.isEmpty()) {
            Runnable task = waiting.remove();
            try {
                task.run();
            } catch (RuntimeException defect) {
                loop.execute(() -> {
                    throw defect;
                });
            }
        }
    }
}
