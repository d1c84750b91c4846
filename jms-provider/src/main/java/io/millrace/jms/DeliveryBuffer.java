// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What a consumer has got and its application has not, as it is to be received. Guarded by the session's lock. */
final class DeliveryBuffer {
    private final ArrayDeque<Delivery> deliveries = new ArrayDeque<>();
    private long bytes;

    int size() {
        return deliveries.size();
    }

    /** Bytes of all of them, as they came. */
    long bytes() {
        return bytes;
    }

    /** Behind those of its priority or a higher one: it overtakes what the application has not received yet. */
    void add(Delivery arrived) {
        bytes += arrived.bytes();
        int priority = arrived.record().priority();
        Delivery last = deliveries.peekLast();
        if (last == null || last.record().priority() >= priority) {
            deliveries.add(arrived);
            return;
        }
        ArrayDeque<Delivery> overtaken = new ArrayDeque<>();
        for (; last != null && last.record().priority() < priority; last = deliveries.peekLast()) {
            overtaken.push(deliveries.removeLast());
        }
        deliveries.add(arrived);
        deliveries.addAll(overtaken);
    }

    /** Takes the next one; {@code null} when there is none. */
    @Nullable
    Delivery poll() {
        Delivery next = deliveries.poll();
        if (next != null) {
            bytes -= next.bytes();
        }
        return next;
    }

    /** Undoes a {@link #poll}. */
    void putBack(Delivery delivery) {
        bytes += delivery.bytes();
        deliveries.addFirst(delivery);
    }

    void clear() {
        deliveries.clear();
        bytes = 0;
    }
}
