// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import org.jspecify.annotations.Nullable;

/**
 * Arithmetic and comparison by Java's numeric promotion (Jakarta Messaging 3.1, section 3.8.1.1): of the two operands'
 * types the widest of double, float and long counts, else int. Integers wrap around on overflow, as in Java.
 */
final class Numbers {
    private Numbers() {}

    enum Operation {
        ADD,
        SUBTRACT,
        MULTIPLY,
        DIVIDE
    }

    /** The result, or {@code null} for a division of integers by zero: no value, as SQL's NULL. */
    static @Nullable Number apply(Operation operation, Number left, Number right) {
        if (left instanceof Double || right instanceof Double) {
            return apply(operation, left.doubleValue(), right.doubleValue());
        } else if (left instanceof Float || right instanceof Float) {
            return apply(operation, left.floatValue(), right.floatValue());
        } else if (left instanceof Long || right instanceof Long) {
            return apply(operation, left.longValue(), right.longValue());
        }
        return apply(operation, left.intValue(), right.intValue());
    }

    private static Number apply(Operation operation, double left, double right) {
        return switch (operation) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
        };
    }

    private static Number apply(Operation operation, float left, float right) {
        return switch (operation) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
        };
    }

    private static @Nullable Number apply(Operation operation, long left, long right) {
        if (operation == Operation.DIVIDE) {
            return right == 0 ? null : (Number) (left / right);
        }
        return switch (operation) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            default -> left * right;
        };
    }

    private static @Nullable Number apply(Operation operation, int left, int right) {
        if (operation == Operation.DIVIDE) {
            return right == 0 ? null : (Number) (left / right);
        }
        return switch (operation) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            default -> left * right;
        };
    }

    /** Unary plus or minus, which promotes byte and short to int. */
    static Number signed(Number value, boolean negative) {
        if (value instanceof Double number) {
            return negative ? (Number) (-number) : number;
        } else if (value instanceof Float number) {
            return negative ? (Number) (-number) : number;
        } else if (value instanceof Long number) {
            return negative ? (Number) (-number) : number;
        }
        return negative ? -value.intValue() : value.intValue();
    }

    static boolean test(Relation relation, Number left, Number right) {
        if (left instanceof Double || right instanceof Double) {
            return test(relation, left.doubleValue(), right.doubleValue());
        } else if (left instanceof Float || right instanceof Float) {
            return test(relation, (double) left.floatValue(), (double) right.floatValue());
        }
        int order = Long.compare(left.longValue(), right.longValue());
        return switch (relation) {
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
            case GREATER -> order > 0;
            case GREATER_OR_EQUAL -> order >= 0;
        };
    }

    /** With Java's operators, not {@code compare}: NaN is equal to nothing and 0.0 equals -0.0. */
    private static boolean test(Relation relation, double left, double right) {
        return switch (relation) {
            case EQUAL -> left == right;
            case NOT_EQUAL -> left != right;
            case LESS -> left < right;
            case LESS_OR_EQUAL -> left <= right;
            case GREATER -> left > right;
            case GREATER_OR_EQUAL -> left >= right;
        };
    }
}
