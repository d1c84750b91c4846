// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import io.millrace.ra.BrokerSettings;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a managed connection has of the client's: a part in a {@link PhysicalConnections shared connection} and at most three
 * sessions on it: one that acknowledges by itself, one in the local transaction and one in distributed ones. Owned by the
 * thread the container lets use the managed connection; only {@link #onLost} comes from elsewhere.
 */
final class Link implements PhysicalConnections.User {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final Consumer<JMSException> onLost;
    private final PhysicalConnections.Shared shared;
    private final XAConnection connection;
    private final List<Session> sessions = new ArrayList<>();
    private volatile boolean broken;
    private @Nullable Half automatic;
    private @Nullable Half transacted;
    private @Nullable Half distributed;
    private @Nullable XAResource resource;

    /** A session and its producer, which belongs to no destination. */
    record Half(Session session, MessageProducer producer) {}

    /** Joins the connection for these settings. */
    Link(PhysicalConnections connections, BrokerSettings settings, Consumer<JMSException> onLost) throws JMSException {
        this.onLost = onLost;
        this.shared = connections.acquire(settings, this);
        this.connection = shared.connection();
    }

    @Override
    public void onLost(JMSException e) {
        if (!broken) {
            broken = true;
            onLost.accept(e);
        }
    }

    boolean isBroken() {
        return broken;
    }

    Connection connection() {
        return connection;
    }

    /** Takes part in distributed transactions. */
    XAResource xa() throws JMSException {
        XAResource made = resource;
        if (made == null) {
            XASession session = connection.createXASession();
            sessions.add(session);
            distributed = new Half(session, session.createProducer(null));
            made = session.getXAResource();
            resource = made;
        }
        return made;
    }

    /** The session of the branch of a distributed transaction. */
    Half distributed() throws JMSException {
        var unused = xa();
        Half half = distributed;
        if (half == null) {
            throw new IllegalStateException("no XA session was made");
        }
        return half;
    }

    /** The session of the local transaction, or the one without; made at first use. */
    Half half(boolean inTransaction) throws JMSException {
        Half half = inTransaction ? transacted : automatic;
        if (half != null) {
            return half;
        }
        Session session = inTransaction
                ? connection.createSession(true, Session.SESSION_TRANSACTED)
                : connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        sessions.add(session);
        half = new Half(session, session.createProducer(null));
        if (inTransaction) {
            transacted = half;
        } else {
            automatic = half;
        }
        return half;
    }

    void commit() throws JMSException {
        if (transacted != null) {
            transacted.session().commit();
        }
    }

    void rollback() throws JMSException {
        if (transacted != null) {
            transacted.session().rollback();
        }
    }

    void close() {
        broken = true;
        for (Session session : sessions) {
            try {
                session.close();
            } catch (JMSException e) {
                LOG.debug("Closing a session failed: {}", e.getMessage());
            }
        }
        sessions.clear();
        shared.release(this);
    }
}
