// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.quota;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom a quota is set for: a user, a client id, or a user's client id.
 *
 * @param user the user, or {@code null} when it does not matter
 * @param clientId the client id, or {@code null} when it does not matter
 */
public record QuotaEntity(@Nullable Part user, @Nullable Part clientId) {
    private static final String DEFAULT = "<default>";
    private static final String USER = "user=";
    private static final String CLIENT_ID = "client-id=";

    public QuotaEntity {
        if (user == null && clientId == null) {
            throw new IllegalArgumentException("a quota for nobody");
        }
    }

    /** @param name the name, or {@code null} for everybody who has no quota by name */
    public record Part(@Nullable String name) {}

    /** The name of its document: {@code user=NAME;client-id=<default>}. */
    public String documentName() {
        List<String> parts = new ArrayList<>();
        if (user != null) {
            parts.add(USER + encode(user));
        }
        if (clientId != null) {
            parts.add(CLIENT_ID + encode(clientId));
        }
        return String.join(";", parts);
    }

    /** Throws {@link IllegalArgumentException} when {@code name} is not of {@link #documentName}. */
    public static QuotaEntity parse(String name) {
        Part user = null;
        Part clientId = null;
        for (String part : name.split(";", -1)) {
            if (part.startsWith(USER)) {
                user = decode(part.substring(USER.length()));
            } else if (part.startsWith(CLIENT_ID)) {
                clientId = decode(part.substring(CLIENT_ID.length()));
            } else {
                throw new IllegalArgumentException("quota document '" + name + "' names neither user nor client id");
            }
        }
        return new QuotaEntity(user, clientId);
    }

    private static String encode(Part part) {
        return part.name == null ? DEFAULT : URLEncoder.encode(part.name, UTF_8);
    }

    private static Part decode(String text) {
        return new Part(text.equals(DEFAULT) ? null : URLDecoder.decode(text, UTF_8));
    }
}
