// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Random selectors against a second, naive reading of Jakarta Messaging 3.1, section 3.8.1: each generated expression
 * computes its own result with Boolean or null, decimals instead of promotion, and regular expressions for LIKE. Numbers
 * stay small and dyadic, so that both agree exactly.
 */
class SelectorDifferentialTest {
    private static final int ROUNDS = 20_000;
    private static final String NOT_A_NUMBER = "not a number";

    private interface Naive {
        Object value(Map<String, Object> message);
    }

    /** Text with how tightly its outermost operator binds, and what it means. */
    private record Generated(String text, int precedence, Naive meaning) {}

    private Random random;

    @Test
    void agreesWithANaiveEvaluation() throws Exception {
        long seed = System.nanoTime();
        random = new Random(seed);
        System.out.println("SelectorDifferentialTest seed " + seed);
        int[] seen = new int[3];
        for (int round = 0; round < ROUNDS; round++) {
            Generated generated = condition(4);
            Map<String, Object> message = message();
            Boolean expected = (Boolean) generated.meaning().value(message);
            String hint = "seed " + seed + ", round " + round + ": " + generated.text() + " on " + message;
            seen[expected == null ? 0 : expected ? 1 : 2]++;

            boolean matches = Selector.parse(generated.text()).matches(message::get);
            boolean negationMatches =
                    Selector.parse("NOT (" + generated.text() + ")").matches(message::get);

            assertEquals(Boolean.TRUE.equals(expected), matches, hint);
            assertEquals(Boolean.FALSE.equals(expected), negationMatches, hint);
        }
        for (int truth = 0; truth < 3; truth++) {
            assertTrue(seen[truth] > ROUNDS / 20, "seed " + seed + ": too few of one truth value");
        }
    }

    private Map<String, Object> message() {
        Map<String, Object> message = new HashMap<>();
        for (String name : List.of("a", "b", "c", "d")) {
            Object value = switch (random.nextInt(8)) {
                case 0 -> (byte) (random.nextInt(9) - 4);
                case 1 -> random.nextInt(9) - 4;
                case 2 -> (long) (random.nextInt(9) - 4);
                case 3 -> (random.nextInt(17) - 8) / 4f;
                case 4 -> (random.nextInt(17) - 8) / 4.0;
                case 5 -> random.nextBoolean();
                case 6 -> string();
                default -> null;
            };
            if (value != null) {
                message.put(name, value);
            }
        }
        return message;
    }

    private String string() {
        return random.ints(random.nextInt(4), 0, 4)
                .mapToObj(i -> String.valueOf("xy%_".charAt(i)))
                .collect(Collectors.joining());
    }

    private Generated condition(int depth) {
        int kind = depth == 0 ? 3 + random.nextInt(6) : random.nextInt(9);
        return switch (kind) {
            case 0 -> logical(depth, "OR", 1);
            case 1 -> logical(depth, "AND", 2);
            case 2 -> {
                Generated inner = condition(depth - 1);
                yield new Generated(
                        word("NOT") + " " + inside(inner, 3),
                        3,
                        message -> not((Boolean) inner.meaning().value(message)));
            }
            case 3, 4 -> comparison();
            case 5 -> between();
            case 6 -> in();
            case 7 -> like();
            default -> {
                String name = name();
                boolean negated = random.nextBoolean();
                yield new Generated(
                        name + " " + word("IS") + (negated ? " NOT" : "") + " " + word("NULL"),
                        4,
                        message -> (message.get(name) == null) != negated);
            }
        };
    }

    private Generated logical(int depth, String operator, int precedence) {
        Generated left = condition(depth - 1);
        Generated right = condition(depth - 1);
        boolean or = operator.equals("OR");
        return new Generated(
                inside(left, precedence) + " " + word(operator) + " " + inside(right, precedence),
                precedence,
                message -> {
                    Boolean a = (Boolean) left.meaning().value(message);
                    Boolean b = (Boolean) right.meaning().value(message);
                    if (Boolean.valueOf(or).equals(a) || Boolean.valueOf(or).equals(b)) {
                        return or;
                    }
                    return (a == null || b == null) ? null : !or;
                });
    }

    private Generated comparison() {
        String operator = List.of("=", "<>", "<", "<=", ">", ">=").get(random.nextInt(6));
        boolean equality = operator.equals("=") || operator.equals("<>");
        Generated left = equality && random.nextInt(3) == 0 ? literal() : arithmetic(2);
        Generated right = equality && random.nextInt(3) == 0 ? literal() : arithmetic(2);
        return new Generated(
                inside(left, 5) + space() + operator + space() + inside(right, 5),
                4,
                message -> compare(
                        operator, left.meaning().value(message), right.meaning().value(message)));
    }

    private Generated literal() {
        if (random.nextBoolean()) {
            boolean value = random.nextBoolean();
            return new Generated(word(value ? "TRUE" : "FALSE"), 9, message -> value);
        }
        String value = string();
        return new Generated("'" + value + "'", 9, message -> value);
    }

