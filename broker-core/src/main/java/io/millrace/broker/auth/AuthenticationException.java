// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.auth;

/** A client did not prove who it is. The message may be told to the client. */
public final class AuthenticationException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    public enum Code {
        /** The mechanism is not offered. */
        UNSUPPORTED_MECHANISM,
        /** The request does not fit the state of the exchange. */
        ILLEGAL_STATE,
        /** Wrong credentials or a malformed token. */
        FAILED
    }

    private final Code code;

    public AuthenticationException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public Code code() {
        return code;
    }
}
