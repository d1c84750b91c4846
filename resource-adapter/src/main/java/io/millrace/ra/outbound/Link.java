// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import io.millrace.ra.BrokerSettings;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's own connection under a managed one, with at most two sessions: one that acknowledges by itself and one in
 * the local transaction. Owned by the thread the container lets use the managed connection; only {@link #onException}
 * comes from elsewhere.
 */
final class Link implements ExceptionListener {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    private final Connection connection;
    private final Consumer<JMSException> onLost;
    private volatile boolean broken;
    private @Nullable Half automatic;
    private @Nullable Half transacted;

    /** A session and its producer, which belongs to no destination. */
    record Half(Session session, MessageProducer producer) {}

    private Link(Connection connection, Consumer<JMSException> onLost) {
        this.connection = connection;
        this.onLost = onLost;
    }

    static Link open(BrokerSettings settings, Credentials credentials, Consumer<JMSException> onLost)
            throws JMSException {
        ConnectionFactory factory = settings.factory(0);
        Connection connection = credentials.user() == null
                ? factory.createConnection()
                : factory.createConnection(credentials.user(), credentials.password());
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

    /** The session of the transaction, or the one without; made at first use. */
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
