// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import java.util.List;
import java.util.Set;

/** A part of a selector that is true, false or unknown. Immutable. */
sealed interface Condition {
    Truth test(SelectorFields fields);

    record Comparison(Relation relation, Value left, Value right) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            return relation.test(left.of(fields), right.of(fields));
        }
    }

    /** A boolean identifier or literal as a condition: false when the value is of another type, as in a comparison. */
    record Flag(Value value) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            Object flag = value.of(fields);
            return flag == null ? Truth.UNKNOWN : Truth.of(Boolean.TRUE.equals(flag));
        }
    }

    /**
     * As the specification defines it: {@code >= AND <=}, and with NOT {@code < OR >}, which for a value that is not a
     * number is false in either case.
     */
    record Between(Value value, Value low, Value high, boolean negated) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            Object tested = value.of(fields);
            Object from = low.of(fields);
            Object to = high.of(fields);
            return negated
                    ? or(Relation.LESS.test(tested, from), Relation.GREATER.test(tested, to))
                    : or(
                                    Relation.GREATER_OR_EQUAL.test(tested, from).not(),
                                    Relation.LESS_OR_EQUAL.test(tested, to).not())
                            .not();
        }

        private static Truth or(Truth left, Truth right) {
            if (left == Truth.TRUE || right == Truth.TRUE) {
                return Truth.TRUE;
            }
            return left == Truth.UNKNOWN || right == Truth.UNKNOWN ? Truth.UNKNOWN : Truth.FALSE;
        }
    }

    record In(Value.Identifier identifier, Set<String> strings) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            Object value = identifier.of(fields);
            return value == null ? Truth.UNKNOWN : Truth.of(value instanceof String text && strings.contains(text));
        }
    }

    record Like(Value.Identifier identifier, LikePattern pattern) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            Object value = identifier.of(fields);
            return value == null ? Truth.UNKNOWN : Truth.of(value instanceof String text && pattern.matches(text));
        }
    }

    record IsNull(Value.Identifier identifier) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            return Truth.of(identifier.of(fields) == null);
        }
    }

    record Not(Condition condition) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            return condition.test(fields).not();
        }
    }

    record And(List<Condition> conditions) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            return until(Truth.FALSE, Truth.TRUE, conditions, fields);
        }
    }

    record Or(List<Condition> conditions) implements Condition {
        @Override
        public Truth test(SelectorFields fields) {
            return until(Truth.TRUE, Truth.FALSE, conditions, fields);
        }
    }

    /** Evaluates from left to right until one decides; unknown when none does and one is unknown. */
    private static Truth until(Truth deciding, Truth otherwise, List<Condition> conditions, SelectorFields fields) {
        Truth result = otherwise;
        for (Condition condition : conditions) {
            Truth truth = condition.test(fields);
            if (truth == deciding) {
                return deciding;
            } else if (truth == Truth.UNKNOWN) {
                result = Truth.UNKNOWN;
            }
        }
        return result;
    }
}
