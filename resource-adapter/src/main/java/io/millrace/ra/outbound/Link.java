// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import io.millrace.jms.MillraceXAConnectionFactory;
import io.millrace.ra.BrokerSettings;
import jakarta.jms.Connection;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.util.function.Consumer;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's own connection under a managed one, with at most three sessions: one that acknowledges by itself, one in
 * the local transaction and one in distributed ones. Owned by the thread the container lets use the managed connection; only {@link #onException}
 * comes from elsewhere.
 */
final class Link implements ExceptionListener {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final XAConnection connection;
    private final Consumer<JMSException> onLost;
    private volatile boolean broken;
    private @Nullable Half automatic;
    private @Nullable Half transacted;
    private @Nullable Half distributed;
    private @Nullable XAResource resource;

    /** A session and its producer, which belongs to no destination. */
    record Half(Session session, MessageProducer producer) {}

    private Link(XAConnection connection, Consumer<JMSException> onLost) {
        this.connection = connection;
        this.onLost = onLost;
    }

    static Link open(BrokerSettings settings, Credentials credentials, Consumer<JMSException> onLost)
            throws JMSException {
        MillraceXAConnectionFactory factory = settings.factory(0);
        XAConnection connection = credentials.user() == null
                ? factory.createXAConnection()
                : factory.createXAConnection(credentials.user(), credentials.password());
        Link link = new Link(connection, onLost);
        connection.setExceptionListener(link);
        return link;
    }

    @Override
    public void onException(JMSException e) {
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
        try {
            connection.close();
        } catch (JMSException e) {
            LOG.debug("Closing a connection to the broker failed: {}", e.getMessage());
        }
    }
}
