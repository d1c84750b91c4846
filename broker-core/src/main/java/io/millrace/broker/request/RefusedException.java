// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import org.apache.kafka.common.protocol.Errors;

/** A request breaks a rule of the protocol itself; the message tells the client which. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Errors error;

    RefusedException(Errors error, String message) {
        super(message);
        this.error = error;
    }

    Errors error() {
        return error;
    }
}
