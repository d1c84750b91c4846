// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.protocol.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A command could not do its work; the message tells the person at the terminal why. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable ErrorCode code;

    CommandFailure(String message) {
        this(message, null);
    }

    /** @param code what a broker answered */
    CommandFailure(String message, @Nullable ErrorCode code) {
        super(message);
        this.code = code;
    }

    /** What a broker answered; {@code null} when none did. */
    @Nullable
    ErrorCode code() {
        return code;
    }
}
