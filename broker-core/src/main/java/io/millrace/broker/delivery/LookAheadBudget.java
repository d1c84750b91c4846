// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the windows of all lanes of a broker take together. Beyond it nothing is read in advance, and a consumer that
 * waits is served from small windows: the bound holds but for one small window for each lane that somebody waits at.
 * Safe for any thread.
 */
final class LookAheadBudget {
    private final long maxBytes;
    private final AtomicLong used = new AtomicLong();

    LookAheadBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void take(long bytes) {
        used.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }

    long usedBytes() {
        return used.get();
    }

    /** How many more bytes may be held; 0 when all are. */
    long leftBytes() {
        return Math.max(0, maxBytes - used.get());
    }
}
