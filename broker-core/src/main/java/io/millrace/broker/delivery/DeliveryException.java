// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.message.ErrorCode;

/** A JMS request is refused. The message says what was wrong, where and what to do. */
public final class DeliveryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    public DeliveryException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
