// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.selector;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.selector.Token.Kind;

/** Cuts a selector into tokens, one at a time. For one thread. */
final class Lexer {
    private final String selector;
    private int at;

    Lexer(String selector) {
        this.selector = selector;
    }

    Token next() throws InvalidSelectorException {
        while (at < selector.length() && isWhitespace(selector.charAt(at))) {
            at++;
        }
        if (at == selector.length()) {
            return new Token(Kind.END, "", at);
        }
        char c = selector.charAt(at);
        if (c == '\'') {
            return string();
        } else if (isDigit(c) || (c == '.' && at + 1 < selector.length() && isDigit(selector.charAt(at + 1)))) {
            return number();
        } else if (Character.isJavaIdentifierStart(selector.codePointAt(at))) {
            return word();
        }
        return symbol(c);
    }

    /** Java's white space as the specification lists it, not Unicode's. */
    private static boolean isWhitespace(char c) {
        return c == ' ' || c == '\t' || c == '\f' || c == '\n' || c == '\r';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private Token string() throws InvalidSelectorException {
        int start = at;
        StringBuilder text = new StringBuilder();
        int from = start + 1;
        while (true) {
            int quote = selector.indexOf('\'', from);
            if (quote < 0) {
                throw new InvalidSelectorException(selector, start, "this string has no closing quote (')");
            }
            text.append(selector, from, quote);
            at = quote + 1;
            if (at == selector.length() || selector.charAt(at) != '\'') {
                return new Token(Kind.STRING, checked(text, start), start);
            }
            text.append('\'');
            from = at + 1;
        }
    }

    /** A selector travels and is kept as UTF-8: what that would replace must not select something else. */
    private String checked(StringBuilder text, int start) throws InvalidSelectorException {
        if (!UTF_8.newEncoder().canEncode(text)) {
            throw new InvalidSelectorException(
                    selector, start, "this string has an unpaired surrogate, which UTF-8 cannot hold");
        }
        return text.toString();
    }

    /**
     * Takes what belongs to a number in Java's literal syntax; {@link NumberLiteral} judges it. A sign belongs to it
     * after the e of a decimal or the p of a hexadecimal exponent.
     */
    private Token number() {
        int start = at;
        boolean hexadecimal = selector.startsWith("0x", at) || selector.startsWith("0X", at);
        while (at < selector.length()) {
            int c = selector.codePointAt(at);
            boolean exponent = hexadecimal ? c == 'p' || c == 'P' : c == 'e' || c == 'E';
            if (exponent && at + 1 < selector.length() && isSign(selector.charAt(at + 1))) {
                at += 2;
            } else if (c == '.' || Character.isJavaIdentifierPart(c)) {
                at += Character.charCount(c);
            } else {
                break;
            }
        }
        return new Token(Kind.NUMBER, selector.substring(start, at), start);
    }

    private static boolean isSign(char c) {
        return c == '+' || c == '-';
    }

    private Token word() {
        int start = at;
        while (at < selector.length() && Character.isJavaIdentifierPart(selector.codePointAt(at))) {
            at += Character.charCount(selector.codePointAt(at));
        }
        String word = selector.substring(start, at);
        Kind reserved = Kind.reserved(word);
        return reserved == null ? new Token(Kind.IDENTIFIER, word, start) : new Token(reserved, "", start);
    }

    private Token symbol(char c) throws InvalidSelectorException {
        char next = at + 1 < selector.length() ? selector.charAt(at + 1) : ' ';
        Kind kind = switch (c) {
            case '=' -> Kind.EQUAL;
            case '+' -> Kind.PLUS;
            case '-' -> Kind.MINUS;
            case '*' -> Kind.TIMES;
            case '/' -> Kind.DIVIDE;
            case '(' -> Kind.OPEN;
            case ')' -> Kind.CLOSE;
            case ',' -> Kind.COMMA;
            case '<' -> next == '>' ? Kind.NOT_EQUAL : next == '=' ? Kind.LESS_OR_EQUAL : Kind.LESS;
            case '>' -> next == '=' ? Kind.GREATER_OR_EQUAL : Kind.GREATER;
            default -> throw new InvalidSelectorException(selector, at, unexpected(c, next));
        };
        Token token = new Token(kind, "", at);
        at += kind.shown().length();
        return token;
    }

    private static String unexpected(char c, char next) {
        if (c == '"') {
            return "strings are in single quotes (')";
        } else if (c == '!' && next == '=') {
            return "\"not equal\" is written <>";
        }
        return "no part of a selector begins with this character";
    }
}
