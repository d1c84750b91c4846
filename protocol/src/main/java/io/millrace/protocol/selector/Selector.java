// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A message selector (Jakarta Messaging 3.1, section 3.8), checked and compiled. Immutable, safe for any thread. Two
 * selectors are equal when their texts are.
 *
 * <p>Where the specification leaves it open:
 *
 * <ul>
 *   <li>What cannot be right for any message is refused: a string or boolean literal in arithmetic, in BETWEEN, or
 *       beside an operator other than = and &lt;&gt;; a number or string as a condition.
 *   <li>Arithmetic with a property that is not a number gives what is like no value: comparisons with it are false.
 *   <li>NOT IN and NOT LIKE are true for a value that is not a String, being the negation of a false comparison; NOT
 *       BETWEEN is false, as its definition by &lt; and &gt; says.
 *   <li>A division of integers by zero has no value: it is treated as NULL. Other arithmetic overflows as in Java.
 *   <li>The escape character of a LIKE may only stand before {@code _}, {@code %} or itself (SQL92).
 * </ul>
 */
public final class Selector {
    /** The longest selector, in characters: bounds what one consumer's evaluation can cost. */
    public static final int MAX_LENGTH = 65_536;

    /** How deep parentheses may be nested: bounds the stack. */
    public static final int MAX_DEPTH = 128;

    private final String source;
    private final Condition condition;
    private final Set<String> identifiers;

    private Selector(String source, Condition condition, Set<String> identifiers) {
        this.source = source;
        this.condition = condition;
        this.identifiers = identifiers;
    }

    /**
     * Compiles a selector. An empty one, which by the specification means that there is no selector, is the caller's
     * matter and refused here.
     *
     * @throws InvalidSelectorException when it breaks the syntax, is longer than {@link #MAX_LENGTH} or nested deeper
     *     than {@link #MAX_DEPTH}
     */
    public static Selector parse(String source) throws InvalidSelectorException {
        if (source.length() > MAX_LENGTH) {
            throw new InvalidSelectorException(
                    source,
                    MAX_LENGTH,
                    "it has " + source.length() + " characters; at most " + MAX_LENGTH + " are allowed");
        }
        Parser parser = new Parser(source);
        return new Selector(source, parser.parse(), Set.copyOf(parser.identifiers()));
    }

    /** Whether the selector is true for a message with these fields; unknown does not match. */
    public boolean matches(SelectorFields fields) {
        return condition.test(fields) == Truth.TRUE;
    }

    /** The names of all header fields and properties it refers to. */
    public Set<String> identifiers() {
        return identifiers;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Selector selector && source.equals(selector.source);
    }

    @Override
    public int hashCode() {
        return source.hashCode();
    }

    /** The text it was made of. */
    @Override
    public String toString() {
        return source;
    }
}
