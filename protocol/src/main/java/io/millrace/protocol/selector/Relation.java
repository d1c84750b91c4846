// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import org.jspecify.annotations.Nullable;

/** The comparison operators. */
enum Relation {
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL;

    static @Nullable Relation of(Token.Kind kind) {
        return switch (kind) {
            case EQUAL -> EQUAL;
            case NOT_EQUAL -> NOT_EQUAL;
            case LESS -> LESS;
            case LESS_OR_EQUAL -> LESS_OR_EQUAL;
            case GREATER -> GREATER;
            case GREATER_OR_EQUAL -> GREATER_OR_EQUAL;
            default -> null;
        };
    }

    /** Whether it asks which value comes first: for numbers only. */
    boolean isOrdering() {
        return this != EQUAL && this != NOT_EQUAL;
    }

    /**
     * Compares (Jakarta Messaging 3.1, section 3.8.1.1): unknown when a value is missing, false when the two are not of
     * like types or are not numbers where order is asked for.
     */
    Truth test(@Nullable Object left, @Nullable Object right) {
        if (left == null || right == null) {
            return Truth.UNKNOWN;
        } else if (left instanceof Number a && right instanceof Number b) {
            return Truth.of(Numbers.test(this, a, b));
        } else if (isOrdering()) {
            return Truth.FALSE;
        }
        boolean alike = (left instanceof String && right instanceof String)
                || (left instanceof Boolean && right instanceof Boolean);
        return Truth.of(alike && left.equals(right) == (this == EQUAL));
    }
}
