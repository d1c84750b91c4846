// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.Redelivery;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a consumer reads its destination: what is asked of each broker that leads some of its partitions, and asked again
 * of a broker that came back.
 *
 * @param kind what it reads through
 * @param name the subscription's name; empty for a queue and for an unshared non-durable one
 * @param selector a message selector, or {@code null}
 * @param noLocal whether messages of this connection are hidden
 * @param startAtMs where a subscription that does not exist yet starts; see {@link Subscribe#startAtMs()}
 * @param redelivery what becomes of messages that come back
 */
record Subscription(
        SubscriptionKind kind,
        String name,
        @Nullable String selector,
        boolean noLocal,
        long startAtMs,
        Redelivery redelivery) {

    static Subscription of(SubscriptionKind kind) {
        return new Subscription(kind, "", null, false, Subscribe.AT_DEFAULT, Redelivery.OF_DESTINATION);
    }

    Subscribe request(long sessionId, Receiver receiver, List<Integer> partitions) {
        return new Subscribe(
                sessionId,
                receiver.id(),
                kind,
                name,
                receiver.destination().getName(),
                partitions,
                selector,
                noLocal,
                startAtMs,
                redelivery);
    }
}
