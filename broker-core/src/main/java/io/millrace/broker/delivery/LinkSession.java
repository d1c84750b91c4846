// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JMS session of a link; owned by the link's loop. */
final class LinkSession {
    private final Holder holder;
    private final Map<Long, LinkConsumer> consumers = new HashMap<>();
    private int epoch;

    LinkSession(long link, long session) {
        // No consumer: names the session alone.
        holder = new Holder(link, session, -1);
    }

    long id() {
        return holder.session();
    }

    Holder holder() {
        return holder;
    }

    int epoch() {
        return epoch;
    }

    void onRecovered(int newEpoch) {
        epoch = newEpoch;
    }

    void add(LinkConsumer consumer) {
        consumers.put(consumer.holder().consumer(), consumer);
    }

    void remove(LinkConsumer consumer) {
        consumers.remove(consumer.holder().consumer(), consumer);
    }

    /** Open or closed. */
    @Nullable
    LinkConsumer find(long consumer) {
        return consumers.get(consumer);
    }

    /** Open and closed ones. */
    List<LinkConsumer> consumers() {
        return List.copyOf(consumers.values());
    }
}
