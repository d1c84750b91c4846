// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Those who wait for a high watermark; each is told once. Safe for any thread. */
final class DataWaiters {
    private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();

    /** @param present read after the waiter is in the set, so that no advance is missed */
    Cancellation add(long offset, Runnable listener, LongSupplier present) {
        Waiter waiter = new Waiter(offset, listener);
        waiters.add(waiter);
        if (present.getAsLong() > offset) {
            tell(waiter);
        }
        return () -> waiters.remove(waiter);
    }

    void onHighWatermark(long highWatermark) {
        Iterator<Waiter> all = waiters.iterator();
        while (all.hasNext()) {
            Waiter waiter = all.next();
            if (highWatermark > waiter.offset) {
                tell(waiter);
            }
        }
    }

    void onNotServing() {
        onHighWatermark(Long.MAX_VALUE);
    }

    private void tell(Waiter waiter) {
        if (waiters.remove(waiter)) {
            waiter.listener.run();
        }
    }

    /** Compared by identity: two waiters for one offset are two. */
    private static final class Waiter {
        private final long offset;
        private final Runnable listener;

        Waiter(long offset, Runnable listener) {
            this.offset = offset;
            this.listener = listener;
        }
    }
}
