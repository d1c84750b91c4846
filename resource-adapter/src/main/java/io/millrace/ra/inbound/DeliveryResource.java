// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.PreparedBranches;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * The XAResource of a delivering session; learns how the transaction of a delivery ends: {@code setRollbackOnly} throws
 * nothing, only the transaction manager's calls tell. Called by the transaction manager's threads.
 */
final class DeliveryResource implements XAResource {
    private final XAResource session;
    private final PreparedBranches prepared;
    private volatile boolean committed;

    /** @param prepared for what outlives the session's connection */
    DeliveryResource(XAResource session, PreparedBranches prepared) {
        this.session = session;
        this.prepared = prepared;
    }

    /** A delivery begins. */
    void begin() {
        committed = false;
    }

    /** Whether the transaction of this delivery was committed. */
    boolean isCommitted() {
        return committed;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        if (onePhase) {
            session.commit(xid, true);
        } else {
            prepared.commit(xid);
        }
        committed = true;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        session.start(xid, flags);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        session.end(xid, flags);
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        return session.prepare(xid);
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
        return other instanceof DeliveryResource resource && session.isSameRM(resource.session);
    }

    @Override
    public int getTransactionTimeout() throws XAException {
        return session.getTransactionTimeout();
    }

    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        return session.setTransactionTimeout(seconds);
    }
}
