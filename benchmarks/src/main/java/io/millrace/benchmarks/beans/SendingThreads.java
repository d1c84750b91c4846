// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.beans;

import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Callers of a bean that send one message after the other. For one thread. */
final class SendingThreads {
    private final LongAdder sent = new LongAdder();
    private volatile boolean going = true;

    /** One call of the bean. */
    @FunctionalInterface
    interface Send {
        void run() throws JMSException;
    }

    /** What was sent in all, and how many a second once the ramp was over. */
    record Sent(long messages, double rate) {}

    /** Lets {@code threads} callers run for {@code ramp} and {@code window}. */
    Sent run(ExecutorService executor, int threads, Send send, Duration ramp, Duration window)
            throws InterruptedException, ExecutionException {
        List<Future<?>> callers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            callers.add(executor.submit(() -> {
                while (going) {
                    send.run();
                    sent.increment();
                }
                return null;
            }));
        }
        pause(ramp);
        long before = sent.sum();
        long begin = System.nanoTime();
        pause(window);
        double rate = (sent.sum() - before) / ((System.nanoTime() - begin) / 1e9);
        going = false;
        for (Future<?> caller : callers) {
            caller.get();
        }
        return new Sent(sent.sum(), rate);
    }

    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
