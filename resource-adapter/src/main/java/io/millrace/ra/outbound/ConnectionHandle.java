// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.LazyAssociatableConnectionManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JMS connection that an application holds: a handle on a {@link MillraceManagedConnection}, with one session at most
 * (Jakarta Messaging 3.1, section 12.2). Used by one application thread; the container associates it with another
 * managed connection between two calls.
 */
public final class ConnectionHandle implements QueueConnection, TopicConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandle.class);

    private final MillraceManagedConnectionFactory factory;
    private final Credentials credentials;
    private @Nullable ConnectionManager pool;
    private volatile @Nullable MillraceManagedConnection managed;
    private volatile boolean closed;
    private volatile boolean started;
    private final List<Failures.Action> temporaries = new ArrayList<>();
    private @Nullable SessionHandle session;

    ConnectionHandle(MillraceManagedConnectionFactory factory, Credentials credentials) {
        this.factory = factory;
        this.credentials = credentials;
    }

    void pooledBy(ConnectionManager manager) {
        this.pool = manager;
    }

    /** The managed connection, in the container's transaction if there is one. */
    MillraceManagedConnection enlisted() throws JMSException {
        MillraceManagedConnection current = managed();
        current.enlist(pool);
        return current;
    }

    /** A temporary destination lives as long as this connection (Jakarta Messaging 3.1, section 6.2.2). */
    void own(Failures.Action deletion) {
        temporaries.add(deletion);
    }

    /**
     * Waits until the connection is started or closed.
     *
     * @param timeoutMs milliseconds; 0 for no end, less for not at all
     * @return whether it is started
     */
    boolean awaitStarted(long timeoutMs) throws JMSException {
        if (started || timeoutMs < 0) {
            return started;
        }
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        synchronized (this) {
            while (!started && !closed) {
                long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                if (timeoutMs > 0 && leftMs <= 0) {
                    break;
                }
                try {
                    wait(timeoutMs == 0 ? 0 : leftMs);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw Failures.withCause(new JMSException("Interrupted while waiting for a message"), e);
                }
            }
        }
        return started;
    }

    void associate(MillraceManagedConnection connection) {
        MillraceManagedConnection previous = managed;
        if (previous != null && previous != connection) {
            previous.forget(this);
        }
        managed = connection;
    }

    void dissociate() {
        managed = null;
    }

    /** The container took the managed connection back: every further call fails. */
    void invalidate() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        managed = null;
        SessionHandle open = session;
        if (open != null) {
            open.release();
        }
        for (Failures.Action deletion : temporaries) {
            try {
                deletion.run();
            } catch (JMSException e) {
                LOG.debug("A temporary destination could not be deleted: {}", e.getMessage());
            }
        }
        temporaries.clear();
    }

    /** The managed connection, which a lazily associating container supplies when needed. */
    MillraceManagedConnection managed() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The connection is closed");
        }
        MillraceManagedConnection current = managed;
        if (current == null && pool instanceof LazyAssociatableConnectionManager lazy) {
            try {
                lazy.associateConnection(this, factory, credentials);
            } catch (ResourceException e) {
                throw Failures.jms("No connection from the pool", e);
            }
            current = managed;
        }
        if (current == null) {
            throw new IllegalStateException("The container has taken the connection back");
        }
        return current;
    }

    /**
     * In a container the arguments say nothing: a session is part of the active transaction, or acknowledges by itself.
     *
     * @throws IllegalStateException when the connection has a session already
     */
    SessionHandle openSession(int mode) throws JMSException {
        managed();
        SessionHandle open = session;
        if (open != null && !open.isClosed()) {
            throw new IllegalStateException(
                    "A connection has at most one session in a Jakarta EE container; close the other first");
        }
        open = new SessionHandle(this, mode == Session.DUPS_OK_ACKNOWLEDGE ? mode : Session.AUTO_ACKNOWLEDGE);
        session = open;
        return open;
    }

    @Override
    public Session createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return openSession(acknowledgeMode);
    }

    @Override
    public Session createSession(int sessionMode) throws JMSException {
        return openSession(sessionMode);
    }

    @Override
    public Session createSession() throws JMSException {
        return openSession(Session.AUTO_ACKNOWLEDGE);
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return openSession(acknowledgeMode);
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return openSession(acknowledgeMode);
    }

    @Override
    public @Nullable String getClientID() throws JMSException {
        return managed().link().connection().getClientID();
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        return managed().link().connection().getMetaData();
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() throws JMSException {
        managed();
        return null;
    }

    @Override
    public void start() throws JMSException {
        managed();
        synchronized (this) {
            started = true;
            notifyAll();
        }
    }

    @Override
    public void close() throws JMSException {
        MillraceManagedConnection current = managed;
        if (closed) {
            return;
        }
        invalidate();
        if (current != null) {
            current.onClosed(this);
        }
    }

    @Override
    public void setClientID(String clientId) throws JMSException {
        throw Failures.notInContainer("Connection.setClientID");
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) throws JMSException {
        throw Failures.notInContainer("Connection.setExceptionListener");
    }

    @Override
    public void stop() throws JMSException {
        throw Failures.notInContainer("Connection.stop");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, String messageSelector, ServerSessionPool sessionPool, int maxMessages) throws JMSException {
        throw Failures.notInContainer("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, String messageSelector, ServerSessionPool sessionPool, int maxMessages) throws JMSException {
        throw Failures.notInContainer("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, String messageSelector, ServerSessionPool sessionPool, int maxMessages)
            throws JMSException {
        throw Failures.notInContainer("createConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic,
            String subscriptionName,
            String messageSelector,
            ServerSessionPool sessionPool,
            int maxMessages)
            throws JMSException {
        throw Failures.notInContainer("createSharedConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic,
            String subscriptionName,
            String messageSelector,
            ServerSessionPool sessionPool,
            int maxMessages)
            throws JMSException {
        throw Failures.notInContainer("createDurableConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic,
            String subscriptionName,
            String messageSelector,
            ServerSessionPool sessionPool,
            int maxMessages)
            throws JMSException {
        throw Failures.notInContainer("createSharedDurableConnectionConsumer");
    }
}
