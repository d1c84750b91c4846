// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.auth;

import io.millrace.broker.auth.Authentication.Authenticated;
import io.millrace.broker.auth.Authentication.Awaiting;
import io.millrace.broker.auth.Authentication.Exchanging;
import io.millrace.broker.auth.Authentication.Failed;
import io.millrace.broker.auth.Authentication.NotAsked;
import io.millrace.broker.auth.AuthenticationException.Code;
import io.millrace.protocol.sasl.SaslFailure;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who is at the other end of one connection; owned by its network loop. Its life stands at {@link Authentication}. */
public final class ClientSession {
    private static final int LONGEST_REASON = 300;

    private final Authenticator authenticator;
    private Authentication state;

    ClientSession(Authenticator authenticator, boolean asked) {
        this.authenticator = authenticator;
        this.state = asked ? new Awaiting() : new NotAsked();
    }

    /** Who the client is; {@link Principal#ANONYMOUS} before it said so. */
    public Principal principal() {
        Authenticated known = authenticated();
        return known == null ? Principal.ANONYMOUS : known.principal();
    }

    /** Whether requests other than those of authentication are taken now. */
    public boolean isAdmitted() {
        Authenticated known = authenticated();
        return state instanceof NotAsked || (known != null && known.isValid(authenticator.nanos()));
    }

    /** Whether the next frame is a bare token: after a handshake of version 0. */
    public boolean expectsRawToken() {
        return state instanceof Exchanging exchanging && exchanging.raw();
    }

    /** Whether the connection is to be closed once its last answer is written. */
    public boolean hasFailed() {
        return failure() != null;
    }

    /** Why the client was refused, for the log; {@code null} when it was not. */
    public @Nullable String failure() {
        return state instanceof Failed failed ? failed.reason() : null;
    }

    /** The mechanisms offered. */
    public List<String> mechanisms() {
        return authenticator.mechanisms();
    }

    /**
     * Begins an exchange. A new client that named a mechanism which is not offered may name another.
     *
     * @param raw whether bare tokens follow
     * @throws AuthenticationException when the mechanism is not offered or another exchange is going on
     */
    public void handshake(String mechanism, boolean raw) throws AuthenticationException {
        Authenticated before = authenticated();
        SaslMechanism known = SaslMechanism.forLabel(mechanism);
        if (known == null || !authenticator.mechanisms().contains(mechanism)) {
            String message = "Mechanism " + mechanism + " is not offered; offered are " + authenticator.mechanisms();
            throw state instanceof Awaiting
                    ? new AuthenticationException(Code.UNSUPPORTED_MECHANISM, message)
                    : fail(Code.UNSUPPORTED_MECHANISM, message);
        }
        boolean legal = state instanceof Awaiting || (state instanceof Authenticated && !raw);
        if (!legal) {
            throw fail(Code.ILLEGAL_STATE, "A SaslHandshake is not expected now");
        }
        if (before != null && before.mechanism() != known) {
            throw fail(Code.FAILED, "A client cannot authenticate again with another mechanism");
        }
        state = new Exchanging(known, authenticator.start(known), raw, before);
    }

    /**
     * The answer to the client's next token.
     *
     * @throws AuthenticationException when the client did not prove who it is; the session has failed
     */
    public byte[] answer(byte[] token) throws AuthenticationException {
        if (!(state instanceof Exchanging exchanging)) {
            throw fail(Code.ILLEGAL_STATE, "A SaslAuthenticate without a SaslHandshake before it");
        }
        try {
            byte[] answer = exchanging.exchange().answer(token);
            if (exchanging.exchange().isDone()) {
                onProof(exchanging);
            }
            return answer;
        } catch (SaslFailure failure) {
            throw fail(Code.FAILED, "Authentication failed: " + failure.getMessage());
        }
    }

    /** How long the client is known for from now on, milliseconds; 0 for ever. */
    public long lifetimeMs() {
        return state instanceof Authenticated ? authenticator.lifetimeMs() : 0;
    }

    private void onProof(Exchanging exchanging) throws AuthenticationException {
        Principal proved = new Principal(exchanging.exchange().user());
        Authenticated before = exchanging.before();
        if (before != null && !before.principal().equals(proved)) {
            throw fail(Code.FAILED, "A client cannot authenticate again as another user");
        }
        long lifetimeMs = authenticator.lifetimeMs();
        OptionalLong expires = lifetimeMs == 0
                ? OptionalLong.empty()
                : OptionalLong.of(authenticator.nanos() + TimeUnit.MILLISECONDS.toNanos(lifetimeMs));
        state = new Authenticated(proved, exchanging.mechanism(), expires);
    }

    private AuthenticationException fail(Code code, String message) {
        // A user name may hold anything, line ends among it, and be long.
        String shown = message.length() > LONGEST_REASON ? message.substring(0, LONGEST_REASON) + "..." : message;
        state = new Failed(shown.replaceAll("\\p{Cntrl}", "?"));
        return new AuthenticationException(code, message);
    }

    private @Nullable Authenticated authenticated() {
        if (state instanceof Exchanging exchanging) {
            return exchanging.before();
        }
        return state instanceof Authenticated known ? known : null;
    }
}
