// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.provider;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Status;
import org.jspecify.annotations.Nullable;

/** Why something asked of a broker did not come about. The API translates it to a JMSException in one place. */
public final class ProviderException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What happened. */
    public enum Kind {
        /** The broker answered that it would not; {@link #code()} tells why. */
        REFUSED,
        /** The broker did not answer in time: whether the request took effect is not known. */
        TIMED_OUT,
        /** The link to the broker is gone: whether the request took effect is not known. */
        LINK_LOST,
        /** No link could be made. */
        UNREACHABLE
    }

    private final Kind kind;
    private final ErrorCode code;

    private ProviderException(Kind kind, ErrorCode code, @Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.code = code;
    }

    public static ProviderException refused(Status status) {
        return new ProviderException(Kind.REFUSED, status.code(), status.message(), null);
    }

    public static ProviderException timedOut(String message) {
        return new ProviderException(Kind.TIMED_OUT, ErrorCode.UNAVAILABLE, message, null);
    }

    public static ProviderException linkLost(String message, @Nullable Throwable cause) {
        return new ProviderException(Kind.LINK_LOST, ErrorCode.UNAVAILABLE, message, cause);
    }

    public static ProviderException unreachable(String message, @Nullable Throwable cause) {
        return new ProviderException(Kind.UNREACHABLE, ErrorCode.UNAVAILABLE, message, cause);
    }

    public Kind kind() {
        return kind;
    }

    /** The broker's reason; meaningful for {@link Kind#REFUSED}. */
    public ErrorCode code() {
        return code;
    }
}
