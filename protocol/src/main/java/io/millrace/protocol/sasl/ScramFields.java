// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** The comma-separated {@code x=value} fields of a SCRAM message (RFC 5802 section 7). */
final class ScramFields {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int NONCE_BYTES = 24;
    private static final int MAX_MESSAGE_BYTES = 4_096;

    private final Map<String, String> fields = new LinkedHashMap<>();

    private ScramFields() {}

    static ScramFields parse(String message) {
        ScramFields parsed = new ScramFields();
        for (String field : message.split(",", -1)) {
            int equals = field.indexOf('=');
            if (equals < 1 || parsed.fields.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
                throw new SaslFailure("a SCRAM message is not made of fields");
            }
        }
        return parsed;
    }

    static String text(byte[] message) {
        if (message.length > MAX_MESSAGE_BYTES) {
            throw new SaslFailure("a SCRAM message of " + message.length + " bytes");
        }
        return new String(message, UTF_8);
    }

    String get(String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new SaslFailure("a SCRAM message without field " + name);
        }
        return value;
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    byte[] bytes(String name) {
        try {
            return Base64.getDecoder().decode(get(name));
        } catch (IllegalArgumentException e) {
            throw new SaslFailure("field " + name + " of a SCRAM message is not base 64");
        }
    }

    int number(String name) {
        try {
            return Integer.parseInt(get(name));
        } catch (NumberFormatException e) {
            throw new SaslFailure("field " + name + " of a SCRAM message is not a number");
        }
    }

    static String nonce() {
        byte[] bytes = new byte[NONCE_BYTES];
        RANDOM.nextBytes(bytes);
        return base64(bytes);
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A user name as a field's value. */
    static String escape(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }

    static String unescape(String value) {
        if (value.replace("=2C", "").replace("=3D", "").indexOf('=') >= 0) {
            throw new SaslFailure("a SCRAM user name with a bad escape");
        }
        return value.replace("=2C", ",").replace("=3D", "=");
    }
}
