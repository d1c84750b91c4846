// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import io.millrace.protocol.selector.Numbers.Operation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a selector that has a value. Immutable. */
sealed interface Value {
    /**
     * The value of arithmetic with what is not a number: like no other value, so that each comparison with it is false
     * (Jakarta Messaging 3.1, section 3.8.1.1: a string in an arithmetic expression).
     */
    Object UNLIKE = new Object();

    /** A Number, String or Boolean, {@link #UNLIKE}, or {@code null} when it has no value. */
    @Nullable
    Object of(SelectorFields fields);

    /** Whether it can be a number for some message: false is known when the selector is parsed. */
    boolean mayBeNumber();

    record Literal(Object value) implements Value {
        @Override
        public Object of(SelectorFields fields) {
            return value;
        }

        @Override
        public boolean mayBeNumber() {
            return value instanceof Number;
        }
    }

    record Identifier(String name) implements Value {
        @Override
        public @Nullable Object of(SelectorFields fields) {
            return fields.get(name);
        }

        @Override
        public boolean mayBeNumber() {
            return true;
        }
    }

    /** An identifier alone in parentheses: it may stand wherever a value may, but not before IN, LIKE or IS. */
    record Parenthesized(Value inner) implements Value {
        @Override
        public @Nullable Object of(SelectorFields fields) {
            return inner.of(fields);
        }

        @Override
        public boolean mayBeNumber() {
            return inner.mayBeNumber();
        }
    }

    /** Unary plus or minus. */
    record Signed(Value operand, boolean negative) implements Value {
        @Override
        public @Nullable Object of(SelectorFields fields) {
            Object value = operand.of(fields);
            if (value instanceof Number number) {
                return Numbers.signed(number, negative);
            }
            return value == null ? null : UNLIKE;
        }

        @Override
        public boolean mayBeNumber() {
            return true;
        }
    }

    /** One operand of a {@link Chain}, with what is done with it. */
    record Step(Operation operation, Value operand) {}

    /** Operators of one precedence, from left to right; a list, so that a long chain is not a deep tree. */
    record Chain(Value first, List<Step> steps) implements Value {
        @Override
        public @Nullable Object of(SelectorFields fields) {
            Object result = first.of(fields);
            for (Step step : steps) {
                result = apply(step.operation(), result, step.operand().of(fields));
            }
            return result;
        }

        private static @Nullable Object apply(Operation operation, @Nullable Object left, @Nullable Object right) {
            if (left == null || right == null) {
                return null;
            } else if (left instanceof Number a && right instanceof Number b) {
                return Numbers.apply(operation, a, b);
            }
            return UNLIKE;
        }

        @Override
        public boolean mayBeNumber() {
            return true;
        }
    }

    /** A condition in parentheses that is compared with = or <>. */
    record Test(Condition condition) implements Value {
        @Override
        public @Nullable Object of(SelectorFields fields) {
            Truth truth = condition.test(fields);
            return truth == Truth.UNKNOWN ? null : (Object) (truth == Truth.TRUE);
        }

        @Override
        public boolean mayBeNumber() {
            return false;
        }
    }
}
