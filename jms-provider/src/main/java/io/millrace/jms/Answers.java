// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Waits for what several brokers answer. */
final class Answers {
    private Answers() {}

    /** Waits for all; what fails because the connection is lost is over anyway. */
    static void awaitUnlessLost(List<CompletableFuture<?>> answers, String what) throws JMSException {
        JMSException first = null;
        for (CompletableFuture<?> answer : answers) {
            try {
                JmsErrors.await(answer, what);
            } catch (JMSException e) {
                if (!JmsErrors.isLinkLost(e)) {
                    first = JmsErrors.join(first, e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** Waits for all; a broker that was lost meanwhile has taken everything back by itself, if the session goes on. */
    static void awaitUnlessOut(List<CompletableFuture<?>> answers, String what, Resumption resumption)
            throws JMSException {
        for (CompletableFuture<?> answer : answers) {
            try {
                JmsErrors.await(answer, what);
            } catch (JMSException e) {
                if (!JmsErrors.isLinkLost(e) || !resumption.isOn()) {
                    throw e;
                }
            }
        }
    }
}
