// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What all clients of a run did and were told, in one order. Only grows. Any thread. */
final class History {
    private final List<Event> events = new ArrayList<>();
    private final AtomicInteger acknowledged = new AtomicInteger();

    void add(Event event) {
        synchronized (events) {
            events.add(event);
        }
        if (event instanceof Event.Acknowledged) {
            acknowledged.incrementAndGet();
        }
    }

    int size() {
        synchronized (events) {
            return events.size();
        }
    }

    /** Records acknowledged so far. */
    int acknowledged() {
        return acknowledged.get();
    }

    List<Event> events() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }
}
