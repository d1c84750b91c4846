// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import org.jspecify.annotations.Nullable;

/** Runs an action on a partition's loop at the earliest of the times asked for. Owned by that loop. */
final class WakeUp {
    private final Partition partition;
    private final Runnable action;
    private long atMs = Long.MAX_VALUE;
    private OwnerLoop.@Nullable Timer timer;

    WakeUp(Partition partition, Runnable action) {
        this.partition = partition;
        this.action = action;
    }

    /** @param wakeMs milliseconds since the epoch; {@link Long#MAX_VALUE} for never */
    void notAfter(long wakeMs) {
        if (wakeMs < atMs) {
            cancel();
            atMs = wakeMs;
            timer = partition.schedule(this::run, Math.max(1, wakeMs - partition.nowMs()));
        }
    }

    private void run() {
        timer = null;
        atMs = Long.MAX_VALUE;
        action.run();
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        atMs = Long.MAX_VALUE;
    }
}
