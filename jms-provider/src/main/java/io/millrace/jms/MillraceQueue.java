// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.DestinationKind;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.Queue;
import org.jspecify.annotations.Nullable;

/** A queue, by the name of the log that holds it, or as {@code queue:///NAME}. */
public sealed class MillraceQueue extends MillraceDestination implements Queue permits MillraceTemporaryQueue {
    private static final long serialVersionUID = 1L;

    /** A queue to be named by {@link #setName}. */
    public MillraceQueue() {
        this("");
    }

    /** @throws IllegalArgumentException when the text is a URI that cannot be read */
    public MillraceQueue(String name) {
        super(DestinationUri.parse(DestinationKind.QUEUE, name).name());
    }

    /** A queue whose name is taken as it is. */
    MillraceQueue(DestinationUri uri) {
        super(uri.name());
    }

    /** A queue that an application or another provider names. */
    static MillraceQueue named(@Nullable String text) throws InvalidDestinationException {
        if (text == null) {
            throw new InvalidDestinationException("A queue must have a name; it is null.");
        }
        try {
            return new MillraceQueue(text);
        } catch (IllegalArgumentException e) {
            throw JmsErrors.withCause(new InvalidDestinationException(e.getMessage()), e);
        }
    }

    /** @throws IllegalArgumentException when the text is a URI that cannot be read */
    @Override
    public void setName(String name) {
        super.setName(DestinationUri.parse(DestinationKind.QUEUE, name).name());
    }

    @Override
    DestinationKind kind() {
        return DestinationKind.QUEUE;
    }

    @Override
    public String getQueueName() {
        return getName();
    }
}
