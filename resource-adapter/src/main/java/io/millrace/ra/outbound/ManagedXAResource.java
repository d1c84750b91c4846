// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import io.millrace.ra.BrokerSettings;
import io.millrace.ra.PreparedBranches;
import jakarta.jms.JMSException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * The XAResource of a managed connection: while a branch is worked in, the application's handles go to the XA session. What
 * ends or recovers branches works also when the link was lost since, over a new one that is closed with the call: prepared
 * branches are the broker's, and the container may have thrown the managed connection away.
 * Called by the thread that the container lets use the managed connection.
 */
final class ManagedXAResource implements XAResource {
    private final MillraceManagedConnection managed;
    private final PreparedBranches prepared;

    /**
     * @param broker where the managed connection goes, and as whom, which re-authentication changes
     * @param owed takes the rollbacks that the broker could not be told
     */
    ManagedXAResource(
            MillraceManagedConnection managed, Supplier<BrokerSettings> broker, BiConsumer<BrokerSettings, Xid> owed) {
        this.managed = managed;
        this.prepared = new PreparedBranches(this::session, broker, owed);
    }

    private XAResource session() throws XAException {
        try {
            return managed.link().xa();
        } catch (JMSException e) {
            throw failure("The connection cannot be used", e);
        }
    }

    private static XAException failure(String what, Exception cause) {
        XAException failure = new XAException(what + ": " + cause.getMessage());
        failure.errorCode = XAException.XAER_RMFAIL;
        failure.initCause(cause);
        return failure;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        session().start(xid, flags);
        managed.inBranch(true);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        managed.inBranch(false);
        session().end(xid, flags);
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        return session().prepare(xid);
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        if (onePhase) {
            session().commit(xid, true);
        } else {
            prepared.commit(xid);
        }
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        prepared.rollback(xid);
    }

    @Override
    public void forget(Xid xid) throws XAException {
        prepared.forget(xid);
    }

    @Override
    public Xid[] recover(int flags) throws XAException {
        return prepared.recover(flags);
    }

    @Override
    public boolean isSameRM(@Nullable XAResource other) throws XAException {
        return other instanceof ManagedXAResource resource && session().isSameRM(resource.session());
    }

    @Override
    public int getTransactionTimeout() throws XAException {
        return session().getTransactionTimeout();
    }

    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        return session().setTransactionTimeout(seconds);
    }
}
