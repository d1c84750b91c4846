// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.DissociatableManagedConnection;
import jakarta.resource.spi.LazyEnlistableConnectionManager;
import jakarta.resource.spi.LazyEnlistableManagedConnection;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.LocalTransactionException;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionMetaData;
import jakarta.resource.spi.SecurityException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.security.auth.Subject;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pooled connection: one {@link Link}, a part in a shared connection to the broker, and the handles that applications hold on it. Owned by the
 * container, which lets one thread use it at a time; only the loss of the link is reported from the client's thread.
 *
 * <p>A link lost while the connection lies in the pool is replaced when the pool hands it out again; one lost in a local
 * transaction fails that transaction. Who is asked for by another user than before re-authenticates (Jakarta Connectors
 * 2.1, section 9.1.9): the link moves to that user's shared connection. Where the container enlists lazily, a handle asks it
 * to before each piece of work outside a transaction.
 */
final class MillraceManagedConnection
        implements ManagedConnection,
                DissociatableManagedConnection,
                LazyEnlistableManagedConnection,
                LocalTransaction {
    private static final Logger LOG = LoggerFactory.getLogger(MillraceManagedConnection.class);

    private final MillraceManagedConnectionFactory factory;
    private volatile Credentials credentials;
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();
    private final List<ConnectionHandle> handles = new CopyOnWriteArrayList<>();
    private volatile Link link;
    private final ManagedXAResource resource;
    private volatile boolean inTransaction;
    private volatile boolean inBranch;
    private @Nullable PrintWriter logWriter;

    MillraceManagedConnection(MillraceManagedConnectionFactory factory, Credentials credentials)
            throws ResourceException {
        this.factory = factory;
        this.credentials = credentials;
        this.resource = new ManagedXAResource(this, () -> factory.settings(this.credentials), factory.away());
        this.link = open();
    }

    private Link open() throws ResourceException {
        try {
            return new Link(factory.connections(), factory.settings(credentials), this::onLinkLost);
        } catch (JMSException e) {
            throw Failures.resource("No connection to " + factory.settings().effectiveUrl(), e);
        }
    }

    boolean matches(MillraceManagedConnectionFactory wantedFactory, Credentials wanted) {
        return !isBroken()
                && factory.equals(wantedFactory)
                && factory.settings(credentials).equals(factory.settings(wanted));
    }

    boolean isBroken() {
        return link.isBroken();
    }

    Link link() {
        return link;
    }

    /** The session that an application's call goes to now: in a transaction that one's, else the automatic one. */
    Link.Half current() throws JMSException {
        return inBranch ? link.distributed() : link.half(inTransaction);
    }

    /** Whether what is sent and received now belongs to a transaction, local or distributed. */
    boolean inTransaction() {
        return inTransaction || inBranch;
    }

    void inBranch(boolean nowInBranch) {
        inBranch = nowInBranch;
    }

    /** Replaces a lost link, unless something is in progress on it. */
    void mend() throws ResourceException {
        if (link.isBroken() && !inTransaction()) {
            link.close();
            link = open();
        }
    }

    @Override
    public Object getConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        authenticate(Credentials.of(factory, subject, info));
        mend();
        ConnectionHandle handle = new ConnectionHandle(factory, credentials);
        associateConnection(handle);
        return handle;
    }

    /** Moves to another user, unless somebody works as the one before. */
    private void authenticate(Credentials wanted) throws ResourceException {
        if (factory.settings(wanted).equals(factory.settings(credentials))) {
            return;
        }
        if (inTransaction() || !handles.isEmpty()) {
            throw new SecurityException("The connection is in use by " + credentials + " and cannot be given to "
                    + wanted + "; close its handles and end its transaction first");
        }
        Credentials before = credentials;
        Link old = link;
        credentials = wanted;
        try {
            link = open();
        } catch (ResourceException e) {
            credentials = before;
            throw e.getCause() instanceof JMSSecurityException ? new SecurityException(e.getMessage(), e) : e;
        }
        old.close();
    }

    /** A handle is about to work: a container that enlists lazily may want this in its transaction now. */
    void enlist(@Nullable ConnectionManager manager) throws JMSException {
        if (manager instanceof LazyEnlistableConnectionManager lazy && !inTransaction()) {
            try {
                lazy.lazyEnlist(this);
            } catch (ResourceException e) {
                throw Failures.jms("The container cannot enlist the connection in its transaction", e);
            }
        }
    }

    @Override
    public void associateConnection(Object connection) throws ResourceException {
        if (!(connection instanceof ConnectionHandle handle)) {
            throw new ResourceException("Not a handle of this adapter: " + connection);
        }
        handle.associate(this);
        handles.add(handle);
    }

    @Override
    public void dissociateConnections() {
        handles.forEach(ConnectionHandle::dissociate);
        handles.clear();
    }

    /** An application's handle moves to another managed connection. */
    void forget(ConnectionHandle handle) {
        handles.remove(handle);
    }

    /** An application closed its handle. */
    void onClosed(ConnectionHandle handle) {
        handles.remove(handle);
        ConnectionEvent event = new ConnectionEvent(this, ConnectionEvent.CONNECTION_CLOSED);
        event.setConnectionHandle(handle);
        listeners.forEach(listener -> listener.connectionClosed(event));
    }

    private void onLinkLost(JMSException cause) {
        LOG.warn("The connection to {} was lost: {}", factory.settings().effectiveUrl(), cause.getMessage());
        ConnectionEvent event = new ConnectionEvent(this, ConnectionEvent.CONNECTION_ERROR_OCCURRED, cause);
        listeners.forEach(listener -> listener.connectionErrorOccurred(event));
    }

    /**
     * Back to the pool: the handles end, and with them a local transaction that the container has left open. GlassFish and
     * Payara do that when they cannot make it a part of a distributed one; whoever has the connection next would work in it.
     */
    @Override
    public void cleanup() throws ResourceException {
        handles.forEach(ConnectionHandle::invalidate);
        handles.clear();
        if (inTransaction) {
            LOG.warn(
                    "A connection to {} came back to its pool with a local transaction that the container had not ended;"
                            + " it is rolled back",
                    factory.settings().effectiveUrl());
            rollback();
        }
    }

    @Override
    public void destroy() {
        handles.forEach(ConnectionHandle::invalidate);
        handles.clear();
        link.close();
    }

    @Override
    public XAResource getXAResource() {
        return resource;
    }

    @Override
    public LocalTransaction getLocalTransaction() {
        return this;
    }

    @Override
    public void begin() throws ResourceException {
        if (inTransaction) {
            throw new LocalTransactionException("A local transaction is already active on this connection");
        }
        inTransaction = true;
    }

    @Override
    public void commit() throws ResourceException {
        inTransaction = false;
        try {
            link.commit();
        } catch (JMSException e) {
            throw new LocalTransactionException("The commit failed: " + e.getMessage(), e);
        }
    }

    /** A lost link needs no rollback: the broker dropped what was uncommitted. */
    @Override
    public void rollback() throws ResourceException {
        inTransaction = false;
        if (link.isBroken()) {
            return;
        }
        try {
            link.rollback();
        } catch (JMSException e) {
            throw new LocalTransactionException("The rollback failed: " + e.getMessage(), e);
        }
    }

    @Override
    public ManagedConnectionMetaData getMetaData() throws ResourceException {
        try {
            return MetaData.of(
                    link.connection().getMetaData(),
                    factory.settings(credentials).user());
        } catch (JMSException e) {
            throw Failures.resource("The broker's metadata cannot be read", e);
        }
    }

    @Override
    public void addConnectionEventListener(ConnectionEventListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeConnectionEventListener(ConnectionEventListener listener) {
        listeners.remove(listener);
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        this.logWriter = out;
    }
}
