// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A client's side of one SCRAM exchange, without channel binding. Not safe for threads. */
public final class ScramClient {
    private static final String GS2_HEADER = "n,,";

    private final ScramMechanism mechanism;
    private final String password;
    private final String ownNonce;
    private final String firstBare;
    private byte @Nullable [] expectedSignature;

    public ScramClient(ScramMechanism mechanism, String user, String password) {
        this(mechanism, user, password, ScramFields.nonce());
    }

    ScramClient(ScramMechanism mechanism, String user, String password, String ownNonce) {
        this.mechanism = mechanism;
        this.password = password;
        this.ownNonce = ownNonce;
        this.firstBare = "n=" + ScramFields.escape(user) + ",r=" + ownNonce;
    }

    /** The first message. */
    public byte[] first() {
        return (GS2_HEADER + firstBare).getBytes(UTF_8);
    }

    /**
     * The proof, in answer to the server's first message; takes milliseconds.
     *
     * @throws SaslFailure when that message breaks the rules
     */
    public byte[] prove(byte[] serverFirst) {
        String text = ScramFields.text(serverFirst);
        ScramFields fields = ScramFields.parse(text);
        String nonce = fields.get("r");
        int iterations = fields.number("i");
        if (!nonce.startsWith(ownNonce) || nonce.length() == ownNonce.length()) {
            throw new SaslFailure("the server's nonce does not continue the client's");
        }
        if (iterations < ScramMechanism.MIN_ITERATIONS || iterations > ScramMechanism.MAX_ITERATIONS) {
            throw new SaslFailure("the server asks for " + iterations + " iterations");
        }
        byte[] salted = mechanism.saltedPassword(password, fields.bytes("s"), iterations);
        String withoutProof = "c=" + ScramFields.base64(GS2_HEADER.getBytes(UTF_8)) + ",r=" + nonce;
        String authMessage = firstBare + "," + text + "," + withoutProof;
        byte[] clientKey = mechanism.hmac(salted, "Client Key");
        byte[] proof = ScramMechanism.xor(clientKey, mechanism.hmac(mechanism.hash(clientKey), authMessage));
        expectedSignature = mechanism.hmac(mechanism.hmac(salted, "Server Key"), authMessage);
        return (withoutProof + ",p=" + ScramFields.base64(proof)).getBytes(UTF_8);
    }

    /** Checks that the server knows the credential too; throws {@link SaslFailure} when it does not. */
    public void verify(byte[] serverFinal) {
        byte[] signature = ScramFields.parse(ScramFields.text(serverFinal)).bytes("v");
        if (expectedSignature == null || !MessageDigest.isEqual(expectedSignature, signature)) {
            throw new SaslFailure("the server did not prove that it knows the user");
        }
    }
}
