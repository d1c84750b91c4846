// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.acl;

/**
 * One rule about a resource pattern.
 *
 * @param principal {@code User:name}, or {@code User:*} for everybody
 * @param host the client's address, or {@code *}
 * @param operation what is allowed or denied
 * @param allow whether it is allowed; else it is denied, which goes before any allowance
 */
public record AclRule(String principal, String host, Operation operation, boolean allow) {
    private static final String EVERYBODY = "User:*";
    private static final String ANY_HOST = "*";

    boolean isFor(String who, String from) {
        return (principal.equals(EVERYBODY) || principal.equals(who)) && (host.equals(ANY_HOST) || host.equals(from));
    }

    /** As a property of its pattern's document: {@code ALLOW|READ|*|User:alice}. */
    public String toText() {
        return (allow ? "ALLOW" : "DENY") + "|" + operation + "|" + host + "|" + principal;
    }

    /** Throws {@link IllegalArgumentException} when {@code text} is not of {@link #toText}. */
    static AclRule parse(String text) {
        String[] parts = text.split("\\|", 4);
        if (parts.length != 4) {
            throw new IllegalArgumentException("'" + text + "' is no access rule");
        }
        return new AclRule(parts[3], parts[2], Operation.valueOf(parts[1]), parts[0].equals("ALLOW"));
    }
}
