// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What has become of an activation's deliveries. Safe for any thread. */
final class Tally {
    private final LongAdder delivered = new LongAdder();
    private final LongAdder rolledBack = new LongAdder();
    private final AtomicReference<@Nullable Failure> last = new AtomicReference<>();
    private final InstantSource clock;

    /**
     * @param atMs milliseconds since the epoch
     * @param reason what was thrown, or that the transaction was rolled back
     */
    record Failure(long atMs, String reason) {}

    Tally(InstantSource clock) {
        this.clock = clock;
    }

    void onDelivered() {
        delivered.increment();
    }

    void onRolledBack(String reason) {
        rolledBack.increment();
        onFailure(reason);
    }

    /** Not of a delivery: of the connection. */
    void onFailure(String reason) {
        last.set(new Failure(clock.millis(), reason));
    }

    long delivered() {
        return delivered.sum();
    }

    long rolledBack() {
        return rolledBack.sum();
    }

    @Nullable
    Failure last() {
        return last.get();
    }
}
