// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch.Action;
import jakarta.jms.JMSException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * An XA session as its transaction manager sees it, by the letter of {@link XAResource} and of the XA specification
 * behind it (chapters 3 and 5, state tables of chapter 6). Work in a branch is kept by the client until the branch is
 * prepared or committed in one phase; from a prepare on the branch is the broker's, and any XAResource may end it. Called
 * by one thread at a time.
 */
final class MillraceXAResource implements XAResource {
    private static final Xid[] NONE = {};

    private final SessionCore session;
    private final XaMode mode;
    private final XaBranches branches;
    private final XaDecision decisions;
    private int timeoutSeconds;
    private boolean scanning;

    MillraceXAResource(SessionCore session, XaMode mode, XaBranches branches, XaDecision decisions) {
        this.session = session;
        this.mode = mode;
        this.branches = branches;
        this.decisions = decisions;
    }

    @Override
    public void start(@Nullable Xid xid, int flags) throws XAException {
        BranchId id = Xids.of(xid);
        checkUsable();
        if (mode.current() != null) {
            throw XaErrors.of(XAException.XAER_PROTO, "This resource works in another branch; end that first.");
        }
        XaBranch branch;
        switch (flags) {
            case TMNOFLAGS -> {
                branch = branches.begin(id, timeoutSeconds);
                branch.join(this);
            }
            case TMJOIN -> {
                branch = known(id);
                branch.join(this);
            }
            case TMRESUME -> {
                branch = known(id);
                branch.resume(this);
            }
            default ->
                throw XaErrors.of(XAException.XAER_INVAL, "start has flags " + flags + ", which it does not take.");
        }
        mode.current(branch);
    }

    @Override
    public void end(@Nullable Xid xid, int flags) throws XAException {
        XaBranch branch = known(Xids.of(xid));
        if (flags != TMSUCCESS && flags != TMFAIL && flags != TMSUSPEND) {
            throw XaErrors.of(XAException.XAER_INVAL, "end has flags " + flags + ", which it does not take.");
        }
        try {
            branch.leave(this, flags == TMSUSPEND);
        } finally {
            if (mode.current() == branch) {
                mode.current(null);
            }
        }
        if (flags == TMFAIL) {
            branch.fail(XAException.XA_RBROLLBACK, "Work in branch " + branch.id() + " had failed (TMFAIL).");
        }
    }

    @Override
    public int prepare(@Nullable Xid xid) throws XAException {
        XaBranch branch = known(Xids.of(xid));
        checkUsable();
        return branches.prepare(branch, session);
    }

    @Override
    public void commit(@Nullable Xid xid, boolean onePhase) throws XAException {
        BranchId id = Xids.of(xid);
        XaBranch branch = branches.find(id);
        if (onePhase && branch != null) {
            checkUsable();
            branches.commitOnePhase(branch, session);
            return;
        }
        if (onePhase) {
            throw nota(id);
        }
        if (branch != null && branch.phase() != XaBranch.Phase.AT_BROKER) {
            throw XaErrors.of(XAException.XAER_PROTO, "Branch " + id + " is not prepared.");
        }
        decide(id, branch, Action.COMMIT);
    }

    @Override
    public void rollback(@Nullable Xid xid) throws XAException {
        BranchId id = Xids.of(xid);
        XaBranch branch = branches.find(id);
        if (branch != null && branch.phase() != XaBranch.Phase.AT_BROKER) {
            branches.rollback(branch);
            return;
        }
        try {
            decisions.end(id, Action.ROLLBACK, brokers(branch));
        } catch (XAException e) {
            if (branch == null || e.errorCode != XAException.XAER_NOTA) {
                throw e;
            }
            // It had not been prepared after all, so there is nothing to undo but here.
        }
        if (branch != null) {
            branches.onRolledBack(branch);
        }
    }

    /** Those that may have a part of it; none when this connection did not prepare it. */
    private static Collection<BrokerLink> brokers(@Nullable XaBranch branch) {
        return branch == null ? List.of() : branch.brokers();
    }

    private void decide(BranchId id, @Nullable XaBranch branch, Action action) throws XAException {
        decisions.end(id, action, brokers(branch));
        if (branch != null) {
            branches.forget(branch);
        }
    }

    @Override
    public void forget(@Nullable Xid xid) throws XAException {
        BranchId id = Xids.of(xid);
        decide(id, branches.find(id), Action.FORGET);
    }

    /**
     * All branches of the cluster that are prepared or were ended by an operator, whichever connection prepared them, at
     * the start of a scan; none later in it. Never a part of them: fails with XAER_RMFAIL instead, also while a broker
     * is away.
     */
    @Override
    public Xid[] recover(int flags) throws XAException {
        if ((flags & ~(TMSTARTRSCAN | TMENDRSCAN)) != 0) {
            throw XaErrors.of(XAException.XAER_INVAL, "recover has flags " + flags + ", which it does not take.");
        }
        boolean starts = (flags & TMSTARTRSCAN) != 0;
        if (!starts && !scanning) {
            throw XaErrors.of(XAException.XAER_INVAL, "No recovery scan is open; start one with TMSTARTRSCAN.");
        }
        Set<BranchId> found = starts ? decisions.list() : Set.of();
        scanning = (flags & TMENDRSCAN) == 0;
        return found.isEmpty() ? NONE : found.stream().map(Xids::toXid).toArray(Xid[]::new);
    }

    /** Whether both are sessions of one connection: only these can work in one branch. */
    @Override
    public boolean isSameRM(@Nullable XAResource other) {
        return other instanceof MillraceXAResource resource && resource.branches == branches;
    }

    @Override
    public int getTransactionTimeout() {
        return timeoutSeconds;
    }

    /**
     * Of branches started from now on: one that is neither prepared nor ended after that many seconds is rolled back then, and
     * whoever works in it or ends it hears of it by XA_RBTIMEOUT; 0 for never. A prepared one waits for its decision.
     */
    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        if (seconds < 0) {
            throw XaErrors.of(XAException.XAER_INVAL, "A time-out of " + seconds + " seconds is not possible.");
        }
        timeoutSeconds = seconds;
        return true;
    }

    /** The session closes: nobody works in a branch here any more. */
    void onClosing() {
        XaBranch branch = mode.current();
        if (branch != null) {
            branch.abandon(this);
            mode.current(null);
        }
    }

    private XaBranch known(BranchId id) throws XAException {
        XaBranch branch = branches.find(id);
        if (branch == null) {
            throw nota(id);
        }
        return branch;
    }

    private static XAException nota(BranchId id) {
        return XaErrors.nota("There is no branch " + id + " on this connection; it was not started, or has ended.");
    }

    private void checkUsable() throws XAException {
        try {
            session.checkOpen();
        } catch (JMSException e) {
            throw XaErrors.of(XAException.XAER_RMFAIL, "The session cannot be used: " + e.getMessage(), e);
        }
    }
}
