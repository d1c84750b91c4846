// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.beans;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** How far the message-driven bean that runs has come with its backlog; one runs at a time. Safe for any thread. */
final class Progress {
    private static volatile Progress current = new Progress(0);

    private final long count;
    private final AtomicLong seen = new AtomicLong();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile long rampEndedNanos;
    private volatile long endedNanos;

    private Progress(long count) {
        this.count = count;
    }

    /** @param count so many messages wait; the first tenth of them is not measured */
    static Progress begin(long count) {
        current = new Progress(count);
        return current;
    }

    static void onMessage() {
        current.count();
    }

    private void count() {
        long now = seen.incrementAndGet();
        if (now == ramp()) {
            rampEndedNanos = System.nanoTime();
        }
        if (now == count) {
            endedNanos = System.nanoTime();
            done.countDown();
        }
    }

    private long ramp() {
        return Math.max(1, count / 10);
    }

    /** Messages a second, after the ramp. */
    double rate(long patienceSeconds) throws InterruptedException {
        if (!done.await(patienceSeconds, TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    "Only %d of %d messages came in %d s".formatted(seen.get(), count, patienceSeconds));
        }
        return (count - ramp()) / ((endedNanos - rampEndedNanos) / 1e9);
    }
}
