// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * The XAResource of a session in a server. Work in a branch goes to the session. A branch that is prepared is the broker's: its
 * end, and recovery, go over the session too, and when that has lost its connection over a new one, which is closed with
 * the call. A rollback for which there is no broker at all is owed: it is done later, whether the transaction manager asks
 * again or not. Called by one thread at a time.
 */
public abstract class SessionResource implements XAResource {
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 2_000;

    private final Session session;
    private final Supplier<BrokerSettings> broker;
    private final RecoveryResource anew;
    private final AwayBroker away;
    private boolean scanningAnew;

    /** The session's own XAResource. */
    public interface Session {
        /** @throws XAException XAER_RMFAIL when the session has no connection any more */
        XAResource get() throws XAException;
    }

    /**
     * @param session over which the branches were prepared
     * @param broker where the branches are, and as whom they are ended; asked at each call
     * @param away what is done while the broker is away
     */
    protected SessionResource(Session session, Supplier<BrokerSettings> broker, AwayBroker away) {
        this.session = session;
        this.broker = broker;
        this.anew = new RecoveryResource(broker);
        this.away = away;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        session.get().start(xid, flags);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        session.get().end(xid, flags);
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        return session.get().prepare(xid);
    }

    private interface Decision {
        void tell(XAResource resource) throws XAException;
    }

    /**
     * In one phase over the session alone. A prepared branch waits for a broker that is away, but not longer than {@link
     * AwayBroker#commitWaitMs}.
     *
     * @throws XAException XA_RETRY when the broker is away still: the branch waits for the decision to be told again (XA, section
     *     xa_commit: needed storage is unavailable). Transaction managers repeat the call then; XAER_RMFAIL some of them, GlassFish's
     *     and Payara's, take for an internal error
     */
    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        if (onePhase) {
            session.get().commit(xid, true);
        } else {
            commitPrepared(xid);
        }
    }

    private void commitPrepared(Xid xid) throws XAException {
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(away.commitWaitMs());
        for (long pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
            try {
                tell(resource -> resource.commit(xid, false));
                return;
            } catch (XAException e) {
                if (!isAway(e)) {
                    throw e;
                }
                if (System.nanoTime() - deadlineNanos >= 0
                        || Thread.currentThread().isInterrupted()) {
                    throw XaFailures.of(
                            XAException.XA_RETRY, "The branch is prepared, commit it again: " + e.getMessage(), e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs));
            }
        }
    }

    /** @throws XAException XAER_RMFAIL when the broker is away: it is rolled back when the broker is there again */
    @Override
    public void rollback(Xid xid) throws XAException {
        try {
            tell(resource -> resource.rollback(xid));
        } catch (XAException e) {
            if (isAway(e)) {
                away.rollBackLater(broker.get(), xid);
            }
            throw e;
        }
    }

    @Override
    public void forget(Xid xid) throws XAException {
        tell(resource -> resource.forget(xid));
    }

    /** As {@link XAResource#recover} says; a scan stays on the connection on which it began. */
    @Override
    public Xid[] recover(int flags) throws XAException {
        if ((flags & XAResource.TMSTARTRSCAN) == 0) {
            return scanningAnew ? anew.recover(flags) : session.get().recover(flags);
        }
        try {
            scanningAnew = false;
            return session.get().recover(flags);
        } catch (XAException e) {
            if (!isAway(e)) {
                throw e;
            }
            scanningAnew = true;
            return anew.recover(flags);
        }
    }

    private void tell(Decision decision) throws XAException {
        try {
            decision.tell(session.get());
        } catch (XAException first) {
            if (!isAway(first)) {
                throw first;
            }
            tellAnew(decision, first);
        }
    }

    /** That the branch is unknown now means that the first try, whose answer was lost, has ended it. */
    private void tellAnew(Decision decision, XAException first) throws XAException {
        try {
            decision.tell(anew);
        } catch (XAException second) {
            if (second.errorCode != XAException.XAER_NOTA) {
                second.addSuppressed(first);
                throw second;
            }
        }
    }

    private static boolean isAway(XAException e) {
        return e.errorCode == XAException.XAER_RMFAIL;
    }

    @Override
    public boolean isSameRM(@Nullable XAResource other) throws XAException {
        return other instanceof SessionResource resource && session.get().isSameRM(resource.session.get());
    }

    @Override
    public int getTransactionTimeout() throws XAException {
        return session.get().getTransactionTimeout();
    }

    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        return session.get().setTransactionTimeout(seconds);
    }
}
