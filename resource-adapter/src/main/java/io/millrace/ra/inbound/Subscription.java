// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.jms.MillraceDestination;
import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import io.millrace.ra.BrokerSettings;
import io.millrace.ra.outbound.PooledConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ResourceAdapterInternalException;
import javax.naming.NamingException;

/**
 * What an activation consumes: the spec with its names looked up.
 *
 * @param settings where the broker is
 * @param destination the queue or topic
 * @param sessions how many messages are processed at once, at least 1
 */
record Subscription(BrokerSettings settings, Destination destination, int sessions) {

    /**
     * Checks the spec and looks its names up.
     *
     * @throws NotSupportedException for what the broker cannot do in this version
     * @throws ResourceException when the spec is wrong or a name is not bound to the right object
     */
    static Subscription of(MillraceActivationSpec spec, BrokerSettings adapter) throws ResourceException {
        spec.validate();
        refuseUnsupported(spec);
        BrokerSettings own =
                new BrokerSettings(spec.getUrl(), spec.getUserName(), spec.getPassword(), spec.getClientId());
        String factoryName = spec.getConnectionFactoryLookup();
        if (factoryName != null && !factoryName.isBlank()) {
            own = own.orElse(lookup("connectionFactoryLookup", factoryName, PooledConnectionFactory.class)
                    .settings());
        }
        Destination destination = destination(spec);
        return new Subscription(
                own.orElse(adapter), destination, destination instanceof Topic ? 1 : spec.getMaxSession());
    }

    private static void refuseUnsupported(MillraceActivationSpec spec) throws NotSupportedException {
        String selector = spec.getMessageSelector();
        if (selector != null && !selector.isBlank()) {
            throw new NotSupportedException(
                    "messageSelector: the broker has no selectors in this version; remove '" + selector + "'");
        }
        if (ActivationCheck.DURABLE.equals(spec.getSubscriptionDurability())) {
            throw new NotSupportedException("subscriptionDurability: the broker has no durable subscriptions in this"
                    + " version; use NonDurable, or a queue");
        }
        if (spec.isShareSubscriptions()) {
            throw new NotSupportedException(
                    "shareSubscriptions: the broker has no shared subscriptions in this version; remove it, or use a queue");
        }
    }

    private static Destination destination(MillraceActivationSpec spec) throws ResourceException {
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
        return session.createConsumer(destination);
    }

    @Override
    public String toString() {
        return destination + " at " + settings.effectiveUrl();
    }
}
