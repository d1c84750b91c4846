// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.time.BrokerClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** An owner loop that runs when told, with a clock moved by hand. The test's thread is the loop while it runs tasks. */
public final class ManualOwnerLoop implements OwnerLoop, BrokerClock {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Waiting> timers = new ArrayList<>();
    private long nowMs = 1_700_000_000_000L;
    private boolean running;

    @Override
    public synchronized void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public synchronized Timer schedule(Runnable task, long delayMs) {
        Waiting timer = new Waiting(task, nowMs + Math.max(0, delayMs));
        timers.add(timer);
        return () -> remove(timer);
    }

    /** Runs what is queued, also what those tasks queue; answers how many ran. */
    public int runTasks() {
        int count = 0;
        Runnable task = next();
        while (task != null) {
            running = true;
            try {
                task.run();
            } finally {
                running = false;
            }
            count++;
            task = next();
        }
        return count;
    }

    /** Runs {@code task} as the loop, and what it queued. */
    public void run(Runnable task) {
        execute(task);
        runTasks();
    }

    /** Moves the clock and runs the timers that came due, in order. */
    public void advanceMs(long ms) {
        long end = nowMs + ms;
        runTasks();
        Waiting timer = due(end);
        while (timer != null) {
            nowMs = timer.dueMs;
            execute(timer.task);
            runTasks();
            timer = due(end);
        }
        nowMs = end;
    }

    @Override
    public long wallMs() {
        return nowMs;
    }

    @Override
    public long nanos() {
        return nowMs * 1_000_000;
    }

    private synchronized Runnable next() {
        return tasks.poll();
    }

    private synchronized void remove(Waiting timer) {
        timers.remove(timer);
    }

    private synchronized Waiting due(long endMs) {
        Waiting first = timers.stream()
                .filter(timer -> timer.dueMs <= endMs)
                .min(Comparator.comparingLong(timer -> timer.dueMs))
                .orElse(null);
        if (first != null) {
            timers.remove(first);
        }
        return first;
    }

    private static final class Waiting {
        private final Runnable task;
        private final long dueMs;

        Waiting(Runnable task, long dueMs) {
            this.task = task;
            this.dueMs = dueMs;
        }
    }
}
