// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session's part in the application server facilities (Jakarta Messaging 3.1, chapter 11): its own listener, and the
 * messages that a connection consumer has loaded it with. They are processed by {@link #run}, on the application
 * server's thread, in the session's mode. Guarded by the session's lock.
 */
final class ServerSessionWork {
    private final SessionCore session;
    private final ArrayDeque<Loaded> waiting = new ArrayDeque<>();
    /** What the listener has had since the last commit, acknowledgement or recovery. */
    private final List<Loaded> delivered = new ArrayList<>();

    private @Nullable MessageListener listener;

    /**
     * @param leased as the connection consumer knows it
     * @param delivery the same, of this session's epoch
     */
    private record Loaded(Delivery leased, Delivery delivery, MillraceConnectionConsumer from) {}

    ServerSessionWork(SessionCore session) {
        this.session = session;
    }

    @Nullable
    MessageListener listener() {
        return session.lockedGet(() -> listener);
    }

    void listen(@Nullable MessageListener newListener) throws JMSException {
        session.checkOpen();
        if (newListener != null && session.hasReceivers()) {
            throw new IllegalStateException(
                    "This session has consumers; a session with a listener of its own receives by nothing else.");
        }
        session.locked(() -> listener = newListener);
    }

    /** Fails when the session receives by its own listener: it has no consumers then. */
    void checkMayHaveConsumers() throws JMSException {
        if (listener() != null) {
            throw new IllegalStateException(
                    "This session has a listener of its own (chapter 11); it cannot have consumers as well.");
        }
    }

    /** Adds messages for the next run; they belong to this session's present epoch. */
    void load(List<Delivery> messages, MillraceConnectionConsumer from) throws JMSException {
        session.checkOpen();
        if (listener() == null) {
            throw new IllegalStateException("The server session's session has no message listener; set one first.");
        }
        session.locked(() -> messages.forEach(message -> waiting.add(new Loaded(message, ofThisEpoch(message), from))));
    }

    private Delivery ofThisEpoch(Delivery leased) {
        return new Delivery(
                leased.receiver(),
                leased.link(),
                session.epoch(),
                leased.partition(),
                leased.offset(),
                leased.lease(),
                leased.earlierDeliveries(),
                leased.redelivered(),
                leased.record(),
                leased.bytes());
    }

    /** Calls the listener for each loaded message; returns when there is none left or the session is over. */
    void run() throws JMSException {
        session.checkOpen();
        MessageListener called = listener();
        if (called == null) {
            throw new IllegalStateException("This session has no message listener; set one before it is run.");
        }
        Loaded next = take();
        while (next != null) {
            Loaded current = next;
            boolean settles = session.mode() instanceof AutoMode;
            if (!settles) {
                var unused = current.from.claimReceipt(current.leased); // the mode tells the receipt
            }
            session.dispatcher().call(current.delivery, called);
            if (settles) {
                var unused = current.from.claimReceipt(current.leased); // the accept has told it
                session.locked(() -> delivered.remove(current));
            }
            next = take();
        }
    }

    private @Nullable Loaded take() {
        return session.lockedGet(() -> {
            if (!session.awaitStarted()) {
                return null;
            }
            Loaded next = waiting.poll();
            while (next != null && next.delivery.sessionEpoch() != session.epoch()) {
                var unused = next.from.claimReceipt(next.leased); // an outage has given it back
                next = waiting.poll();
            }
            if (next != null) {
                delivered.add(next);
            }
            return next;
        });
    }

    /** What was delivered is accepted. With the lock. */
    void onSettled() {
        delivered.clear();
    }

    /** Gives back what was delivered and not accepted, and what was not delivered yet. With the lock. */
    void onRecover() {
        delivered.forEach(had -> had.from.returned(had.leased));
        delivered.clear();
        waiting.forEach(loaded -> loaded.from.release(loaded.leased));
        waiting.clear();
    }
}
