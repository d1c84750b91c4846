// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import java.util.concurrent.TimeUnit;

/** Lets one log line pass in each interval and counts the others. Safe for any thread. */
final class LogLimit {
    private final long intervalNanos;
    private long lastNanos;
    private boolean any;
    private long suppressed;

    /** @param intervalMs between two lines, milliseconds */
    LogLimit(long intervalMs) {
        this.intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMs);
    }

    synchronized boolean permits(long nowNanos) {
        if (any && nowNanos - lastNanos < intervalNanos) {
            suppressed++;
            return false;
        }
        any = true;
        lastNanos = nowNanos;
        return true;
    }

    /** How many did not pass since the last call. */
    synchronized long takeSuppressed() {
        long count = suppressed;
        suppressed = 0;
        return count;
    }
}
