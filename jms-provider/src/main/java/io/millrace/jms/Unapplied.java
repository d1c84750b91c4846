// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.EndBranch.Action;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What brokers may still do of a session's earlier bundles: parts that are committed and that a broker which was away has
 * not applied yet, and a commit of which nobody could say what became of it. The next bundle must not come before them.
 * Used by the committing thread only.
 */
final class Unapplied {
    private List<Part> parts = List.of();
    private @Nullable Doubt doubt;

    /** A commit whose outcome is not known. */
    @FunctionalInterface
    interface Doubt {
        /**
         * Returns once it is committed, now or before.
         *
         * @return the parts that are not applied yet
         * @throws Committing.Refused when it surely is not and will not be
         * @throws JMSException when it is still not known
         */
        List<Part> settle() throws JMSException, Committing.Refused;
    }

    private Set<Integer> brokersInDoubt = Set.of();

    /** @param brokers at which it may take place yet */
    void doubt(Set<Integer> brokers, Doubt unknown) {
        brokersInDoubt = brokers;
        doubt = unknown;
    }

    /** Besides those that are waited for already. */
    void add(List<Part> left) {
        List<Part> all = new ArrayList<>(parts);
        all.addAll(left);
        parts = List.copyOf(all);
    }

    /**
     * They are applied first, where the next bundle goes to the same broker.
     *
     * @throws Committing.Refused when that cannot be done now, or an operator has rolled one of them back, which is told once
     */
    void before(Bundle next) throws Committing.Refused {
        settleDoubt(next);
        if (parts.isEmpty()) {
            return;
        }
        List<Part> waiting = parts;
        parts = List.of();
        try {
            parts = Part.end(waiting, Action.COMMIT);
        } catch (JMSException mixed) {
            throw new Committing.Refused(JmsErrors.withCause(
                    new TransactionRolledBackException(
                            "The transaction was rolled back because of an earlier one. " + mixed.getMessage(),
                            Part.HEURISTIC),
                    mixed));
        }
        for (Part part : parts) {
            if (touches(next, part.broker().brokerId())) {
                throw new Committing.Refused(new TransactionRolledBackException(
                        "The transaction was rolled back: broker "
                                + part.broker().brokerId()
                                + " has not applied its part of an earlier one yet, which was committed while it was away.",
                        "MILLRACE_TRANSACTION_ABORTED"));
            }
        }
    }

    private void settleDoubt(Bundle next) throws Committing.Refused {
        Doubt unknown = doubt;
        if (unknown == null || brokersInDoubt.stream().noneMatch(broker -> touches(next, broker))) {
            return;
        }
        try {
            add(unknown.settle());
            doubt = null;
        } catch (Committing.Refused never) {
            doubt = null; // its application was told that it may be so
        } catch (JMSException still) {
            throw new Committing.Refused(JmsErrors.withCause(
                    new TransactionRolledBackException(
                            "The transaction was rolled back: what became of the session's transaction before it is still not"
                                    + " known, and it must not come before that one. " + still.getMessage(),
                            "MILLRACE_TRANSACTION_ABORTED"),
                    still));
        }
    }

    private static boolean touches(Bundle next, int broker) {
        return next.parts().stream().anyMatch(of -> of.broker().brokerId() == broker);
    }
}
