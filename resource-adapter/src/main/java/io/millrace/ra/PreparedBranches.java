// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/**
 * Ends branches that are the broker's since their prepare: over the session that prepared them, and when that has lost its
 * connection over a new one. A rollback for which there is no broker at all is owed: it is done later, whether the
 * transaction manager asks again or not. Called by one thread at a time.
 */
public final class PreparedBranches {
    private static final long COMMIT_PATIENCE_MS = 30_000;
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 2_000;

    private final Session session;
    private final Supplier<BrokerSettings> broker;
    private final RecoveryResource anew;
    private final BiConsumer<BrokerSettings, Xid> owed;
    private boolean scanningAnew;

    /** The session's own XAResource. */
    public interface Session {
        /** @throws XAException XAER_RMFAIL when the session has no connection any more */
        XAResource get() throws XAException;
    }

    /**
     * @param session over which the branches were prepared
     * @param broker where the branches are, and as whom they are ended; asked at each call
     * @param owed takes the rollbacks that no broker could be told
     */
    public PreparedBranches(Session session, Supplier<BrokerSettings> broker, BiConsumer<BrokerSettings, Xid> owed) {
        this.session = session;
        this.broker = broker;
        this.anew = new RecoveryResource(broker);
        this.owed = owed;
    }

    private interface Decision {
        void tell(XAResource resource) throws XAException;
    }

    /**
     * Waits for a broker that is away, but not longer than {@link #COMMIT_PATIENCE_MS}.
     *
     * @throws XAException XA_RETRY when the broker is away still: the branch waits for the decision to be told again (XA, section
     *     xa_commit: needed storage is unavailable). Transaction managers repeat the call then; XAER_RMFAIL some of them, GlassFish's
     *     and Payara's, take for an internal error
     */
    public void commit(Xid xid) throws XAException {
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(COMMIT_PATIENCE_MS);
        for (long pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
            try {
                end(resource -> resource.commit(xid, false));
                return;
            } catch (XAException e) {
                if (!isAway(e)) {
                    throw e;
                }
                if (System.nanoTime() - deadlineNanos >= 0 || !passes(pauseMs)) {
                    throw retry(e);
                }
            }
        }
    }

    /** Whether the time has passed; not when the thread was interrupted. */
    private static boolean passes(long ms) {
        try {
            return !new Semaphore(0).tryAcquire(ms, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static XAException retry(XAException cause) {
        XAException retry = new XAException("The branch is prepared, commit it again: " + cause.getMessage());
        retry.errorCode = XAException.XA_RETRY;
        retry.initCause(cause);
        return retry;
    }

    /** @throws XAException XAER_RMFAIL when the broker is away: it is rolled back when the broker is there again */
    public void rollback(Xid xid) throws XAException {
        try {
            end(resource -> resource.rollback(xid));
        } catch (XAException e) {
            if (isAway(e)) {
                owed.accept(broker.get(), xid);
            }
            throw e;
        }
    }

    public void forget(Xid xid) throws XAException {
        end(resource -> resource.forget(xid));
    }

    /** As {@link XAResource#recover} says; a scan stays on the connection on which it began. */
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

    private void end(Decision decision) throws XAException {
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
}
