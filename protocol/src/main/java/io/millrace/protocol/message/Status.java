// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import org.jspecify.annotations.Nullable;

/**
 * How a request ended.
 *
 * @param code the outcome
 * @param message what was wrong, where, and what to do; {@code null} when {@code code} is {@link ErrorCode#NONE}
 */
public record Status(ErrorCode code, @Nullable String message) {
    public static final Status OK = new Status(ErrorCode.NONE, null);

    public static Status of(ErrorCode code, String message) {
        return new Status(code, message);
    }

    public boolean isOk() {
        return code == ErrorCode.NONE;
    }
}
