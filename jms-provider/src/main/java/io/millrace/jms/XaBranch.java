// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.BranchId;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;

/**
 * A branch of a distributed transaction as its connection knows it: what was sent in it, which sessions have received in
 * it, and what it is at. Its own monitor guards it; what a session has received is that session's {@link XaMode}'s. Safe
 * for any thread.
 *
 * <pre>
 *   active --end, suspend--> idle --prepare--> ending --> prepared --> (the broker's)
 *     ^                       |                  |
 *     +----- join, resume ----+                  +-- one phase, rollback --> gone
 * </pre>
 *
 * A branch is active while a session works in it, else idle. A failed one is idle or active and can only be rolled back; one
 * that has passed its time-out has nothing left to be rolled back.
 */
final class XaBranch {
    private final BranchId id;
    private final long deadlineNanos;
    private final boolean timed;
    private final Set<Object> working = new HashSet<>();
    private final Set<Object> suspended = new HashSet<>();
    private final Set<XaMode> receivers = new LinkedHashSet<>();
    private final Set<BrokerLink> brokers = new LinkedHashSet<>();
    private List<Outgoing> sends = new ArrayList<>();
    private Phase phase = Phase.OPEN;
    private @Nullable XAException failed;
    private boolean timedOut;

    /** What it is at. */
    enum Phase {
        /** Takes work. */
        OPEN,
        /** Its bundle is on its way, or it is being rolled back. */
        ENDING,
        /** The broker has it, or may have it: only it can tell. */
        AT_BROKER
    }

    /** @param timeoutSeconds after which it can only be rolled back; 0 for never */
    XaBranch(BranchId id, int timeoutSeconds, long nowNanos) {
        this.id = id;
        this.timed = timeoutSeconds > 0;
        this.deadlineNanos = nowNanos + timeoutSeconds * 1_000_000_000L;
    }

    BranchId id() {
        return id;
    }

    synchronized Phase phase() {
        return phase;
    }

    // ---- work

    /** A session begins to work in it. */
    synchronized void join(Object resource) throws XAException {
        checkOpen();
        throwIfFailed();
        if (working.contains(resource) || suspended.contains(resource)) {
            throw XaErrors.of(XAException.XAER_PROTO, "This resource works in branch " + id + " already.");
        }
        working.add(resource);
    }

    synchronized void resume(Object resource) throws XAException {
        checkOpen();
        throwIfFailed();
        if (!suspended.remove(resource)) {
            throw XaErrors.of(XAException.XAER_PROTO, "This resource has not suspended its work in branch " + id + ".");
        }
        working.add(resource);
    }

    /** @param suspends whether it goes on later */
    synchronized void leave(Object resource, boolean suspends) throws XAException {
        boolean worked = working.remove(resource);
        if (!worked && (suspends || !suspended.remove(resource))) {
            throw XaErrors.of(XAException.XAER_PROTO, "This resource does not work in branch " + id + ".");
        }
        if (suspends) {
            suspended.add(resource);
        }
        if (timedOut) {
            throw passed(); // the resource has left it all the same (XA, xa_end)
        }
    }

    /** Its session is gone. */
    synchronized void abandon(Object resource) {
        working.remove(resource);
        suspended.remove(resource);
    }

    /** Answers why it takes no more; {@code null} when it has taken it. */
    synchronized @Nullable TransactionRolledBackException add(Outgoing send) {
        if (!timedOut) {
            sends.add(send);
        }
        return over();
    }

    /** Why no work in it is possible any more; {@code null} while it is. */
    synchronized @Nullable TransactionRolledBackException over() {
        return timedOut
                ? new TransactionRolledBackException(
                        "Branch " + id + " has passed its time-out and was rolled back; end it, and begin another"
                                + " transaction.",
                        "MILLRACE_TRANSACTION_ABORTED")
                : null;
    }

    synchronized void addReceiver(XaMode mode) {
        receivers.add(mode);
    }

    /** From now on it can only be rolled back. The first reason counts. */
    synchronized void fail(int code, String why) {
        if (failed == null && phase != Phase.AT_BROKER) {
            failed = XaErrors.of(code, why);
        }
    }

    // ---- its time-out

    /** Until when it may be open, as {@link System#nanoTime}; {@code null} for ever, or when it is over already. */
    synchronized @Nullable Long openUntilNanos() {
        return timed && !timedOut && phase == Phase.OPEN ? deadlineNanos : null;
    }

    /**
     * Its time-out has passed: from now on it takes no work, and what was sent in it is dropped.
     *
     * @return whose receipts in it go back; nobody's when it is not open any more
     */
    synchronized Collection<XaMode> timeOut() {
        if (timedOut || phase != Phase.OPEN) {
            return List.of();
        }
        timedOut = true;
        if (failed == null) {
            failed = passed();
        }
        sends = new ArrayList<>();
        return List.copyOf(receivers);
    }

    private XAException passed() {
        return XaErrors.of(XAException.XA_RBTIMEOUT, "Branch " + id + " has passed its time-out and was rolled back.");
    }

    // ---- its end

    /** Nobody works in it any more and its bundle is about to leave. */
    synchronized void beginEnd() throws XAException {
        checkOpen();
        if (!working.isEmpty()) {
            throw XaErrors.of(XAException.XAER_PROTO, "Branch " + id + " is worked in; end that first.");
        }
        phase = Phase.ENDING;
    }

    private void checkOpen() throws XAException {
        if (phase != Phase.OPEN) {
            throw XaErrors.of(
                    XAException.XAER_PROTO,
                    "Branch " + id + (phase == Phase.ENDING ? " is being ended." : " is prepared."));
        }
    }

    /** A broker has a part of it, or may have one. */
    synchronized void addBroker(BrokerLink broker) {
        brokers.add(broker);
    }

    synchronized Collection<BrokerLink> brokers() {
        return List.copyOf(brokers);
    }

    /** The brokers have it, or may have it. */
    synchronized void atBroker() {
        phase = Phase.AT_BROKER;
    }

    /** Why it can only be rolled back; {@code null} when it need not be. */
    synchronized @Nullable XAException failure(long nowNanos) {
        if (failed == null && timed && nowNanos - deadlineNanos >= 0) {
            failed = passed();
        }
        return failed;
    }

    private void throwIfFailed() throws XAException {
        if (failed != null) {
            throw failed;
        }
    }

    synchronized List<Outgoing> takeSends() {
        List<Outgoing> taken = sends;
        sends = new ArrayList<>();
        return taken;
    }

    synchronized Collection<XaMode> receivers() {
        return List.copyOf(receivers);
    }
}
