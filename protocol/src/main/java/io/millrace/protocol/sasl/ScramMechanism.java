// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The two SCRAM mechanisms Kafka has, and their arithmetic (RFC 5802 section 3). Passwords are not normalized. */
public enum ScramMechanism {
    SHA_256("SCRAM-SHA-256", "SHA-256", "HmacSHA256"),
    SHA_512("SCRAM-SHA-512", "SHA-512", "HmacSHA512");

    /** The fewest iterations that a stored credential may have. */
    public static final int MIN_ITERATIONS = 4_096;

    /** The most; more would only keep clients busy. */
    public static final int MAX_ITERATIONS = 1_000_000;

    private final String label;
    private final String hash;
    private final String mac;

    ScramMechanism(String label, String hash, String mac) {
        this.label = label;
        this.hash = hash;
        this.mac = mac;
    }

    /** What SaslHandshake calls it. */
    public String label() {
        return label;
    }

    public static @Nullable ScramMechanism forLabel(String label) {
        for (ScramMechanism mechanism : values()) {
            if (mechanism.label.equals(label)) {
                return mechanism;
            }
        }
        return null;
    }

    /** {@code Hi(password, salt, iterations)}: slow on purpose, milliseconds. */
    public byte[] saltedPassword(String password, byte[] salt, int iterations) {
        try {
            Mac function = newMac(password.getBytes(UTF_8));
            function.update(salt);
            byte[] round = function.doFinal(new byte[] {0, 0, 0, 1});
            byte[] result = round.clone();
            for (int i = 1; i < iterations; i++) {
                round = function.doFinal(round);
                xorInto(result, round);
            }
            return result;
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    byte[] hash(byte[] bytes) {
        try {
            return MessageDigest.getInstance(hash).digest(bytes);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    byte[] hmac(byte[] key, String text) {
        try {
            return newMac(key).doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    static byte[] xor(byte[] a, byte[] b) {
        byte[] result = a.clone();
        xorInto(result, b);
        return result;
    }

    private Mac newMac(byte[] key) throws GeneralSecurityException {
        if (key.length == 0) {
            throw new SaslFailure("the password is empty");
        }
        Mac function = Mac.getInstance(mac);
        function.init(new SecretKeySpec(key, mac));
        return function;
    }

    private static void xorInto(byte[] result, byte[] other) {
        if (result.length != other.length) {
            throw new SaslFailure("a proof of " + other.length + " bytes, not " + result.length);
        }
        for (int i = 0; i < result.length; i++) {
            result[i] ^= other[i];
        }
    }

    private IllegalStateException missing(GeneralSecurityException cause) {
        return new IllegalStateException("this JDK has no " + hash + " or " + mac, cause);
    }
}
