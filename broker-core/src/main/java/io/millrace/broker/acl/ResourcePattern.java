// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.acl;

/**
 * The resources a rule is about.
 *
 * @param prefixed whether {@code name} is how names begin; else it is the whole name, or {@code *} for all
 */
public record ResourcePattern(ResourceType type, boolean prefixed, String name) {
    /** The name that fits every resource. */
    public static final String WILDCARD = "*";

    /** Whether this is about the resource of this type and name. */
    public boolean matches(ResourceType wanted, String resource) {
        return type == wanted
                && (prefixed ? resource.startsWith(name) : name.equals(WILDCARD) || name.equals(resource));
    }

    /** The name of its document: {@code TOPIC:PREFIXED:name}. */
    public String documentName() {
        return type + ":" + (prefixed ? "PREFIXED" : "LITERAL") + ":" + name;
    }

    /** Throws {@link IllegalArgumentException} when {@code text} is not of {@link #documentName}. */
    static ResourcePattern parse(String text) {
        String[] parts = text.split(":", 3);
        if (parts.length != 3) {
            throw new IllegalArgumentException("'" + text + "' names no resource pattern");
        }
        return new ResourcePattern(ResourceType.valueOf(parts[0]), parts[1].equals("PREFIXED"), parts[2]);
    }
}
