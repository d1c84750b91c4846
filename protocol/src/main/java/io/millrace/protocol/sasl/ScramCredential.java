// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * What a server keeps of a password (RFC 5802): enough to check a proof, not enough to make one. Its arrays are not
 * changed by anybody.
 */
public final class ScramCredential {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SALT_BYTES = 16;

    private final byte[] salt;
    private final byte[] storedKey;
    private final byte[] serverKey;
    private final int iterations;

    private ScramCredential(byte[] salt, byte[] storedKey, byte[] serverKey, int iterations) {
        this.salt = salt.clone();
        this.storedKey = storedKey;
        this.serverKey = serverKey;
        this.iterations = iterations;
    }

    /** From {@link ScramMechanism#saltedPassword}, which a client computed. */
    public static ScramCredential of(ScramMechanism mechanism, byte[] salt, byte[] saltedPassword, int iterations) {
        byte[] storedKey = mechanism.hash(mechanism.hmac(saltedPassword, "Client Key"));
        return new ScramCredential(salt, storedKey, mechanism.hmac(saltedPassword, "Server Key"), iterations);
    }

    /** From a password, with a fresh salt; takes milliseconds. */
    public static ScramCredential of(ScramMechanism mechanism, String password, int iterations) {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        return of(mechanism, salt, mechanism.saltedPassword(password, salt, iterations), iterations);
    }

    /** The same keys with a salt that looks random and is always the same for {@code name}; no password fits it. */
    public ScramCredential withSaltFor(ScramMechanism mechanism, String secret, String name) {
        byte[] nameSalt = Arrays.copyOf(mechanism.hmac(secret.getBytes(UTF_8), name), SALT_BYTES);
        return new ScramCredential(nameSalt, storedKey, serverKey, iterations);
    }

    /** {@code salt,storedKey,serverKey,iterations}, the first three in base 64. */
    public String toText() {
        Base64.Encoder base64 = Base64.getEncoder();
        return base64.encodeToString(salt) + "," + base64.encodeToString(storedKey) + ","
                + base64.encodeToString(serverKey) + "," + iterations;
    }

    /** Throws {@link IllegalArgumentException} when {@code text} is not of {@link #toText}. */
    public static ScramCredential parse(String text) {
        String[] parts = text.split(",", -1);
        if (parts.length != 4) {
            throw new IllegalArgumentException("a SCRAM credential has " + parts.length + " parts, not 4");
        }
        Base64.Decoder base64 = Base64.getDecoder();
        return new ScramCredential(
                base64.decode(parts[0]), base64.decode(parts[1]), base64.decode(parts[2]), Integer.parseInt(parts[3]));
    }

    public int iterations() {
        return iterations;
    }

    String saltText() {
        return Base64.getEncoder().encodeToString(salt);
    }

    byte[] storedKey() {
        return storedKey;
    }

    byte[] serverKey() {
        return serverKey;
    }

    @Override
    public String toString() {
        return "ScramCredential[iterations=" + iterations + "]";
    }
}
