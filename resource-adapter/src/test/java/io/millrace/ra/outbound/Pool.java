// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.LazyEnlistableConnectionManager;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/** A server's pool, as Jakarta Connectors 2.1, chapter 6, describes it; it enlists lazily in a transaction that a test names. */
final class Pool implements ConnectionManager, LazyEnlistableConnectionManager, ConnectionEventListener {
    private static final long serialVersionUID = 1L;

    final transient Set<ManagedConnection> free = new LinkedHashSet<>();
    final transient Set<ManagedConnection> used = new LinkedHashSet<>();
    final transient Set<ManagedConnection> destroyed = new LinkedHashSet<>();
    final transient Set<ManagedConnection> failed = new LinkedHashSet<>();
    final AtomicInteger enlistments = new AtomicInteger();
    transient @Nullable Xid transaction;

    @Override
    public synchronized Object allocateConnection(ManagedConnectionFactory factory, ConnectionRequestInfo info)
            throws ResourceException {
        ManagedConnection connection = factory.matchManagedConnections(Set.copyOf(free), null, info);
        if (connection == null) {
            connection = factory.createManagedConnection(null, info);
            connection.addConnectionEventListener(this);
        }
        free.remove(connection);
        used.add(connection);
        return connection.getConnection(null, info);
    }

    @Override
    public void lazyEnlist(ManagedConnection connection) throws ResourceException {
        if (transaction != null) {
            enlistments.incrementAndGet();
            try {
                connection.getXAResource().start(transaction, XAResource.TMNOFLAGS);
            } catch (XAException e) {
                throw new ResourceException(e);
            }
        }
    }

    @Override
    public synchronized void connectionClosed(ConnectionEvent event) {
        ManagedConnection connection = (ManagedConnection) event.getSource();
        try {
            connection.cleanup();
        } catch (ResourceException e) {
            throw new IllegalStateException(e);
        }
        used.remove(connection);
        free.add(connection);
    }

    @Override
    public synchronized void connectionErrorOccurred(ConnectionEvent event) {
        failed.add((ManagedConnection) event.getSource());
    }

    synchronized void destroyAll() throws ResourceException {
        for (Set<ManagedConnection> some : java.util.List.of(free, used)) {
            for (ManagedConnection connection : some) {
                connection.destroy();
                destroyed.add(connection);
            }
            some.clear();
        }
    }

    @Override
    public void localTransactionStarted(ConnectionEvent event) {}

    @Override
    public void localTransactionCommitted(ConnectionEvent event) {}

    @Override
    public void localTransactionRolledback(ConnectionEvent event) {}
}
