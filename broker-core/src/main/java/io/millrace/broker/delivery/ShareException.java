// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/** A share group's member asks for what it may not have. The message says what, where and what to do. */
public final class ShareException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why; {@code request} translates each to the Kafka error code of the same name. */
    public enum Code {
        /** The member does not hold the records that it acknowledges. */
        INVALID_RECORD_STATE,
        /** The acknowledgement contradicts itself or names what was never delivered. */
        INVALID_REQUEST
    }

    private final Code code;

    public ShareException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