    private Generated between() {
        Generated value = arithmetic(1);
        Generated low = arithmetic(1);
        Generated high = arithmetic(1);
        boolean negated = random.nextBoolean();
        return new Generated(
                inside(value, 5) + (negated ? " NOT" : "") + " " + word("BETWEEN") + " " + inside(low, 5) + " "
                        + word("AND") + " " + inside(high, 5),
                4,
                message -> {
                    Object x = value.meaning().value(message);
                    Boolean a = compare(negated ? "<" : ">=", x, low.meaning().value(message));
                    Boolean b = compare(negated ? ">" : "<=", x, high.meaning().value(message));
                    if (Boolean.valueOf(negated).equals(a)
                            || Boolean.valueOf(negated).equals(b)) {
                        return negated;
                    }
                    return (a == null || b == null) ? null : !negated;
                });
    }

    private Generated in() {
        String name = name();
        boolean negated = random.nextBoolean();
        List<String> strings = List.of(string(), string(), string());
        return new Generated(
                name
                        + (negated ? " NOT " : " ")
                        + word("IN")
                        + space()
                        + strings.stream().map(s -> "'" + s + "'").collect(Collectors.joining(", ", "(", ")")),
                4,
                message -> message.get(name) == null ? null : strings.contains(message.get(name)) != negated);
    }

    private Generated like() {
        String name = name();
        boolean negated = random.nextBoolean();
        List<String> parts = new ArrayList<>();
        StringBuilder regex = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            String part = List.of("x", "y", "%", "_", "!%", "!_").get(random.nextInt(6));
            parts.add(part);
            regex.append(
                    switch (part) {
                        case "%" -> ".*";
                        case "_" -> ".";
                        default -> Pattern.quote(part.substring(part.length() - 1));
                    });
        }
        return new Generated(
                name + (negated ? " NOT " : " ") + word("LIKE") + " '" + String.join("", parts) + "' " + word("ESCAPE")
                        + " '!'",
                4,
                message -> {
                    Object value = message.get(name);
                    return value == null
                            ? null
                            : (value instanceof String text && text.matches(regex.toString())) != negated;
                });
    }

    private Generated arithmetic(int depth) {
        int kind = depth == 0 ? random.nextInt(2) : random.nextInt(5);
        return switch (kind) {
            case 0 -> {
                String literal = random.nextInt(9) + (random.nextBoolean() ? "" : ".25");
                yield new Generated(literal, 9, message -> new BigDecimal(literal));
            }
            case 1 -> {
                String name = name();
                yield new Generated(name, 9, message -> number(message.get(name)));
            }
            case 2 -> binary(depth, 5, random.nextBoolean() ? "+" : "-");
            case 3 -> binary(depth, 6, "*");
            default -> {
                Generated inner = arithmetic(depth - 1);
                yield new Generated("- " + inside(inner, 7), 7, message -> {
                    Object value = inner.meaning().value(message);
                    return value instanceof BigDecimal number
                            ? number.negate()
                            : value == null ? null : NOT_A_NUMBER + " in arithmetic";
                });
            }
        };
    }

    private Generated binary(int depth, int precedence, String operator) {
        Generated left = arithmetic(depth - 1);
        Generated right = arithmetic(depth - 1);
        BinaryOperator<BigDecimal> operation = switch (operator) {
            case "+" -> BigDecimal::add;
            case "-" -> BigDecimal::subtract;
            default -> BigDecimal::multiply;
        };
        return new Generated(
                inside(left, precedence) + space() + operator + " " + inside(right, precedence + 1),
                precedence,
                message -> {
                    Object a = left.meaning().value(message);
                    Object b = right.meaning().value(message);
                    if (a == null || b == null) {
                        return null;
                    }
                    return a instanceof BigDecimal x && b instanceof BigDecimal y
                            ? operation.apply(x, y)
                            : NOT_A_NUMBER + " in arithmetic";
                });
    }

    private static Object number(Object value) {
        return value instanceof Number number ? new BigDecimal(number.toString()) : value;
    }

    private static Boolean compare(String operator, Object left, Object right) {
        if (left == null || right == null) {
            return null;
        }
        if (left instanceof BigDecimal a && right instanceof BigDecimal b) {
            int order = a.compareTo(b);
            return switch (operator) {
                case "=" -> order == 0;
                case "<>" -> order != 0;
                case "<" -> order < 0;
                case "<=" -> order <= 0;
                case ">" -> order > 0;
                default -> order >= 0;
            };
        }
        boolean likeTypes = left.getClass() == right.getClass()
                && !left.toString().startsWith(NOT_A_NUMBER)
                && !right.toString().startsWith(NOT_A_NUMBER);
        return switch (operator) {
            case "=" -> likeTypes && left.equals(right);
            case "<>" -> likeTypes && !left.equals(right);
            default -> false;
        };
    }

    private static Boolean not(Boolean value) {
        return value == null ? null : !value;
    }

    private String inside(Generated inner, int precedence) {
        boolean needed = inner.precedence() < precedence;
        return needed || random.nextInt(6) == 0 ? "(" + inner.text() + ")" : inner.text();
    }

    private String name() {
        return String.valueOf("abcd".charAt(random.nextInt(4)));
    }

    private String word(String reserved) {
        return random.nextBoolean() ? reserved : reserved.toLowerCase(Locale.ROOT);
    }

    private String space() {
        return random.nextBoolean() ? " " : "\n\t";
    }
}
