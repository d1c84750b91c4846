// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.partition.OwnerLoop;
import org.jspecify.annotations.Nullable;

/** A group and its offsets in their {@link GroupShard}, with the one timer they need. Owner loop only. */
final class GroupEntry {
    private Group group;
    private final GroupOffsets offsets = new GroupOffsets();
    private OwnerLoop.@Nullable Timer timer;
    private long timerDueMs = Long.MAX_VALUE;

    GroupEntry(Group group) {
        this.group = group;
    }

    Group group() {
        return group;
    }

    /** Puts another in its place: recovered, or of the other protocol. */
    void group(Group next) {
        group = next;
    }

    GroupOffsets offsets() {
        return offsets;
    }

    boolean isBlank() {
        return group.isBlank() && offsets.isEmpty();
    }

    /**
     * Makes sure that {@code task} runs when the group is next due. A timer that is due too early stays: heartbeats
     * move the deadline all the time, and the timer only looks again when it fires.
     */
    void arm(long nowMs, GroupRuntime runtime, Runnable task) {
        long dueMs = group.nextDeadlineMs();
        if (dueMs >= timerDueMs) {
            return;
        }
        disarm();
        timerDueMs = dueMs;
        timer = runtime.schedule(task, Math.max(0, dueMs - nowMs));
    }

    void onTimer() {
        timer = null;
        timerDueMs = Long.MAX_VALUE;
    }

    void disarm() {
        if (timer != null) {
            timer.cancel();
        }
        onTimer();
    }
}
