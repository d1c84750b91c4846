// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A part of a bundle over several brokers that was prepared, or is about to be (docs/decisions/0020-coordinated-bundles.md).
 *
 * @param broker where
 * @param branch its name there
 */
record Part(BrokerLink broker, BranchId branch) {
    static final String HEURISTIC = "MILLRACE_HEURISTIC_MIX";

    /**
     * Ends parts, all at the same time; those that could not be ended.
     *
     * @throws JMSException when an operator has rolled back what is committed
     */
    static List<Part> end(List<Part> parts, Action action) throws JMSException {
        Map<Part, CompletableFuture<EndBranch.Response>> answers = new LinkedHashMap<>();
        for (Part part : parts) {
            EndBranch end = new EndBranch(UUID.randomUUID(), part.branch, action, false);
            answers.put(part, part.broker.request(end, EndBranch.Response.class));
        }
        List<Part> left = new ArrayList<>();
        List<Part> against = new ArrayList<>();
        answers.forEach((part, answer) -> {
            try {
                Outcome outcome = JmsErrors.await(answer, action + " of a part of a bundle")
                        .outcome();
                if (action == Action.COMMIT && outcome == Outcome.HEURISTICALLY_ROLLED_BACK) {
                    against.add(part);
                }
            } catch (JMSException e) {
                if (XaErrors.codeOf(e) != ErrorCode.UNKNOWN_BRANCH) { // that has been ended
                    left.add(part);
                }
            }
        });
        if (!against.isEmpty()) {
            throw new JMSException(
                    "The transaction was committed, but an operator has rolled back its parts " + against, HEURISTIC);
        }
        return left;
    }

    @Override
    public String toString() {
        return branch + " at broker " + broker.brokerId();
    }
}
