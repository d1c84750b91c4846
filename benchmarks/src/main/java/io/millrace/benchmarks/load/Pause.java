// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Lets a window of time pass while other threads do what is measured. */
final class Pause {
    private Pause() {}

    /** Blocks for {@code time}. */
    static void of(Duration time) {
        until(System.nanoTime() + time.toNanos());
    }

    /** Blocks until {@link System#nanoTime} reaches {@code nanos}. */
    static void until(long nanos) {
        for (long wait = nanos - System.nanoTime(); wait > 0; wait = nanos - System.nanoTime()) {
            LockSupport.parkNanos(wait);
        }
    }
}
