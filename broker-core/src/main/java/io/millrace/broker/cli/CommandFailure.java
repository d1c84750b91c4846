// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

/** A command could not do its work; the message tells the person at the terminal why. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailure(String message) {
        super(message);
    }
}
