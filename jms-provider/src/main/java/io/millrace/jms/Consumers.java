// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.SubscriptionKind;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;

/** Opens a session's consumers (Jakarta Messaging 3.1, sections 8.2 and 8.3); for the session's thread. */
final class Consumers {
    private final MillraceConnection connection;
    private final SessionCore core;

    Consumers(MillraceConnection connection, SessionCore core) {
        this.connection = connection;
        this.core = core;
    }

    /** A consumer of a queue, or of an unshared non-durable subscription of a topic. */
    MillraceConsumer unnamed(MillraceDestination from, @Nullable String selector, boolean noLocal) throws JMSException {
        if (selector != null && !selector.isBlank()) {
            throw new InvalidSelectorException(
                    "Message selectors are not offered by this version of Millrace: \"" + selector + "\".",
                    "MILLRACE_NOT_OFFERED");
        }
        if (noLocal && from.kind() == DestinationKind.TOPIC) {
            throw JmsErrors.notOffered("noLocal");
        }
        return new MillraceConsumer(core, subscribe(from));
    }

    private Receiver subscribe(MillraceDestination from) throws JMSException {
        Subscription how = Subscription.of(
                from.kind() == DestinationKind.QUEUE ? SubscriptionKind.QUEUE : SubscriptionKind.NON_DURABLE);
        Receiver receiver = new Receiver(core, connection.nextConsumerId(), from, how);
        Subscribing.open(core, receiver, connection.routes());
        return receiver;
    }
}
