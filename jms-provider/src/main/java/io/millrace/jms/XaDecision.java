// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.Status;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;

/**
 * Decisions on branches that are the broker's. One whose answer is missing is sent again under its request id, to which
 * the broker gives the recorded outcome; after one request time-out it is given up with XAER_RMFAIL, and the transaction
 * manager asks again. Safe for any thread.
 */
final class XaDecision {
    private static final long PAUSE_MS = 100;

    /** What passes by itself. */
    private static final Set<ErrorCode> TRANSIENT = EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.NOT_LEADER);

    private final MillraceConnection connection;

    XaDecision(MillraceConnection connection) {
        this.connection = connection;
    }

    /**
     * Commits, rolls back or forgets at every broker that has a part of the branch; fails with XA_HEURCOM, XA_HEURRB or
     * XA_HEURMIX when an operator was first.
     *
     * @param at the brokers that may have a part; empty when they are to be found out
     */
    void end(BranchId branch, Action action, Collection<BrokerLink> at) throws XAException {
        Collection<BrokerLink> brokers = at.isEmpty() ? holders(branch) : at;
        UUID id = UUID.randomUUID();
        Set<Outcome> outcomes = EnumSet.noneOf(Outcome.class);
        XAException unknown = null;
        XAException failure = null;
        for (BrokerLink broker : brokers) {
            try {
                outcomes.add(ask(
                        () -> broker.request(new EndBranch(id, branch, action, false), EndBranch.Response.class)
                                .thenApply(EndBranch.Response::outcome),
                        action + " of branch " + branch));
            } catch (XAException e) {
                if (e.errorCode == XAException.XAER_NOTA) {
                    unknown = e; // it had no part, or has done this before
                } else {
                    failure = e; // the others are told all the same
                }
            }
        }
        if (failure != null) {
            throw failure;
        } else if (outcomes.isEmpty()) {
            throw unknown == null ? XaErrors.nota("There is no branch " + branch + " in this cluster") : unknown;
        }
        throwIfHeuristic(branch, action, outcomes);
    }

    private static void throwIfHeuristic(BranchId branch, Action action, Set<Outcome> outcomes) throws XAException {
        boolean committed = outcomes.contains(Outcome.HEURISTICALLY_COMMITTED);
        boolean rolledBack = outcomes.contains(Outcome.HEURISTICALLY_ROLLED_BACK);
        boolean done = outcomes.contains(Outcome.DONE);
        boolean against = done && (action == Action.COMMIT ? rolledBack : committed);
        if (against || (committed && rolledBack)) {
            throw XaErrors.of(
                    XAException.XA_HEURMIX,
                    "Parts of branch " + branch + " were committed and others rolled back, by an operator; forget it.");
        } else if (committed) {
            throw XaErrors.of(
                    XAException.XA_HEURCOM, "Branch " + branch + " was committed by an operator before; forget it.");
        } else if (rolledBack) {
            throw XaErrors.of(
                    XAException.XA_HEURRB, "Branch " + branch + " was rolled back by an operator before; forget it.");
        }
    }

    private Collection<BrokerLink> holders(BranchId branch) throws XAException {
        List<BrokerLink> holders = new ArrayList<>();
        lists().forEach((broker, branches) -> {
            if (branches.stream().anyMatch(one -> one.id().equals(branch))) {
                holders.add(broker);
            }
        });
        return holders;
    }

    /** All branches of the cluster that are in doubt or were ended by an operator. */
    Set<BranchId> list() throws XAException {
        Set<BranchId> ids = new LinkedHashSet<>();
        lists().values()
                .forEach(branches ->
                        branches.stream().map(ListBranches.Branch::id).forEach(ids::add));
        return ids;
    }

    /** Of every broker, or it fails: never a part of them. */
    private Map<BrokerLink, List<ListBranches.Branch>> lists() throws XAException {
        return ask(() -> connection.linksToAll().thenCompose(this::lists), "Listing the branches in doubt");
    }

    /** A broker that came back meanwhile was perhaps neither asked nor missed. */
    private CompletableFuture<Map<BrokerLink, List<ListBranches.Branch>>> lists(List<BrokerLink> brokers) {
        Map<BrokerLink, CompletableFuture<ListBranches.Response>> answers = new LinkedHashMap<>();
        for (BrokerLink broker : brokers) {
            answers.put(broker, broker.request(new ListBranches(true, false), ListBranches.Response.class));
        }
        return CompletableFuture.allOf(answers.values().toArray(CompletableFuture<?>[]::new))
                .thenCompose(all -> connection.linksToAll())
                .thenApply(now -> {
                    if (!answers.keySet().containsAll(now)) {
                        throw new CompletionException(ProviderException.refused(
                                Status.of(ErrorCode.UNAVAILABLE, "a broker came while the branches were listed")));
                    }
                    Map<BrokerLink, List<ListBranches.Branch>> lists = new LinkedHashMap<>();
                    answers.forEach(
                            (broker, answer) -> lists.put(broker, answer.join().branches()));
                    return lists;
                });
    }

    private <T> T ask(Supplier<CompletableFuture<T>> call, String what) throws XAException {
        try {
            connection.checkUsable();
            long patience = TimeUnit.MILLISECONDS.toNanos(connection.options().requestTimeoutMs());
            long began = System.nanoTime();
            while (true) {
                connection.resumption().awaitUp();
                try {
                    return JmsErrors.await(call.get(), what);
                } catch (JMSException e) {
                    ErrorCode code = XaErrors.codeOf(e);
                    boolean again = code == null
                            ? JmsErrors.isLinkLost(e) && connection.resumption().isOn()
                            : TRANSIENT.contains(code);
                    if (!again
                            || System.nanoTime() - began >= patience
                            || Thread.currentThread().isInterrupted()) {
                        throw XaErrors.of(e);
                    }
                }
                JmsErrors.await(
                        new CompletableFuture<String>().completeOnTimeout("", PAUSE_MS, TimeUnit.MILLISECONDS), what);
            }
        } catch (JMSException e) {
            throw XaErrors.of(XAException.XAER_RMFAIL, what + " failed: " + e.getMessage(), e);
        }
    }
}
