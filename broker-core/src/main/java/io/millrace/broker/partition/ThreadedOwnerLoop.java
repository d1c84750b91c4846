// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.time.BrokerClock;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An {@link OwnerLoop} on its own thread, which parks when nothing is to do. The timers are the thread's alone. */
final class ThreadedOwnerLoop implements OwnerLoop {
    private static final Logger LOG = LoggerFactory.getLogger(ThreadedOwnerLoop.class);
    private static final int QUEUE_CHUNK = 1024;
    private static final int TASKS_BETWEEN_TIMERS = 256;

    private final BrokerClock clock;
    private final Thread thread;
    private final MpscUnboundedArrayQueue<Runnable> queue = new MpscUnboundedArrayQueue<>(QUEUE_CHUNK);
    private final AtomicBoolean parked = new AtomicBoolean();
    private final AtomicLong timerSequence = new AtomicLong();
    private final PriorityQueue<Task> timers =
            new PriorityQueue<>(Comparator.comparingLong(Task::deadlineNanos).thenComparingLong(Task::sequence));
    private volatile boolean stopping;

    ThreadedOwnerLoop(String name, BrokerClock clock) {
        this.clock = clock;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void stop() {
        execute(() -> stopping = true);
    }

    void join() {
        boolean interrupted = false;
        while (thread.isAlive() && !inLoop()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        queue.offer(task);
        if (parked.get() && !inLoop() && parked.compareAndSet(true, false)) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        long deadline = clock.nanos() + Math.max(0, delayMs) * 1_000_000;
        Task timer = new Task(task, deadline, timerSequence.getAndIncrement());
        if (inLoop()) {
            timers.add(timer);
        } else {
            execute(() -> timers.add(timer));
        }
        return () -> execute(() -> timers.remove(timer));
    }

    private void run() {
        while (!stopping || !queue.isEmpty()) {
            runQueued();
            runTimers();
            park();
        }
    }

    private void runQueued() {
        for (int i = 0; i < TASKS_BETWEEN_TIMERS; i++) {
            Runnable task = queue.poll();
            if (task == null) {
                return;
            }
            run(task);
        }
    }

    private void runTimers() {
        Task next = timers.peek();
        while (next != null && next.deadlineNanos - clock.nanos() <= 0) {
            timers.remove();
            run(next.action);
            next = timers.peek();
        }
    }

    private void park() {
        parked.set(true);
        if (queue.isEmpty() && !stopping) {
            Task next = timers.peek();
            if (next == null) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, Math.max(0, next.deadlineNanos - clock.nanos()));
            }
        }
        parked.set(false);
    }

    private static void run(@Nullable Runnable task) {
        if (task == null) {
            return;
        }
        try {
            task.run();
        } catch (RuntimeException | Error defect) {
            // Also an Error: the loop's other partitions must not stop for it without a word.
            LOG.error("A task on an owner loop failed; this is a defect", defect);
        }
    }

    /** A waiting timer; compared by deadline, then by age. */
    private static final class Task {
        private final Runnable action;
        private final long deadlineNanos;
        private final long sequence;

        Task(Runnable action, long deadlineNanos, long sequence) {
            this.action = action;
            this.deadlineNanos = deadlineNanos;
            this.sequence = sequence;
        }

        long deadlineNanos() {
            return deadlineNanos;
        }

        long sequence() {
            return sequence;
        }
    }
}
