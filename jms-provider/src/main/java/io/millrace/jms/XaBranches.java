// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Prepare;
import jakarta.jms.JMSException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The branches of one connection, which its sessions may join, until they are ended or, once prepared, the broker's.
 * Safe for any thread.
 */
final class XaBranches {
    private static final Logger log = LoggerFactory.getLogger(XaBranches.class);

    private final Map<BranchId, XaBranch> open = new ConcurrentHashMap<>();
    private final XaDecision decisions;
    private final XaTimeouts timeouts;

    XaBranches(XaDecision decisions, XaTimer timer) {
        this.decisions = decisions;
        this.timeouts = new XaTimeouts(timer, open.values(), XaBranches::onTimedOut);
    }

    /** What a branch ships, and what its sessions would get back. */
    private record Work(Bundle bundle, Map<XaMode, Map<SessionLink, List<Acknowledgement>>> acks) {}

    @Nullable
    XaBranch find(BranchId id) {
        return open.get(id);
    }

    /** A new branch; fails with XAER_DUPID when it is known. */
    XaBranch begin(BranchId id, int timeoutSeconds) throws XAException {
        XaBranch branch = new XaBranch(id, timeoutSeconds, timeouts.nanoTime());
        if (open.putIfAbsent(id, branch) != null) {
            throw XaErrors.of(XAException.XAER_DUPID, "Branch " + id + " is known already; join it.");
        }
        timeouts.watch(branch);
        return branch;
    }

    /** It stays known, so that its transaction manager hears of it, but others have its messages now. */
    private static void onTimedOut(XaBranch branch) {
        for (XaMode mode : branch.timeOut()) {
            var unused = mode.giveBackLate(branch).whenComplete((done, failure) -> {
                if (failure != null) {
                    log.warn(
                            "What branch {} received until its time-out was not given back yet; it goes back when the"
                                    + " branch is rolled back, its session is closed or the broker is there again",
                            branch.id(),
                            failure);
                }
            });
        }
    }

    void forget(XaBranch branch) {
        open.remove(branch.id(), branch);
    }

    /** Prepares; answers {@code XA_RDONLY}, and forgets the branch, when it has done nothing. */
    int prepare(XaBranch branch, SessionCore by) throws XAException {
        Work work = work(branch, by, false);
        if (work.bundle.isEmpty()) {
            forget(branch);
            return XAResource.XA_RDONLY;
        }
        for (BundlePart part : work.bundle.parts()) {
            UUID id = UUID.randomUUID();
            ship(branch, work, part.broker(), () -> {
                prepare(branch, LargeSends.ship(part), id);
                branch.addBroker(part.broker());
            });
        }
        work.acks.keySet().forEach(XaMode::onSettled);
        branch.atBroker();
        return XAResource.XA_OK;
    }

    private static void prepare(XaBranch branch, BundlePart part, UUID id) throws JMSException, Committing.Refused {
        long session = part.session().id();
        try {
            new Committing(
                            part.session(),
                            part.broker(),
                            () -> new Prepare(session, id, branch.id(), part.batches(), part.accepts(), part.pieces()),
                            PlainResponse.class)
                    .run();
        } catch (Committing.Refused refused) {
            LargeSends.giveUp(part);
            throw refused;
        }
    }

    /** Commits a branch that was not prepared, on one broker in one round trip. */
    void commitOnePhase(XaBranch branch, SessionCore by) throws XAException {
        Work work = work(branch, by, by.options().alwaysCoordinate());
        if (!work.bundle.isEmpty()) {
            ship(branch, work, work.bundle.parts().get(0).broker(), () -> work.bundle.commit(by));
            work.acks.keySet().forEach(XaMode::onSettled);
        }
        forget(branch);
    }

    /** What it does, taken out of it. Fails, and rolls back, when it can only be rolled back. */
    private Work work(XaBranch branch, SessionCore by, boolean split) throws XAException {
        branch.beginEnd();
        XAException failure = branch.failure(timeouts.nanoTime());
        if (failure != null) {
            undo(branch, Map.of());
            throw failure;
        }
        Bundle bundle = new Bundle(split);
        Map<XaMode, Map<SessionLink, List<Acknowledgement>>> acks = new LinkedHashMap<>();
        for (XaMode mode : branch.receivers()) {
            Map<SessionLink, List<Acknowledgement>> of = mode.accept(branch, bundle);
            if (!of.isEmpty()) {
                acks.put(mode, of);
            }
        }
        branch.takeSends().forEach(send -> bundle.add(by, send));
        failure = branch.failure(timeouts.nanoTime()); // an outage may have come between
        if (failure != null) {
            undo(branch, acks);
            throw failure;
        }
        bundle.parts().forEach(part -> part.session().at(part.broker())); // closing the session tells this broker too
        return new Work(bundle, acks);
    }

    /** Ships work. */
    @FunctionalInterface
    private interface Shipping {
        void run() throws JMSException, Committing.Refused;
    }

    /** @param broker whom to ask when nobody can say what became of it */
    private void ship(XaBranch branch, Work work, BrokerLink broker, Shipping shipping) throws XAException {
        try {
            shipping.run();
        } catch (Committing.Refused refused) {
            rollBackParts(branch);
            undo(branch, work.acks);
            throw XaErrors.refused(refused.reason());
        } catch (JMSException doubt) {
            branch.addBroker(broker);
            branch.atBroker(); // perhaps: only it can tell
            throw XaErrors.unknown(doubt);
        }
    }

    /** What was prepared already goes back; when that cannot be done now, the transaction manager asks for it again. */
    private void rollBackParts(XaBranch branch) throws XAException {
        if (branch.brokers().isEmpty()) {
            return;
        }
        try {
            decisions.end(branch.id(), EndBranch.Action.ROLLBACK, branch.brokers());
        } catch (XAException failure) {
            branch.atBroker();
            throw failure;
        }
    }

    /** Rolls back a branch that is not the broker's. */
    void rollback(XaBranch branch) throws XAException {
        branch.beginEnd();
        undo(branch, Map.of());
    }

    /** The broker has given back what a prepared branch had received: the sessions begin anew, so that it comes in order. */
    void onRolledBack(XaBranch branch) throws XAException {
        undo(branch, Map.of());
    }

    private void undo(XaBranch branch, Map<XaMode, Map<SessionLink, List<Acknowledgement>>> refused)
            throws XAException {
        forget(branch);
        var unused = branch.takeSends();
        for (XaMode mode : branch.receivers()) {
            try {
                mode.giveBack(branch, refused.getOrDefault(mode, Map.of()));
            } catch (JMSException e) {
                if (!JmsErrors.isLinkLost(e)) { // else the broker has taken everything back
                    throw XaErrors.of(
                            XAException.XAER_RMFAIL, "What branch " + branch.id() + " received was not given back.", e);
                }
            }
        }
    }
}
