// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One word or symbol of a selector.
 *
 * @param kind what it is
 * @param text of an identifier or number as written, of a string literal without its quotes; empty for others
 * @param position where it begins in the selector
 */
record Token(Kind kind, String text, int position) {
    enum Kind {
        IDENTIFIER("an identifier"),
        STRING("a string in single quotes"),
        NUMBER("a number"),
        END("the end of the selector"),
        EQUAL("="),
        NOT_EQUAL("<>"),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">="),
        PLUS("+"),
        MINUS("-"),
        TIMES("*"),
        DIVIDE("/"),
        OPEN("("),
        CLOSE(")"),
        COMMA(","),
        NULL("NULL"),
        TRUE("TRUE"),
        FALSE("FALSE"),
        NOT("NOT"),
        AND("AND"),
        OR("OR"),
        BETWEEN("BETWEEN"),
        LIKE("LIKE"),
        IN("IN"),
        IS("IS"),
        ESCAPE("ESCAPE");

        private static final Map<String, Kind> RESERVED = Stream.of(
                        NULL, TRUE, FALSE, NOT, AND, OR, BETWEEN, LIKE, IN, IS, ESCAPE)
                .collect(Collectors.toUnmodifiableMap(Enum::name, kind -> kind));

        private final String shown;

        Kind(String shown) {
            this.shown = shown;
        }

        /** The reserved word that this is in any case, or {@code null}. */
        static @Nullable Kind reserved(String word) {
            return RESERVED.get(word.toUpperCase(Locale.ROOT));
        }

        /** How messages name it. */
        String shown() {
            return shown;
        }
    }
}
