// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

/** A broker did not start. The message is one sentence for its operator: what was wrong, where, what to do. */
public final class BrokerStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokerStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
