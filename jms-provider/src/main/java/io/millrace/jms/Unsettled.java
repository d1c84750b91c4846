// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** What a session has received and not settled, in the order of receipt. Guarded by the session's lock. */
final class Unsettled {
    private final List<Delivery> deliveries = new ArrayList<>();

    /** Adds what the application receives now: its receipt waits for a ride. */
    void add(Delivery delivery) {
        delivery.settle(AckType.RECEIPT);
        deliveries.add(delivery);
    }

    /** Settles everything: acknowledgements by broker, joined to ranges. */
    Map<SessionLink, List<Acknowledgement>> settle(AckType type) {
        Map<SessionLink, List<Acknowledgement>> byLink = new LinkedHashMap<>();
        for (Delivery delivery : deliveries) {
            SessionLink.append(
                    byLink.computeIfAbsent(delivery.link(), link -> new ArrayList<>()), delivery.acknowledgement(type));
        }
        deliveries.clear();
        return byLink;
    }

    /** Queues the accepts of everything; they leave at once, or with those that follow while a request is unanswered. */
    void acceptSoon() {
        deliveries.forEach(Delivery::acceptReceived);
        deliveries.clear();
    }

    /** Settles everything, one by one, in order of their receipt. */
    void settle(AckType type, BiConsumer<Delivery, Acknowledgement> to) {
        deliveries.forEach(delivery -> to.accept(delivery, delivery.acknowledgement(type)));
        deliveries.clear();
    }

    /** What would be settled now, in order. */
    List<Delivery> all() {
        return List.copyOf(deliveries);
    }

    /** Takes back what turned out not to be settled. */
    void restore(List<Delivery> unanswered) {
        deliveries.addAll(0, unanswered);
    }

    void clear() {
        deliveries.clear();
    }
}
