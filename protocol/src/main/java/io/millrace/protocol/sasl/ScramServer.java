// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.function.Function;

/**
 * A server's side of one SCRAM exchange, without channel binding. Not safe for threads.
 *
 * <pre>
 *   AwaitFirst --client-first--> AwaitFinal --client-final, proof is right--> Done
 * </pre>
 */
public final class ScramServer {
    private sealed interface State {
        record AwaitFirst() implements State {}

        record AwaitFinal(String user, ScramCredential credential, String gs2Header, String nonce, String firstMessages)
                implements State {}

        record Done(String user) implements State {}
    }

    private final ScramMechanism mechanism;
    private final Function<String, ScramCredential> credentials;
    private final String ownNonce;
    private State state = new State.AwaitFirst();

    /** @param credentials a credential for each user name, for an unknown user one that no password fits */
    public ScramServer(ScramMechanism mechanism, Function<String, ScramCredential> credentials) {
        this(mechanism, credentials, ScramFields.nonce());
    }

    ScramServer(ScramMechanism mechanism, Function<String, ScramCredential> credentials, String ownNonce) {
        this.mechanism = mechanism;
        this.credentials = credentials;
        this.ownNonce = ownNonce;
    }

    /**
     * The answer to the client's next message.
     *
     * @throws SaslFailure when the message is malformed or the proof is wrong
     */
    public byte[] answer(byte[] message) {
        String text = ScramFields.text(message);
        if (state instanceof State.AwaitFirst) {
            return first(text).getBytes(UTF_8);
        } else if (state instanceof State.AwaitFinal waiting) {
            return last(text, waiting).getBytes(UTF_8);
        }
        throw new SaslFailure("a SCRAM message after the end of the exchange");
    }

    public boolean isDone() {
        return state instanceof State.Done;
    }

    /** Who proved to know the password. */
    public String user() {
        if (state instanceof State.Done done) {
            return done.user;
        }
        throw new IllegalStateException("the exchange is not done");
    }

    private String first(String message) {
        int bindingEnd = message.indexOf(',');
        int headerEnd = message.indexOf(',', bindingEnd + 1);
        if (bindingEnd != 1 || headerEnd < 0 || (message.charAt(0) != 'n' && message.charAt(0) != 'y')) {
            throw new SaslFailure("a SCRAM client that wants channel binding or sent no header");
        }
        String authorizationId = message.substring(2, headerEnd);
        String bare = message.substring(headerEnd + 1);
        ScramFields fields = ScramFields.parse(bare);
        String user = ScramFields.unescape(fields.get("n"));
        if (user.isEmpty() || fields.get("r").isEmpty()) {
            throw new SaslFailure("a SCRAM message without user name or nonce");
        }
        if (!authorizationId.isEmpty() && !authorizationId.equals("a=" + fields.get("n"))) {
            throw new SaslFailure("a SCRAM client that asks to act as another user");
        }
        if (fields.has("tokenauth")) {
            throw new SaslFailure("delegation tokens are not offered");
        }
        ScramCredential credential = credentials.apply(user);
        String nonce = fields.get("r") + ownNonce;
        String answer = "r=" + nonce + ",s=" + credential.saltText() + ",i=" + credential.iterations();
        state = new State.AwaitFinal(user, credential, message.substring(0, headerEnd + 1), nonce, bare + "," + answer);
        return answer;
    }

    private String last(String message, State.AwaitFinal waiting) {
        ScramFields fields = ScramFields.parse(message);
        if (!fields.get("r").equals(waiting.nonce)
                || !fields.get("c").equals(ScramFields.base64(waiting.gs2Header.getBytes(UTF_8)))) {
            throw new SaslFailure("a SCRAM proof for another exchange");
        }
        int proof = message.lastIndexOf(",p=");
        if (proof < 0) {
            throw new SaslFailure("a SCRAM message without a proof");
        }
        String authMessage = waiting.firstMessages + "," + message.substring(0, proof);
        ScramCredential credential = waiting.credential;
        byte[] clientKey = ScramMechanism.xor(mechanism.hmac(credential.storedKey(), authMessage), fields.bytes("p"));
        if (!MessageDigest.isEqual(mechanism.hash(clientKey), credential.storedKey())) {
            throw new SaslFailure("wrong password, or no user '" + waiting.user + "'");
        }
        state = new State.Done(waiting.user);
        return "v=" + ScramFields.base64(mechanism.hmac(credential.serverKey(), authMessage));
    }
}
