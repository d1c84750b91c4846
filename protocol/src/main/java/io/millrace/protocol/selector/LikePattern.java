// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import java.util.Arrays;

/**
 * The pattern of a LIKE. A character is a Unicode character, so {@code _} stands for one outside the basic plane, too.
 * Matching goes back to the last {@code %} only: its time is at most the product of the two lengths, and it allocates
 * nothing.
 */
final class LikePattern {
    private static final int ANY_CHARACTER = -1;
    private static final int ANY_SEQUENCE = -2;

    private final int[] parts;

    private LikePattern(int[] parts) {
        this.parts = parts;
    }

    /**
     * Compiles a pattern.
     *
     * @param escape the escape character, or a negative number for none
     * @throws IllegalArgumentException with the problem, when the escape character stands before any other character
     *     than {@code _}, {@code %} and itself, which SQL92 forbids
     */
    static LikePattern compile(String pattern, int escape) {
        int[] characters = pattern.codePoints().toArray();
        int[] parts = new int[characters.length];
        int count = 0;
        for (int i = 0; i < characters.length; i++) {
            int c = characters[i];
            if (c == escape) {
                i++;
                if (i == characters.length
                        || (characters[i] != '_' && characters[i] != '%' && characters[i] != escape)) {
                    throw new IllegalArgumentException(
                            "in the pattern the escape character may only stand before a wildcard or itself");
                }
                parts[count++] = characters[i];
            } else if (c == '_') {
                parts[count++] = ANY_CHARACTER;
            } else if (c != '%') {
                parts[count++] = c;
            } else if (count == 0 || parts[count - 1] != ANY_SEQUENCE) {
                parts[count++] = ANY_SEQUENCE;
            }
        }
        return new LikePattern(Arrays.copyOf(parts, count));
    }

    boolean matches(String text) {
        int at = 0;
        int part = 0;
        int resumeAt = -1;
        int resumePart = -1;
        while (at < text.length()) {
            int c = text.codePointAt(at);
            if (part < parts.length && parts[part] == ANY_SEQUENCE) {
                part++;
                if (part == parts.length) {
                    return true;
                }
                resumePart = part;
                resumeAt = at;
            } else if (part < parts.length && (parts[part] == ANY_CHARACTER || parts[part] == c)) {
                part++;
                at += Character.charCount(c);
            } else if (resumePart >= 0) {
                resumeAt += Character.charCount(text.codePointAt(resumeAt));
                at = resumeAt;
                part = resumePart;
            } else {
                return false;
            }
        }
        return part == parts.length || (part == parts.length - 1 && parts[part] == ANY_SEQUENCE);
    }
}
