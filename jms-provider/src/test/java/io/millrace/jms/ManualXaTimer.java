// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Time that passes when a test says so; its tasks run on the test's thread. */
final class ManualXaTimer implements XaTimer {
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(Task::atNanos));
    private long nowNanos = Long.MAX_VALUE - 1_000_000_000L; // as System.nanoTime may: it overflows on the way

    private record Task(long atNanos, Runnable action) {}

    @Override
    public synchronized long nanoTime() {
        return nowNanos;
    }

    @Override
    public synchronized void schedule(Runnable task, long delayMs) {
        tasks.add(new Task(nowNanos + Duration.ofMillis(delayMs).toNanos(), task));
    }

    synchronized int scheduled() {
        return tasks.size();
    }

    void pass(Duration time) {
        List<Task> due = new ArrayList<>();
        synchronized (this) {
            nowNanos += time.toNanos();
            tasks.removeIf(task -> task.atNanos - nowNanos <= 0 && due.add(task));
        }
        due.forEach(task -> task.action.run());
    }
}
