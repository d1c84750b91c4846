// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import jakarta.jms.JMSException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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

    /** Commits, rolls back or forgets; fails with XA_HEURCOM or XA_HEURRB when an operator was first. */
    void end(BranchId branch, Action action) throws XAException {
        UUID id = UUID.randomUUID();
        Outcome outcome = ask(
                () -> {
                    BrokerLink broker = connection.home();
                    return broker.request(new EndBranch(id, branch, action, false), EndBranch.Response.class)
                            .thenApply(EndBranch.Response::outcome);
                },
                action + " of branch " + branch);
        switch (outcome) {
            case DONE -> {
                // As asked for.
            }
            case HEURISTICALLY_COMMITTED ->
                throw XaErrors.of(
                        XAException.XA_HEURCOM,
                        "Branch " + branch + " was committed by an operator before; forget it.");
            case HEURISTICALLY_ROLLED_BACK ->
                throw XaErrors.of(
                        XAException.XA_HEURRB,
                        "Branch " + branch + " was rolled back by an operator before; forget it.");
        }
    }

    /** All branches that are in doubt or were ended by an operator. */
    List<ListBranches.Branch> list() throws XAException {
        return ask(
                () -> connection
                        .home()
                        .request(new ListBranches(), ListBranches.Response.class)
                        .thenApply(ListBranches.Response::branches),
                "Listing the branches in doubt");
    }

    private <T> T ask(Supplier<CompletableFuture<T>> call, String what) throws XAException {
        try {
            connection.checkUsable();
            long patience = TimeUnit.MILLISECONDS.toNanos(connection.requestTimeoutMs());
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
