// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.EndBranch.Action;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.List;

/**
 * Parts of a session's committed bundles that brokers which were away have not applied yet. The next bundle must not come
 * before them. Used by the committing thread only.
 */
final class Unapplied {
    private List<Part> parts = List.of();

    void set(List<Part> left) {
        parts = left;
    }

    /**
     * They are applied first, where the next bundle goes to the same broker.
     *
     * @throws Committing.Refused when that cannot be done now
     */
    void before(Bundle next) throws JMSException, Committing.Refused {
        if (parts.isEmpty()) {
            return;
        }
        parts = Part.end(parts, Action.COMMIT);
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
