// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.quota;

/**
 * What one client has left of one quota: filled at the quota's rate up to {@value #BURST_SECONDS} s of it, emptied by
 * what the client does, into debt too. Debt is the time the client waits; beyond {@value #LONGEST_WAIT_SECONDS} s it is
 * forgiven. Safe for any thread.
 */
final class Bucket {
    static final int BURST_SECONDS = 1;
    static final int LONGEST_WAIT_SECONDS = 10;

    private static final double NANOS = 1e9;

    private final double perSecond;
    private double left;
    private long lastNanos;

    Bucket(double perSecond, long nowNanos) {
        this.perSecond = perSecond;
        this.left = perSecond * BURST_SECONDS;
        this.lastNanos = nowNanos;
    }

    /** Takes {@code amount}; the milliseconds until the client may go on, 0 for at once. */
    synchronized long take(double amount, long nowNanos) {
        fill(nowNanos);
        left = Math.max(left - amount, -perSecond * LONGEST_WAIT_SECONDS);
        return left >= 0 ? 0 : (long) Math.ceil(-left / perSecond * 1_000);
    }

    /** Whether it is as good as a new one. */
    synchronized boolean isFull(long nowNanos) {
        fill(nowNanos);
        return left >= perSecond * BURST_SECONDS;
    }

    private void fill(long nowNanos) {
        double elapsed = Math.max(0, nowNanos - lastNanos) / NANOS;
        left = Math.min(left + elapsed * perSecond, perSecond * BURST_SECONDS);
        lastNanos = nowNanos;
    }
}
