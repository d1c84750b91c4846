// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.admin;

import io.millrace.jms.MillraceQueue;
import io.millrace.jms.MillraceTopic;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.resource.Referenceable;
import java.io.Serial;
import java.io.Serializable;
import java.util.Objects;
import javax.naming.Reference;
import org.jspecify.annotations.Nullable;

/** What queue and topic objects share: a name under two property names, and equality by kind and name. */
public abstract sealed class NamedDestination implements Destination, Serializable, Referenceable
        permits QueueObject, TopicObject {
    @Serial
    private static final long serialVersionUID = 1L;

    private @Nullable String name;
    private @Nullable Reference reference;

    /** The destination's name on the broker. */
    public @Nullable String getName() {
        return name;
    }

    public void setName(@Nullable String name) {
        this.name = name;
    }

    /** The same as {@link #getName()}: the property's name in {@code @JMSDestinationDefinition}. */
    public @Nullable String getDestinationName() {
        return name;
    }

    public void setDestinationName(@Nullable String destinationName) {
        this.name = destinationName;
    }

    @Override
    public @Nullable Reference getReference() {
        return reference;
    }

    @Override
    public void setReference(@Nullable Reference reference) {
        this.reference = reference;
    }

    final String requireName() {
        String set = name;
        if (set == null || set.isBlank()) {
            throw new IllegalStateRuntimeException(
                    "The administered object has no name: set its property 'name' or 'destinationName'");
        }
        return set;
    }

    /** The client's own destination for an administered object; any other destination as it is. */
    public static @Nullable Destination unwrap(@Nullable Destination destination) {
        if (destination instanceof QueueObject queue) {
            return new MillraceQueue(queue.getQueueName());
        }
        if (destination instanceof TopicObject topic) {
            return new MillraceTopic(topic.getTopicName());
        }
        return destination;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other != null
                && other.getClass() == getClass()
                && Objects.equals(name, ((NamedDestination) other).name);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(getClass().getSimpleName(), name);
    }
}
