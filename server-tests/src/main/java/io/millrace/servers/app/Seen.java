// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the message-driven beans saw since the application started. */
final class Seen {
    private static final List<String> DELIVERIES = new CopyOnWriteArrayList<>();

    private Seen() {}

    static void record(String text, int delivery, boolean redelivered) {
        DELIVERIES.add(text + " " + delivery + " " + redelivered);
    }

    /** For each delivery of {@code text} its JMSXDeliveryCount and JMSRedelivered. */
    static List<String> of(String text) {
        return DELIVERIES.stream()
                .filter(seen -> seen.startsWith(text + " "))
                .map(seen -> seen.substring(text.length() + 1))
                .toList();
    }
}
