// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.message.MillraceMessage;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.selector.Selector;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.AbstractCollection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the messages of a queue without receiving them (Jakarta Messaging 3.1, section 4.1.6). Each enumeration shows
 * the queue as it was when it was made, less what has been consumed or has expired before it came there. For the
 * session's thread.
 */
final class MillraceQueueBrowser implements QueueBrowser {
    private final MillraceSession session;
    private final MillraceDestination queue;
    private final @Nullable String selector;
    private volatile boolean closed;

    private MillraceQueueBrowser(MillraceSession session, MillraceDestination queue, @Nullable String selector) {
        this.session = session;
        this.queue = queue;
        this.selector = selector;
    }

    /** Checks the queue and the selector; an empty one selects everything. */
    static MillraceQueueBrowser open(MillraceSession session, MillraceDestination queue, @Nullable String selector)
            throws JMSException {
        session.features().require(Feature.BROWSERS, "A queue browser");
        String used = selector == null || selector.isBlank() ? null : selector;
        if (used != null) {
            try {
                var unused = Selector.parse(used);
            } catch (io.millrace.protocol.selector.InvalidSelectorException e) {
                throw JmsErrors.withCause(new InvalidSelectorException(e.getMessage(), "MILLRACE_INVALID_SELECTOR"), e);
            }
        }
        session.routes().open(queue);
        return new MillraceQueueBrowser(session, queue, used);
    }

    MillraceSession session() {
        return session;
    }

    MillraceDestination destination() {
        return queue;
    }

    @Nullable
    String selector() {
        return selector;
    }

    void checkOpen() throws JMSException {
        session.checkOpen();
        if (closed) {
            throw new IllegalStateException("The queue browser is closed.");
        }
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return (Queue) queue;
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        checkOpen();
        return selector;
    }

    /** A new look at the queue. Its methods throw a JMSRuntimeException where the broker cannot be asked. */
    @Override
    public Enumeration<?> getEnumeration() throws JMSException {
        checkOpen();
        BrowsedMessages messages = new BrowsedMessages(this, session.routes().open(queue));
        return Collections.enumeration(new AbstractCollection<MillraceMessage>() {
            @Override
            public Iterator<MillraceMessage> iterator() {
                return messages;
            }

            @Override
            public int size() {
                throw new UnsupportedOperationException("not known before the last message");
            }
        });
    }

    /** Ends its enumerations too. Idempotent. */
    @Override
    public void close() {
        closed = true;
    }
}
