// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.sasl;

/** An exchange failed: a token breaks the mechanism's rules or proves nothing. The message holds no secret. */
public final class SaslFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SaslFailure(String message) {
        super(message);
    }
}
