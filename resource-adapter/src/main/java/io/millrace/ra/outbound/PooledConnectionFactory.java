// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import io.millrace.ra.BrokerSettings;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.resource.Referenceable;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import java.io.Serial;
import java.io.Serializable;
import javax.naming.Reference;
import org.jspecify.annotations.Nullable;

/** The connection factory that applications look up: hands out pooled connections. Safe for any number of threads. */
public final class PooledConnectionFactory
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, Serializable, Referenceable {
    @Serial
    private static final long serialVersionUID = 1L;

    private final MillraceManagedConnectionFactory factory;
    private final ConnectionManager connectionManager;
    private @Nullable Reference reference;

    PooledConnectionFactory(MillraceManagedConnectionFactory factory, ConnectionManager connectionManager) {
        this.factory = factory;
        this.connectionManager = connectionManager;
    }

    /** Where its connections go; for activations that name this factory. */
    public BrokerSettings settings() {
        return factory.settings();
    }

    private ConnectionHandle allocate(Credentials credentials) throws JMSException {
        try {
            ConnectionHandle handle = (ConnectionHandle) connectionManager.allocateConnection(factory, credentials);
            handle.pooledBy(connectionManager);
            return handle;
        } catch (ResourceException e) {
            throw Failures.jms("No connection to " + factory.settings().effectiveUrl(), e);
        }
    }

    private ConnectionHandle allocate(@Nullable String user, @Nullable String password) throws JMSException {
        return allocate(new Credentials(user, password));
    }

    @Override
    public Connection createConnection() throws JMSException {
        return allocate(Credentials.OF_FACTORY);
    }

    @Override
    public Connection createConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return allocate(user, password);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return allocate(Credentials.OF_FACTORY);
    }

    @Override
    public QueueConnection createQueueConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return allocate(user, password);
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return allocate(Credentials.OF_FACTORY);
    }

    @Override
    public TopicConnection createTopicConnection(@Nullable String user, @Nullable String password) throws JMSException {
        return allocate(user, password);
    }

    @Override
    public JMSContext createContext() {
        return context(Credentials.OF_FACTORY, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String password) {
        return context(new Credentials(user, password), JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String user, @Nullable String password, int sessionMode) {
        return context(new Credentials(user, password), sessionMode);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return context(Credentials.OF_FACTORY, sessionMode);
    }

    private JMSContext context(Credentials credentials, int sessionMode) {
        return Failures.unchecked(() -> {
            ConnectionHandle handle = allocate(credentials);
            return new ContextHandle(handle, handle.openSession(sessionMode));
        });
    }

    @Override
    public void setReference(@Nullable Reference reference) {
        this.reference = reference;
    }

    @Override
    public @Nullable Reference getReference() {
        return reference;
    }
}
