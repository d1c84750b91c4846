// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.broker.time.BrokerClock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what peers can cause at will: at most one line a second of each kind. Safe for any thread. */
final class RateLimitedLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.millrace.broker.net");
    private static final long INTERVAL_NANOS = 1_000_000_000L;

    private final BrokerClock clock;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    RateLimitedLog(BrokerClock clock) {
        this.clock = clock;
    }

    /** @param kind one of a fixed set */
    void warn(String kind, String format, Object... arguments) {
        long now = clock.nanos();
        Kind state = kinds.computeIfAbsent(kind, name -> new Kind(now - INTERVAL_NANOS));
        long last = state.lastNanos.get();
        if (now - last < INTERVAL_NANOS || !state.lastNanos.compareAndSet(last, now)) {
            state.suppressed.incrementAndGet();
            return;
        }
        LOG.warn(format, arguments);
        long suppressed = state.suppressed.getAndSet(0);
        if (suppressed > 0) {
            LOG.warn("... and {} more of this kind ({})", suppressed, kind);
        }
    }

    private static final class Kind {
        private final AtomicLong lastNanos;
        private final AtomicLong suppressed = new AtomicLong();

        Kind(long lastNanos) {
            this.lastNanos = new AtomicLong(lastNanos);
        }
    }
}
