// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

/** A command was called wrongly; the message says with what. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
