// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.jms.ListenerBuffers;
import io.millrace.jms.MillraceDestination;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.millrace.protocol.message.Redelivery;
import io.millrace.ra.BrokerSettings;
import io.millrace.ra.outbound.PooledConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ResourceAdapterInternalException;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;

/**
 * What an activation consumes: the spec with its names looked up.
 *
 * @param settings where the broker is
 * @param destination the queue or topic
 * @param shape what is read through
 * @param selector which messages; {@code null} for all
 * @param minSessions how many sessions there are however small the backlog, at least 1
 * @param maxSessions how many messages are processed at once at most
 * @param prefetch the most messages that a session buffers
 * @param redelivery what becomes of messages that come back
 * @param ordered whether nothing is delivered before the deliveries of a lost connection have ended
 */
record Subscription(
        BrokerSettings settings,
        Destination destination,
        Shape shape,
        @Nullable String selector,
        int minSessions,
        int maxSessions,
        int prefetch,
        Redelivery redelivery,
        boolean ordered) {
    /** What a session buffers at first, and however slow its bean is. */
    private static final int LEAST_PREFETCH = 32;

    /** What the activation reads through. */
    sealed interface Shape {
        /** A queue, or a non-durable subscription of one session. */
        record Unnamed() implements Shape {}

        /** A durable subscription of one client id and one session. */
        record Durable(String name) implements Shape {}

        /** A subscription that many sessions and servers share. */
        record Shared(String name, boolean durable) implements Shape {}
    }

    /**
     * Checks the spec and looks its names up.
     *
     * @throws ResourceException when the spec is wrong or a name is not bound to the right object
     */
    static Subscription of(MillraceActivationSpec spec, BrokerSettings adapter) throws ResourceException {
        spec.validate();
        BrokerSettings settings = settings(spec, adapter);
        MillraceDestination destination = startingAt(blankToNull(spec.getFrom()), destination(spec));
        Shape shape = shape(spec, destination, settings);
        boolean single = destination instanceof Topic && !spec.isShareSubscriptions();
        return new Subscription(
                settings,
                destination,
                shape,
                blankToNull(spec.getMessageSelector()),
                single ? 1 : spec.getMinSession(),
                single ? 1 : spec.getMaxSession(),
                spec.getPrefetch(),
                redelivery(spec, destination),
                spec.isOrderedByGroup());
    }

    private static Redelivery redelivery(MillraceActivationSpec spec, MillraceDestination destination)
            throws ResourceException {
        String letters = blankToNull(spec.getDeadLetterQueue());
        if (destination.getName().equals(letters)) {
            throw new ResourceException("deadLetterQueue is the destination itself, " + destination);
        }
        int limit = spec.getRedeliveryLimit();
        return new Redelivery(
                limit == 0 ? Redelivery.UNSET : limit == -1 ? -1 : limit + 1,
                spec.getRedeliveryDelay() == -1 ? Redelivery.UNSET : spec.getRedeliveryDelay(),
                spec.getRedeliveryMultiplier() == 0 ? Redelivery.UNSET : spec.getRedeliveryMultiplier(),
                spec.getRedeliveryMaxDelay() == -1 ? Redelivery.UNSET : spec.getRedeliveryMaxDelay(),
                letters);
    }

    /** Whether the broker makes a message wait that came back, as the bean has asked. */
    boolean waitsAtBroker() {
        return redelivery.delayMs() != Redelivery.UNSET;
    }

    /** The spec's settings, completed by those of its connection factory, then by the adapter's. */
    static BrokerSettings settings(MillraceActivationSpec spec, BrokerSettings adapter) throws ResourceException {
        BrokerSettings own =
                new BrokerSettings(spec.getUrl(), spec.getUserName(), spec.getPassword(), spec.getClientId());
        String factoryName = spec.getConnectionFactoryLookup();
        if (factoryName != null && !factoryName.isBlank()) {
            own = own.orElse(lookup("connectionFactoryLookup", factoryName, PooledConnectionFactory.class)
                    .settings());
        }
        return own.orElse(adapter);
    }

    private static Shape shape(MillraceActivationSpec spec, Destination destination, BrokerSettings settings)
            throws ResourceException {
        boolean durable = ActivationCheck.DURABLE.equals(spec.getSubscriptionDurability());
        boolean shared = spec.isShareSubscriptions();
        if (!durable && !shared) {
            return new Shape.Unnamed();
        }
        if (!(destination instanceof Topic)) {
            throw new ResourceException(
                    "subscriptionDurability and shareSubscriptions are for topics; " + destination + " is a queue");
        }
        if (durable && !shared && settings.clientId() == null) {
            throw new ResourceException(
                    "clientId is missing: a durable subscription that is not shared needs one; set it,"
                            + " or shareSubscriptions");
        }
        String name = String.valueOf(spec.getSubscriptionName());
        return shared ? new Shape.Shared(name, durable) : new Shape.Durable(name);
    }

    private static @Nullable String blankToNull(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    private static MillraceDestination startingAt(@Nullable String from, MillraceDestination destination)
            throws ResourceException {
        if (from == null) {
            return destination;
        }
        if (!(destination instanceof MillraceTopic)) {
            throw new ResourceException("from is for topics; " + destination + " is a queue");
        }
        MillraceTopic topic = new MillraceTopic(destination.getName());
        topic.setFrom(from);
        return topic;
    }

    private static MillraceDestination destination(MillraceActivationSpec spec) throws ResourceException {
        String lookup = spec.getDestinationLookup();
        if (lookup == null || lookup.isBlank()) {
            String name = String.valueOf(spec.getDestination());
            boolean queue = Queue.class.getName().equals(spec.getDestinationType());
            return queue ? new MillraceQueue(name) : new MillraceTopic(name);
        }
        MillraceDestination destination = lookup("destinationLookup", lookup, MillraceDestination.class);
        String type = spec.getDestinationType();
        boolean asDeclared = type == null
                || type.isBlank()
                || type.equals((destination instanceof Queue ? Queue.class : Topic.class).getName());
        if (!asDeclared) {
            throw new ResourceException("destinationLookup '" + lookup + "' is " + destination
                    + ", destinationType says " + type + "; make them agree");
        }
        return destination;
    }

    private static <T> T lookup(String property, String name, Class<T> type) throws ResourceException {
        Object found;
        try {
            found = Jndi.lookup(name);
        } catch (NamingException e) {
            throw new ResourceAdapterInternalException(property + " '" + name + "' cannot be looked up: " + e, e);
        }
        if (type.isInstance(found)) {
            return type.cast(found);
        }
        throw new ResourceException(property + " '" + name + "' is a "
                + (found == null ? "null" : found.getClass().getName())
                + ", not an object of this adapter; define it with resourceAdapter=millrace");
    }

    MessageConsumer open(Session session) throws JMSException {
        ListenerBuffers.redelivery(session, redelivery);
        ListenerBuffers.prefetchByNeed(session, LEAST_PREFETCH);
        if (shape instanceof Shape.Durable durable) {
            return session.createDurableConsumer((Topic) destination, durable.name(), selector, false);
        } else if (shape instanceof Shape.Shared shared) {
            return shared.durable()
                    ? session.createSharedDurableConsumer((Topic) destination, shared.name(), selector)
                    : session.createSharedConsumer((Topic) destination, shared.name(), selector);
        }
        return session.createConsumer(destination, selector);
    }

    @Override
    public String toString() {
        return destination + " at " + settings.effectiveUrl();
    }
}
