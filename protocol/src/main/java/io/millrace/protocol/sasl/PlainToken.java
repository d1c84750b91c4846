// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The only token of PLAIN (RFC 4616): {@code [authorization id] NUL user NUL password}.
 *
 * @param user who it claims to be
 * @param password the password; never printed
 */
public record PlainToken(String user, String password) {
    private static final String NUL = "\0";

    /**
     * Reads a token.
     *
     * @throws SaslFailure when it has not three parts, no user, no password or another authorization id
     */
    public static PlainToken parse(byte[] token) {
        String[] parts = new String(token, UTF_8).split(NUL, -1);
        if (parts.length != 3) {
            throw new SaslFailure("a PLAIN token has " + parts.length + " parts, not 3");
        }
        if (parts[1].isEmpty() || parts[2].isEmpty()) {
            throw new SaslFailure("a PLAIN token without user name or password");
        }
        if (!parts[0].isEmpty() && !parts[0].equals(parts[1])) {
            throw new SaslFailure("a PLAIN token that asks to act as another user");
        }
        return new PlainToken(parts[1], parts[2]);
    }

    public byte[] toBytes() {
        return (NUL + user + NUL + password).getBytes(UTF_8);
    }

    @Override
    public String toString() {
        return "PlainToken[user=" + user + "]";
    }
}
