// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Prepare;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * The branches of one connection, which its sessions may join, until they are ended or, once prepared, the broker's.
 * Safe for any thread.
 */
final class XaBranches {
    private final Map<BranchId, XaBranch> open = new ConcurrentHashMap<>();

    /** What a branch ships: all of it over one link, in the name of one session. */
    private record Bundle(
            SessionCore session,
            BrokerLink broker,
            List<Outgoing> sends,
            Map<XaMode, Map<SessionLink, List<Acknowledgement>>> acks) {

        List<Acknowledgement> accepts() {
            List<Acknowledgement> all = new ArrayList<>();
            acks.values().forEach(of -> of.values().forEach(all::addAll));
            return all;
        }

        List<Commit.Send> batches() {
            BundleSends batches = new BundleSends();
            sends.forEach(batches::add);
            return batches.build();
        }
    }

    @Nullable
    XaBranch find(BranchId id) {
        return open.get(id);
    }

    /** A new branch; fails with XAER_DUPID when it is known. */
    XaBranch begin(BranchId id, int timeoutSeconds) throws XAException {
        XaBranch branch = new XaBranch(id, timeoutSeconds, System.nanoTime());
        if (open.putIfAbsent(id, branch) != null) {
            throw XaErrors.of(XAException.XAER_DUPID, "Branch " + id + " is known already; join it.");
        }
        return branch;
    }

    void forget(XaBranch branch) {
        open.remove(branch.id(), branch);
    }

    /** Prepares; answers {@code XA_RDONLY}, and forgets the branch, when it has done nothing. */
    int prepare(XaBranch branch, SessionCore by) throws XAException {
        Bundle bundle = bundle(branch, by);
        if (bundle == null) {
            forget(branch);
            return XAResource.XA_RDONLY;
        }
        UUID id = UUID.randomUUID();
        long session = bundle.session.id();
        ship(
                branch,
                bundle,
                () -> new Prepare(session, id, branch.id(), bundle.batches(), bundle.accepts()),
                PlainResponse.class);
        branch.atBroker();
        return XAResource.XA_OK;
    }

    /** Commits a branch that was not prepared, in one round trip. */
    void commitOnePhase(XaBranch branch, SessionCore by) throws XAException {
        Bundle bundle = bundle(branch, by);
        if (bundle != null) {
            UUID id = UUID.randomUUID();
            long session = bundle.session.id();
            ship(
                    branch,
                    bundle,
                    () -> new Commit(session, id, bundle.batches(), bundle.accepts()),
                    Commit.Response.class);
        }
        forget(branch);
    }

    /** What it does, taken out of it; {@code null} for nothing. Fails, and rolls back, when it can only be rolled back. */
    private @Nullable Bundle bundle(XaBranch branch, SessionCore by) throws XAException {
        branch.beginEnd();
        XAException failure = branch.failure(System.nanoTime());
        if (failure != null) {
            undo(branch, Map.of());
            throw failure;
        }
        List<Outgoing> sends = branch.takeSends();
        Map<XaMode, Map<SessionLink, List<Acknowledgement>>> acks = new LinkedHashMap<>();
        Set<BrokerLink> brokers = new LinkedHashSet<>();
        sends.forEach(send -> brokers.add(send.link()));
        SessionCore session = by;
        for (XaMode mode : branch.receivers()) {
            Map<SessionLink, List<Acknowledgement>> of = mode.accept(branch);
            if (!of.isEmpty()) {
                acks.put(mode, of);
                of.keySet().forEach(at -> brokers.add(at.link()));
                session = mode.session();
            }
        }
        failure = branch.failure(System.nanoTime()); // an outage may have come between
        if (failure == null && brokers.size() > 1) {
            failure = XaErrors.of(
                    XAException.XA_RBROLLBACK,
                    "Branch " + branch.id() + " touches partitions of " + brokers.size()
                            + " brokers; this version prepares on one broker only. It was rolled back.");
        }
        if (failure != null) {
            undo(branch, acks);
            throw failure;
        }
        if (brokers.isEmpty()) {
            return null;
        }
        BrokerLink broker = brokers.iterator().next();
        session.at(broker); // closing the session tells this broker too
        return new Bundle(session, broker, sends, acks);
    }

    private <R extends MillraceResponse> void ship(
            XaBranch branch,
            Bundle bundle,
            java.util.function.Supplier<? extends MillraceRequest> request,
            Class<R> answer)
            throws XAException {
        try {
            new Committing(bundle.session, bundle.broker, request, answer).run();
        } catch (Committing.Refused refused) {
            undo(branch, bundle.acks);
            throw XaErrors.refused(refused.reason());
        } catch (JMSException doubt) {
            branch.atBroker(); // perhaps: only it can tell
            throw XaErrors.unknown(doubt);
        }
        bundle.acks.keySet().forEach(XaMode::onSettled);
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
