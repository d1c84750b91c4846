// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.server.CallFailure;
import io.millrace.protocol.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A command could not do its work; the message tells the person at the terminal why. */
final class CommandFailure extends CallFailure {
    private static final long serialVersionUID = 1L;

    CommandFailure(String message) {
        super(message);
    }

    /** @param code what a broker answered */
    CommandFailure(String message, @Nullable ErrorCode code) {
        super(message, code);
    }
}
