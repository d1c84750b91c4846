// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.time;

/** The broker's only source of time; tests inject one they advance by hand. Safe for any thread. */
public interface BrokerClock {
    /** Wall clock, milliseconds since the epoch; may jump. For record timestamps and expiry. */
    long wallMs();

    /** Monotonic clock, nanoseconds since an arbitrary instant. For time-outs and durations. */
    long nanos();

    BrokerClock SYSTEM = new BrokerClock() {
        @Override
        public long wallMs() {
            return System.currentTimeMillis();
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }
    };
}
