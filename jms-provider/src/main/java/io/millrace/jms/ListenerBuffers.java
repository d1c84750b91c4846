// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.Redelivery;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;

/** What a resource adapter needs of a session with a listener beyond the API. Safe for any thread. */
public final class ListenerBuffers {
    private ListenerBuffers() {}

    /**
     * Consumers that are opened on the session from now on ask the broker for this in place of their destination's
     * settings.
     *
     * @throws JMSException when the session is not one of Millrace's
     */
    public static void redelivery(Session session, Redelivery redelivery) throws JMSException {
        core(session).redelivery(redelivery);
    }

    /** How many messages wait in the session for its listener. */
    public static int waiting(Session session) throws JMSException {
        return core(session).buffered();
    }

    /**
     * While the listener runs, or the connection is stopped: returns the waiting messages to the broker, which gives them
     * to other consumers, or again to this one, uncounted and in their order. The session takes no more until its listener has returned, or
     * the connection is started; and then half as many at once as before, up to the prefetch again when that proves too
     * few. Returns at once.
     */
    public static void giveBack(Session session) throws JMSException {
        core(session).giveBack();
    }

    private static SessionCore core(Session session) throws JMSException {
        if (session instanceof MillraceSession millrace) {
            return millrace.core();
        }
        throw new IllegalStateException(
                "Not a session of Millrace: " + session.getClass().getName());
    }
}
