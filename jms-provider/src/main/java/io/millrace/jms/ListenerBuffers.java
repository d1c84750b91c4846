// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.Redelivery;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.jspecify.annotations.Nullable;

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

    /**
     * Consumers that are opened on the session from now on buffer what their listener was seen to take in 100 ms,
     * {@code least} at first and the connection's prefetch at most: a fast listener asks the broker seldom, a slow one
     * does not keep messages from other sessions.
     *
     * @param least 1 or more
     * @throws JMSException when the session is not one of Millrace's
     */
    public static void prefetchByNeed(Session session, int least) throws JMSException {
        core(session).leastPrefetch(least);
    }

    /**
     * From now on {@code Message.acknowledge()} of this session, which is in CLIENT_ACKNOWLEDGE mode and has no
     * consumer yet, does not wait for the broker: as with AUTO_ACKNOWLEDGE a crash may repeat the last messages,
     * flagged redelivered.
     *
     * @throws JMSException when the session is not one of Millrace's in that mode, or has consumers
     */
    public static void acknowledgeWithoutWaiting(Session session) throws JMSException {
        SessionCore core = core(session);
        if (!(core.mode() instanceof ClientMode) || core.hasReceivers()) {
            throw new IllegalStateException("The session is not in CLIENT_ACKNOWLEDGE mode, or has consumers already");
        }
        core.mode(new UnawaitedMode(core));
    }

    /**
     * While the listener of the session's one consumer runs, on whatever thread it works: ends the call for the message
     * that it has, as if it had returned, and takes the next one that waits in the session. So a listener that works on
     * another thread need not go back to the session's own for each message. The session is in CLIENT_ACKNOWLEDGE mode,
     * or its messages are {@link XaDeliveries#inBranches in branches}.
     *
     * @return {@code null} when none waits, or the session pauses, is stopped or closed: the listener returns then
     * @throws JMSException when the message that it has could not be given back
     */
    public static @Nullable Message proceed(Session session) throws JMSException {
        return core(session).dispatcher().proceed();
    }

    /** How many messages wait in the session for its listener. */
    public static int waiting(Session session) throws JMSException {
        return core(session).buffered();
    }

    /**
     * While the listener runs, or the connection is stopped: returns the waiting messages to the broker, which gives
     * them to other consumers, or again to this one, uncounted and in their order. The session takes no more until its
     * listener has returned, or the connection is started; and then half as many at once as before, and more again when
     * that proves too few. Returns at once.
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
