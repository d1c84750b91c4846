// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import org.jspecify.annotations.Nullable;

/** Kafka's rules for topic names: 1 to 249 of {@code [a-zA-Z0-9._-]}, neither {@code .} nor {@code ..}. */
public final class TopicNames {
    private static final int MAX_LENGTH = 249;

    private TopicNames() {}

    /** What is wrong with a name, or {@code null} when it is legal. */
    public static @Nullable String problem(@Nullable String name) {
        if (name == null || name.isEmpty()) {
            return "The topic name is empty";
        }
        if (name.length() > MAX_LENGTH) {
            return "The topic name has " + name.length() + " characters; at most " + MAX_LENGTH + " are allowed";
        }
        if (name.equals(".") || name.equals("..")) {
            return "The topic name cannot be " + name;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isLegal(c)) {
                return "The topic name holds the character " + Integer.toHexString(c) + " (hex) at " + i
                        + "; letters, digits, '.', '_' and '-' are allowed";
            }
        }
        return null;
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }
}
