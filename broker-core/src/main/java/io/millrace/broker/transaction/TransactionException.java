// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

/** A transaction coordinator refuses. The message says what was wrong, where and what to do. */
public final class TransactionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final TransactionError error;

    public TransactionException(TransactionError error, String message) {
        super(message);
        this.error = error;
    }

    public TransactionError error() {
        return error;
    }
}
