// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.jms.Utf8;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.SubscriptionKind;
import io.millrace.protocol.message.Unsubscribe;
import io.millrace.protocol.selector.Selector;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
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
        boolean topic = from.kind() == DestinationKind.TOPIC;
        if (noLocal && topic) {
            connection.features().require(Feature.DURABLE_SUBSCRIPTIONS, "noLocal");
        }
        return open(
                from, topic ? SubscriptionKind.NON_DURABLE : SubscriptionKind.QUEUE, "", selector, noLocal && topic);
    }

    /** A consumer of a named subscription. */
    MillraceConsumer named(
            SubscriptionKind kind,
            @Nullable Topic topic,
            @Nullable String name,
            @Nullable String selector,
            boolean noLocal)
            throws JMSException {
        if (topic == null) {
            throw new InvalidDestinationException("There is no topic to subscribe to: it is null.");
        }
        MillraceDestination from = MillraceDestination.of(topic);
        boolean durable = kind != SubscriptionKind.SHARED_NON_DURABLE;
        if (from.kind() != DestinationKind.TOPIC) {
            throw new InvalidDestinationException(from + " is a queue; only a topic has subscriptions.");
        }
        if (durable && topic instanceof TemporaryTopic) {
            throw new InvalidDestinationException(
                    "A temporary topic ends with its connection; it cannot have a durable subscription (section 4.2.7).");
        }
        connection.features().require(Feature.DURABLE_SUBSCRIPTIONS, "A named subscription");
        if (kind == SubscriptionKind.DURABLE && connection.getClientID() == null) {
            throw new IllegalStateException(
                    "An unshared durable subscription needs a client id: set it on the factory or"
                            + " the connection (sections 6.1.2 and 8.3.3).");
        }
        return open(from, kind, checked(name), selector, noLocal);
    }

    private static String checked(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new JMSException("A subscription must have a name.", "MILLRACE_BAD_REQUEST");
        }
        if (!Utf8.canHold(name)) {
            // UTF-8, as which it travels, would replace it: names that differ would become one.
            throw new JMSException(
                    "The name of a subscription has an unpaired surrogate, which UTF-8 cannot hold; name it otherwise.",
                    "MILLRACE_BAD_REQUEST");
        }
        return name;
    }

    /** A blank selector selects all, as none does (section 3.8.1.1). */
    private @Nullable String checkedSelector(@Nullable String selector) throws JMSException {
        if (selector == null || selector.isBlank()) {
            return null;
        }
        try {
            Selector.parse(selector);
        } catch (io.millrace.protocol.selector.InvalidSelectorException e) {
            throw JmsErrors.withCause(
                    new InvalidSelectorException(
                            "The message selector \"" + selector + "\" is wrong: " + e.getMessage(),
                            "MILLRACE_INVALID_SELECTOR"),
                    e);
        }
        connection.features().require(Feature.SELECTORS, "A message selector");
        return selector;
    }

    private MillraceConsumer open(
            MillraceDestination from, SubscriptionKind kind, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        core.work().checkMayHaveConsumers();
        Subscription how = new Subscription(
                kind,
                name,
                checkedSelector(selector),
                noLocal,
                DestinationUri.startAtMs(from.getFrom(), connection.clock().millis()),
                core.redelivery());
        Receiver receiver = new Receiver(core, connection.nextConsumerId(), from, how);
        Subscribing.open(core, receiver, connection.routes());
        return new MillraceConsumer(core, receiver);
    }

    /** Deletes a durable subscription (section 8.3.3). */
    void unsubscribe(@Nullable String name) throws JMSException {
        if (name == null || name.isEmpty() || !Utf8.canHold(name)) {
            throw new InvalidDestinationException(
                    "There is no subscription without a name, nor with an unpaired surrogate in its name.");
        }
        connection.features().require(Feature.DURABLE_SUBSCRIPTIONS, "unsubscribe");
        core.owner().resumption().whileUp(() -> {
            unsubscribeAtAll(name);
            return name;
        });
    }

    /** Each broker deletes what it holds of it; it exists when one of them does. What was deleted already stays so. */
    private void unsubscribeAtAll(String name) throws JMSException {
        String what = "Deleting the subscription \"" + name + "\"";
        boolean found = false;
        JMSException unknown = null;
        for (BrokerLink broker : JmsErrors.await(connection.linksToAll(), what)) {
            try {
                JmsErrors.await(broker.request(new Unsubscribe(name), PlainResponse.class), what);
                found = true;
            } catch (InvalidDestinationException e) {
                unknown = e;
            }
        }
        if (!found && unknown != null) {
            throw unknown;
        }
    }
}
