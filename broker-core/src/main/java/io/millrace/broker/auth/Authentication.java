// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.auth;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The states of a connection's authentication.
 *
 * <pre>
 *   NotAsked                                    a listener without authentication
 *
 *   Awaiting --handshake--> Exchanging --proof--> Authenticated --handshake--> Exchanging (KIP-368)
 *                               |
 *   any but NotAsked ---------> Failed          the connection is closed after the answer
 * </pre>
 */
sealed interface Authentication {

    record NotAsked() implements Authentication {}

    record Awaiting() implements Authentication {}

    /**
     * @param raw whether tokens come without requests around them (SaslHandshake version 0)
     * @param before who the client was until now, when it authenticates again
     */
    record Exchanging(
            SaslMechanism mechanism,
            SaslMechanism.Exchange exchange,
            boolean raw,
            @Nullable Authenticated before) implements Authentication {}

    /** @param expiresNanos when the client must have authenticated again, in the terms of the broker's clock */
    record Authenticated(Principal principal, SaslMechanism mechanism, OptionalLong expiresNanos)
            implements Authentication {
        boolean isValid(long nowNanos) {
            return expiresNanos.isEmpty() || expiresNanos.getAsLong() - nowNanos > 0;
        }
    }

    /** @param reason for the log */
    record Failed(String reason) implements Authentication {}
}
