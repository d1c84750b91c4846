// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import io.millrace.protocol.message.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A broker could not be asked, or refused; the message tells the person who asked why. */
public class CallFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final @Nullable ErrorCode code;

    public CallFailure(String message) {
        this(message, null);
    }

    /** @param code what a broker answered */
    public CallFailure(String message, @Nullable ErrorCode code) {
        super(message);
        this.code = code;
    }

    /** What a broker answered; {@code null} when none did. */
    public @Nullable ErrorCode code() {
        return code;
    }
}
