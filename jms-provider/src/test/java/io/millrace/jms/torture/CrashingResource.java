// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import java.util.function.Consumer;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** Tells each moment of a two-phase commit, so that something can be killed there. */
final class CrashingResource implements XAResource {
    private final XAResource target;
    private final int number;
    private final Consumer<CrashPoint> moments;

    CrashingResource(XAResource target, int number, Consumer<CrashPoint> moments) {
        this.target = target;
        this.number = number;
        this.moments = moments;
    }

    private void at(CrashPoint.Call call, boolean after) {
        moments.accept(new CrashPoint(call, after, number));
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        at(CrashPoint.Call.PREPARE, false);
        int vote = target.prepare(xid);
        at(CrashPoint.Call.PREPARE, true);
        return vote;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        at(CrashPoint.Call.COMMIT, false);
        target.commit(xid, onePhase);
        at(CrashPoint.Call.COMMIT, true);
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        target.start(xid, flags);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        target.end(xid, flags);
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        target.rollback(xid);
    }

    @Override
    public void forget(Xid xid) throws XAException {
        target.forget(xid);
    }

    @Override
    public Xid[] recover(int flags) throws XAException {
        return target.recover(flags);
    }

    @Override
    public boolean isSameRM(XAResource other) throws XAException {
        return other instanceof CrashingResource crashing ? target.isSameRM(crashing.target) : target.isSameRM(other);
    }

    @Override
    public int getTransactionTimeout() throws XAException {
        return target.getTransactionTimeout();
    }

    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        return target.setTransactionTimeout(seconds);
    }
}
