// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.message.DestinationKind;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.util.Objects;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import org.jspecify.annotations.Nullable;

/**
 * A queue or a topic, by name: an administered object (Jakarta Messaging 3.1, section 5.2). Two are equal when kind and
 * name are. Not thread-safe while it is being configured, safe afterwards.
 */
public abstract sealed class MillraceDestination implements Destination, Serializable, Referenceable
        permits MillraceQueue, MillraceTopic {
    private static final long serialVersionUID = 1L;

    static final String NAME = "name";
    static final String FROM = "from";

    private String name;

    MillraceDestination(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /** The destination as one of Millrace's; that of another provider by its name. */
    static MillraceDestination of(@Nullable Destination destination) throws JMSException {
        if (destination instanceof MillraceDestination own) {
            return own;
        }
        if (destination instanceof TemporaryQueue || destination instanceof TemporaryTopic) {
            throw new InvalidDestinationException("A temporary destination of another provider cannot be used here.");
        }
        if (destination instanceof Queue queue && !(destination instanceof Topic)) {
            return MillraceQueue.named(queue.getQueueName());
        }
        if (destination instanceof Topic topic && !(destination instanceof Queue)) {
            return MillraceTopic.named(topic.getTopicName());
        }
        throw new InvalidDestinationException(
                destination == null
                        ? "There is no destination: it is null."
                        : destination.getClass().getName() + " is neither a queue nor a topic.");
    }

    /** The destination that a message names, whatever the name: who wrote it may have known nothing of ours. */
    static MillraceDestination named(DestinationKind kind, String name) {
        boolean temporary = JmsDestination.isTemporary(name);
        return switch (kind) {
            case QUEUE ->
                temporary ? new MillraceTemporaryQueue(name, null) : new MillraceQueue(new DestinationUri(name, null));
            case TOPIC ->
                temporary ? new MillraceTemporaryTopic(name, null) : new MillraceTopic(new DestinationUri(name, null));
        };
    }

    abstract DestinationKind kind();

    /** The name of the log that holds the messages: also its name as a Kafka topic. Empty until configured. */
    public String getName() {
        return name;
    }

    public void setName(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /** The same as {@link #getName()}: containers configure an administered object under either property. */
    public String getDestinationName() {
        return name;
    }

    public void setDestinationName(String destinationName) {
        setName(destinationName);
    }

    /** Where a new subscription starts; {@code null} for a queue. */
    public @Nullable String getFrom() {
        return null;
    }

    /** The name, which must have been configured. */
    final String requireName() throws JMSException {
        if (name.isEmpty()) {
            throw new InvalidDestinationException(
                    "This " + getClass().getSimpleName() + " has no name; set its property \"name\".");
        }
        return name;
    }

    @Override
    public final Reference getReference() {
        Reference reference = new Reference(getClass().getName(), MillraceObjectFactory.class.getName(), null);
        reference.add(new StringRefAddr(NAME, name));
        String from = getFrom();
        if (from != null) {
            reference.add(new StringRefAddr(FROM, from));
        }
        return reference;
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof MillraceDestination destination
                && destination.kind() == kind()
                && destination.name.equals(name);
    }

    @Override
    public final int hashCode() {
        return 31 * name.hashCode() + kind().name().hashCode();
    }

    @Override
    public final String toString() {
        String from = getFrom();
        return DestinationUri.scheme(kind()) + name + (from == null ? "" : "?from=" + from);
    }
}
