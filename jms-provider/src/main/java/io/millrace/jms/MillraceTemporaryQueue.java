// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.TemporaryQueue;
import org.jspecify.annotations.Nullable;

/**
 * A queue in its broker's memory that lives as long as the connection that made it (Jakarta Messaging 3.1, section
 * 6.2.2). As the reply destination of a received message it can be sent to, no more. Safe for any thread.
 */
public final class MillraceTemporaryQueue extends MillraceQueue implements TemporaryQueue {
    private static final long serialVersionUID = 1L;

    /** Made it; {@code null} in a received message and after serialization. */
    private final transient @Nullable Temporaries owner;

    MillraceTemporaryQueue(String name, @Nullable Temporaries owner) {
        super(new DestinationUri(name, null));
        this.owner = owner;
    }

    /** Deletes the queue and its messages; refused while it has consumers. */
    @Override
    public void delete() throws JMSException {
        Temporaries.delete(owner, this);
    }
}
