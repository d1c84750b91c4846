// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.EndBranch.Action;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;

/**
 * Parts of a session's committed bundles that brokers which were away have not applied yet. The next bundle must not come
 * before them. Used by the committing thread only.
 */
final class Unapplied {
    private List<Part> parts = List.of();

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
            if (next.parts().stream()
                    .anyMatch(of -> of.broker().brokerId() == part.broker().brokerId())) {
                throw new Committing.Refused(new TransactionRolledBackException(
                        "The transaction was rolled back: broker "
                                + part.broker().brokerId()
                                + " has not applied its part of an earlier one yet, which was committed while it was away.",
                        "MILLRACE_TRANSACTION_ABORTED"));
            }
        }
    }
}
