// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import io.millrace.protocol.selector.Numbers.Operation;
import io.millrace.protocol.selector.Token.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one selector by recursive descent. For one thread.
 *
 * <pre>
 * condition  = and { OR and }
 * and        = not { AND not }
 * not        = { NOT } predicate
 * predicate  = sum [ relation sum
 *            | [NOT] BETWEEN sum AND sum
 *            | [NOT] IN ( string { , string } )
 *            | [NOT] LIKE string [ ESCAPE string ]
 *            | IS [NOT] NULL ]
 * sum        = product { (+|-) product }
 * product    = signed { (*|/) signed }
 * signed     = { +|- } ( literal | identifier | ( condition ) )
 * </pre>
 *
 * The left side of IN, LIKE and IS is an identifier. Only parentheses recurse, so {@link Selector#MAX_DEPTH} bounds the
 * stack, of evaluation as well.
 */
final class Parser {
    private static final Set<String> HEADER_FIELDS =
            Set.of("JMSDeliveryMode", "JMSPriority", "JMSMessageID", "JMSTimestamp", "JMSCorrelationID", "JMSType");

    private final String selector;
    private final Lexer lexer;
    private final Set<String> identifiers = new HashSet<>();
    private Token token;
    private int depth;

    Parser(String selector) throws InvalidSelectorException {
        this.selector = selector;
        this.lexer = new Lexer(selector);
        this.token = lexer.next();
    }

    Set<String> identifiers() {
        return identifiers;
    }

    Condition parse() throws InvalidSelectorException {
        int start = token.position();
        Condition condition = asCondition(condition(), start);
        if (token.kind() != Kind.END) {
            throw expected("an operator or " + Kind.END.shown());
        }
        return condition;
    }

    /** A condition, or a value that may still become a part of a comparison. */
    private Value condition() throws InvalidSelectorException {
        int start = token.position();
        Value first = and();
        if (token.kind() != Kind.OR) {
            return first;
        }
        List<Condition> conditions = new ArrayList<>();
        conditions.add(asCondition(first, start));
        while (accept(Kind.OR)) {
            int position = token.position();
            conditions.add(asCondition(and(), position));
        }
        return new Value.Test(new Condition.Or(List.copyOf(conditions)));
    }

    private Value and() throws InvalidSelectorException {
        int start = token.position();
        Value first = not();
        if (token.kind() != Kind.AND) {
            return first;
        }
        List<Condition> conditions = new ArrayList<>();
        conditions.add(asCondition(first, start));
        while (accept(Kind.AND)) {
            int position = token.position();
            conditions.add(asCondition(not(), position));
        }
        return new Value.Test(new Condition.And(List.copyOf(conditions)));
    }

    private Value not() throws InvalidSelectorException {
        boolean any = false;
        boolean negated = false;
        while (accept(Kind.NOT)) {
            any = true;
            negated = !negated;
        }
        int position = token.position();
        Value predicate = predicate();
        if (!any) {
            return predicate;
        }
        Condition condition = asCondition(predicate, position);
        return new Value.Test(negated ? new Condition.Not(condition) : condition);
    }

    private Value predicate() throws InvalidSelectorException {
        int start = token.position();
        Value left = sum();
        Relation relation = Relation.of(token.kind());
        if (relation != null) {
            return new Value.Test(comparison(relation, left, start));
        }
        if (token.kind() == Kind.IS) {
            return new Value.Test(isNull(identifier(left, start)));
        }
        boolean negated = accept(Kind.NOT);
        Condition condition = switch (token.kind()) {
            case BETWEEN -> between(left, start, negated);
            case IN -> negatedIf(negated, in(identifier(left, start)));
            case LIKE -> negatedIf(negated, like(identifier(left, start)));
            default -> null;
        };
        if (condition != null) {
            return new Value.Test(condition);
        } else if (negated) {
            throw expected("BETWEEN, IN or LIKE");
        }
        return left;
    }

    private static Condition negatedIf(boolean negated, Condition condition) {
        return negated ? new Condition.Not(condition) : condition;
    }

    private Condition comparison(Relation relation, Value left, int start) throws InvalidSelectorException {
        advance();
        int position = token.position();
        Value right = sum();
        if (relation.isOrdering()) {
            requireNumber(left, start);
            requireNumber(right, position);
        }
        if (Relation.of(token.kind()) != null) {
            throw expected("AND, OR or " + Kind.END.shown() + ": comparisons cannot be chained");
        }
        return new Condition.Comparison(relation, left, right);
    }

    private Condition between(Value value, int start, boolean negated) throws InvalidSelectorException {
        requireNumber(value, start);
        advance();
        int lowAt = token.position();
        Value low = sum();
        requireNumber(low, lowAt);
        require(Kind.AND);
        int highAt = token.position();
        Value high = sum();
        requireNumber(high, highAt);
        return new Condition.Between(value, low, high, negated);
    }

    private Condition in(Value.Identifier identifier) throws InvalidSelectorException {
        advance();
        require(Kind.OPEN);
        Set<String> strings = new HashSet<>();
        do {
            strings.add(require(Kind.STRING).text());
        } while (accept(Kind.COMMA));
        if (token.kind() != Kind.CLOSE) {
            throw expected(", or )");
        }
        advance();
        return new Condition.In(identifier, Set.copyOf(strings));
    }

    private Condition like(Value.Identifier identifier) throws InvalidSelectorException {
        advance();
        Token pattern = require(Kind.STRING);
        int escape = -1;
        if (accept(Kind.ESCAPE)) {
            Token character = require(Kind.STRING);
            if (character.text().codePointCount(0, character.text().length()) != 1) {
                throw new InvalidSelectorException(
                        selector, character.position(), "the escape must be exactly one character");
            }
            escape = character.text().codePointAt(0);
        }
        try {
            return new Condition.Like(identifier, LikePattern.compile(pattern.text(), escape));
        } catch (IllegalArgumentException e) {
            throw invalid(pattern.position(), e);
        }
    }

    private Condition isNull(Value.Identifier identifier) throws InvalidSelectorException {
        advance();
        boolean negated = accept(Kind.NOT);
        if (token.kind() != Kind.NULL) {
            throw expected(negated ? "NULL" : "NULL or NOT NULL");
        }
        advance();
        return negatedIf(negated, new Condition.IsNull(identifier));
    }

    private Value sum() throws InvalidSelectorException {
        int start = token.position();
        Value first = product();
        List<Value.Step> steps = null;
        while (token.kind() == Kind.PLUS || token.kind() == Kind.MINUS) {
            if (steps == null) {
                requireNumber(first, start);
                steps = new ArrayList<>();
            }
            Operation operation = token.kind() == Kind.PLUS ? Operation.ADD : Operation.SUBTRACT;
            advance();
            int position = token.position();
            Value operand = product();
            requireNumber(operand, position);
            steps.add(new Value.Step(operation, operand));
        }
        return chain(first, steps);
    }

    private Value product() throws InvalidSelectorException {
        int start = token.position();
        Value first = signed();
        List<Value.Step> steps = null;
        while (token.kind() == Kind.TIMES || token.kind() == Kind.DIVIDE) {
            if (steps == null) {
                requireNumber(first, start);
                steps = new ArrayList<>();
            }
            Operation operation = token.kind() == Kind.TIMES ? Operation.MULTIPLY : Operation.DIVIDE;
            advance();
            int position = token.position();
            Value operand = signed();
            requireNumber(operand, position);
            steps.add(new Value.Step(operation, operand));
        }
        return chain(first, steps);
    }

    private static Value chain(Value first, @Nullable List<Value.Step> steps) {
        return steps == null ? first : new Value.Chain(first, List.copyOf(steps));
    }

    private Value signed() throws InvalidSelectorException {
        boolean any = false;
        boolean negative = false;
        boolean minusBefore = false;
        while (token.kind() == Kind.PLUS || token.kind() == Kind.MINUS) {
            any = true;
            minusBefore = token.kind() == Kind.MINUS;
            negative ^= minusBefore;
            advance();
        }
        int position = token.position();
        if (token.kind() == Kind.NUMBER) {
            Value number = number(minusBefore);
            return negative == minusBefore ? number : new Value.Signed(number, true);
        }
        Value operand = primary();
        if (!any) {
            return operand;
        }
        requireNumber(operand, position);
        return new Value.Signed(operand, negative);
    }

    private Value number(boolean negative) throws InvalidSelectorException {
        Token literal = token;
        try {
            Value number = new Value.Literal(NumberLiteral.parse(literal.text(), negative));
            advance();
            return number;
        } catch (NumberFormatException e) {
            throw invalid(literal.position(), e);
        }
    }

    private Value primary() throws InvalidSelectorException {
        Token first = token;
        switch (first.kind()) {
            case STRING -> {
                advance();
                return new Value.Literal(first.text());
            }
            case TRUE, FALSE -> {
                advance();
                return new Value.Literal(first.kind() == Kind.TRUE);
            }
            case IDENTIFIER -> {
                checkIdentifier(first);
                advance();
                identifiers.add(first.text());
                return new Value.Identifier(first.text());
            }
            case OPEN -> {
                return parenthesized();
            }
            default -> throw expected("a literal, an identifier, NOT or (");
        }
    }

    private Value parenthesized() throws InvalidSelectorException {
        depth++;
        if (depth > Selector.MAX_DEPTH) {
            throw new InvalidSelectorException(
                    selector, token.position(), "parentheses are nested deeper than " + Selector.MAX_DEPTH);
        }
        advance();
        Value inner = condition();
        if (token.kind() != Kind.CLOSE) {
            throw expected("an operator or )");
        }
        advance();
        depth--;
        // What stands alone in parentheses is no identifier in the sense of IN, LIKE and IS.
        return inner instanceof Value.Identifier ? new Value.Parenthesized(inner) : inner;
    }

    private void checkIdentifier(Token name) throws InvalidSelectorException {
        String text = name.text();
        if (text.startsWith("JMS")
                && !text.startsWith("JMSX")
                && !text.startsWith("JMS_")
                && !HEADER_FIELDS.contains(text)) {
            throw new InvalidSelectorException(
                    selector,
                    name.position(),
                    "of the header fields only JMSDeliveryMode, JMSPriority, JMSMessageID, JMSTimestamp,"
                            + " JMSCorrelationID and JMSType can be selected; no other name may begin with JMS,"
                            + " but for JMSX and JMS_ properties");
        }
    }

    private Value.Identifier identifier(Value value, int position) throws InvalidSelectorException {
        if (value instanceof Value.Identifier identifier) {
            return identifier;
        }
        throw new InvalidSelectorException(
                selector, position, "on the left of " + token.kind().shown() + " only an identifier may stand");
    }

    private Condition asCondition(Value value, int position) throws InvalidSelectorException {
        if (value instanceof Value.Test test) {
            return test.condition();
        } else if (value instanceof Value.Identifier
                || value instanceof Value.Parenthesized
                || (value instanceof Value.Literal literal && literal.value() instanceof Boolean)) {
            return new Condition.Flag(value);
        }
        throw new InvalidSelectorException(
                selector, position, "expected a condition (a comparison or a boolean), found a number or string");
    }

    private void requireNumber(Value value, int position) throws InvalidSelectorException {
        if (!value.mayBeNumber()) {
            throw new InvalidSelectorException(
                    selector,
                    position,
                    "expected a number: arithmetic, BETWEEN and order are for numbers only;"
                            + " strings and booleans can be compared with = and <>");
        }
    }

    private void advance() throws InvalidSelectorException {
        token = lexer.next();
    }

    private boolean accept(Kind kind) throws InvalidSelectorException {
        if (token.kind() != kind) {
            return false;
        }
        advance();
        return true;
    }

    private Token require(Kind kind) throws InvalidSelectorException {
        if (token.kind() != kind) {
            throw expected(kind.shown());
        }
        Token found = token;
        advance();
        return found;
    }

    private InvalidSelectorException expected(String what) {
        String found = token.kind() == Kind.IDENTIFIER
                ? "\"" + token.text() + "\""
                : token.kind().shown();
        return new InvalidSelectorException(selector, token.position(), "expected " + what + ", found " + found);
    }

    private InvalidSelectorException invalid(int position, IllegalArgumentException cause) {
        InvalidSelectorException invalid =
                new InvalidSelectorException(selector, position, String.valueOf(cause.getMessage()));
        invalid.initCause(cause);
        return invalid;
    }
}
