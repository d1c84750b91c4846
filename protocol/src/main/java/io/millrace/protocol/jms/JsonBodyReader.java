// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON of a MapMessage or StreamMessage ({@link JsonBodyWriter}), or what a Kafka producer wrote as one. One
 * pass without recursion, so the memory it takes is bounded by the body's size. A nested object or array, which a
 * message cannot hold, is its text.
 */
final class JsonBodyReader {
    private final String json;
    private final byte[] types;
    private int at;
    private int index;

    private JsonBodyReader(String json, byte[] types) {
        this.json = json;
        this.types = types;
    }

    /** What is not such JSON; kept in here. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** The values by name, of several with one name the last; {@code null} when the body is no JSON object. */
    static @Nullable Map<String, @Nullable Object> map(byte @Nullable [] body, byte[] types) {
        if (body == null) {
            return Map.of();
        }
        String json = Utf8.decode(body);
        try {
            return json == null ? null : new JsonBodyReader(json, types).object();
        } catch (Malformed e) {
            return null; // the caller delivers the bytes as they are
        }
    }

    /** The values; {@code null} when the body is no JSON array. */
    static @Nullable List<@Nullable Object> stream(byte @Nullable [] body, byte[] types) {
        if (body == null) {
            return List.of();
        }
        String json = Utf8.decode(body);
        try {
            return json == null ? null : new JsonBodyReader(json, types).array();
        } catch (Malformed e) {
            return null; // the caller delivers the bytes as they are
        }
    }

    private Map<String, @Nullable Object> object() throws Malformed {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        require('{');
        if (!accept('}')) {
            do {
                skipWhitespace();
                String name = string();
                if (name.isEmpty()) {
                    throw new Malformed(); // no name that a MapMessage can have
                }
                require(':');
                values.put(name, value());
            } while (accept(','));
            require('}');
        }
        requireEnd();
        return values;
    }

    private List<@Nullable Object> array() throws Malformed {
        List<@Nullable Object> values = new ArrayList<>();
        require('[');
        if (!accept(']')) {
            do {
                values.add(value());
            } while (accept(','));
            require(']');
        }
        requireEnd();
        return values;
    }

    private @Nullable Object value() throws Malformed {
        ElementType type = index < types.length ? ElementType.forId(types[index]) : ElementType.NATURAL;
        index++;
        skipWhitespace();
        switch (peek()) {
            case '"' -> {
                String text = string();
                Object typed = type.parse(text);
                return typed == null ? text : typed;
            }
            case '{', '[' -> {
                return nested();
            }
            case 't' -> {
                word("true");
                return true;
            }
            case 'f' -> {
                word("false");
                return false;
            }
            case 'n' -> {
                word("null");
                return null;
            }
            default -> {
                String number = number();
                Object typed = type == ElementType.CHAR || type == ElementType.BYTES ? null : type.parse(number);
                return typed == null ? naturalNumber(number) : typed;
            }
        }
    }

    private static Object naturalNumber(String number) {
        boolean whole = number.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E');
        if (!whole) {
            return Double.valueOf(number);
        }
        try {
            long value = Long.parseLong(number);
            return value == (int) value ? (Object) (int) value : (Object) value;
        } catch (NumberFormatException e) {
            return number; // more digits than a long has: none of them may get lost
        }
    }

    private String number() throws Malformed {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        int firstDigit = at;
        digits();
        if (json.charAt(firstDigit) == '0' && at > firstDigit + 1) {
            throw new Malformed();
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        return json.substring(start, at);
    }

    private void digits() throws Malformed {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start) {
            throw new Malformed();
        }
    }

    private String string() throws Malformed {
        if (peek() != '"') {
            throw new Malformed();
        }
        int start = ++at;
        StringBuilder unescaped = null;
        while (true) {
            if (at == json.length() || json.charAt(at) < ' ') {
                throw new Malformed();
            }
            char c = json.charAt(at++);
            if (c == '"') {
                return unescaped == null ? json.substring(start, at - 1) : unescaped.toString();
            } else if (c == '\\') {
                if (unescaped == null) {
                    unescaped = new StringBuilder(json.substring(start, at - 1));
                }
                unescaped.append(escaped());
            } else if (unescaped != null) {
                unescaped.append(c);
            }
        }
    }

    private char escaped() throws Malformed {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexadecimal();
            default -> throw new Malformed();
        };
    }

    private char hexadecimal() throws Malformed {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = peek() < 128 ? Character.digit(peek(), 16) : -1;
            if (digit < 0) {
                throw new Malformed();
            }
            value = value * 16 + digit;
            at++;
        }
        return (char) value;
    }

    /** The text of an object or array; what is between its brackets is not checked but for strings and brackets. */
    private String nested() throws Malformed {
        int start = at;
        StringBuilder open = new StringBuilder();
        do {
            char c = peek();
            if (c == '"') {
                string();
                continue;
            } else if (c == '{' || c == '[') {
                open.append(c);
            } else if (c == '}' || c == ']') {
                if (open.charAt(open.length() - 1) != (c == '}' ? '{' : '[')) {
                    throw new Malformed();
                }
                open.setLength(open.length() - 1);
            } else if (c == END) {
                throw new Malformed();
            }
            at++;
        } while (!open.isEmpty());
        return json.substring(start, at);
    }

    private void word(String word) throws Malformed {
        if (!json.startsWith(word, at)) {
            throw new Malformed();
        }
        at += word.length();
    }

    /** Not in JSON outside of a string's escapes. */
    private static final char END = 0;

    private char peek() {
        return at < json.length() ? json.charAt(at) : END;
    }

    private void skipWhitespace() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
            at++;
        }
    }

    private boolean accept(char c) {
        skipWhitespace();
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private void require(char c) throws Malformed {
        if (!accept(c)) {
            throw new Malformed();
        }
    }

    private void requireEnd() throws Malformed {
        skipWhitespace();
        if (at != json.length()) {
            throw new Malformed();
        }
    }
}
