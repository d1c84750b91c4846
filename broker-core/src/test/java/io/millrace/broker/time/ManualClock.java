// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.time;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until a test advances it. Safe for any thread. */
public final class ManualClock implements BrokerClock {
    private final AtomicLong wallMs;
    private final AtomicLong nanos = new AtomicLong();

    /** Starts at 2026-01-01T00:00:00Z. */
    public ManualClock() {
        this(1_767_225_600_000L);
    }

    public ManualClock(long wallMs) {
        this.wallMs = new AtomicLong(wallMs);
    }

    /** Moves both clocks forward. */
    public void advanceMs(long ms) {
        wallMs.addAndGet(ms);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
    }

    /** Makes the wall clock jump; the monotonic clock stays. */
    public void setWallMs(long ms) {
        wallMs.set(ms);
    }

    @Override
    public long wallMs() {
        return wallMs.get();
    }

    @Override
    public long nanos() {
        return nanos.get();
    }
}
