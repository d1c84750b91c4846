// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import org.jspecify.annotations.Nullable;

/** A record batch, or a record in it, that breaks the format. */
public final class InvalidBatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public InvalidBatchException(Reason reason, String message) {
        this(reason, message, null);
    }

    public InvalidBatchException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What to answer the sender. */
    public enum Reason {
        /** Sizes do not fit or the CRC is wrong: the bytes were damaged. */
        CORRUPT,
        /** Not magic 2. */
        UNSUPPORTED_FORMAT,
        /** A compression codec that does not exist. */
        UNSUPPORTED_COMPRESSION,
        /** The bytes are as they were sent, but do not make records. */
        INVALID_RECORD,
        /** More bytes than allowed after decompression. */
        TOO_LARGE
    }
}
