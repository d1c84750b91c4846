// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the body of a MapMessage as a JSON object and of a StreamMessage as a JSON array, so that every Kafka client can
 * read them; {@link ElementType} says what JSON cannot tell.
 *
 * <pre>
 * {"item":"hops","count":3,"price":1.5,"paid":true,"photo":"AQID","note":null}
 * ["hops",3,1.5]
 * </pre>
 *
 * No white space; text is UTF-8 as it is, only quotes, backslashes, control characters and halves of surrogate pairs are
 * escaped.
 */
final class JsonBodyWriter {
    private final StringBuilder out = new StringBuilder();

    private JsonBodyWriter() {}

    static byte[] map(Map<String, ? extends @Nullable Object> values) {
        JsonBodyWriter writer = new JsonBodyWriter();
        char separator = '{';
        for (Map.Entry<String, ? extends @Nullable Object> entry : values.entrySet()) {
            writer.out.append(separator);
            writer.string(entry.getKey());
            writer.out.append(':');
            writer.value(entry.getValue());
            separator = ',';
        }
        return writer.end(values.isEmpty() ? "{}" : "}");
    }

    static byte[] stream(List<? extends @Nullable Object> values) {
        JsonBodyWriter writer = new JsonBodyWriter();
        char separator = '[';
        for (Object value : values) {
            writer.out.append(separator);
            writer.value(value);
            separator = ',';
        }
        return writer.end(values.isEmpty() ? "[]" : "]");
    }

    private byte[] end(String closing) {
        return out.append(closing).toString().getBytes(UTF_8);
    }

    private void value(@Nullable Object value) {
        if (value == null) {
            out.append("null");
        } else if (value instanceof byte[] bytes) {
            out.append('"').append(Base64.getEncoder().encodeToString(bytes)).append('"');
        } else if (value instanceof String || value instanceof Character || isNoJsonNumber(value)) {
            string(value.toString());
        } else {
            out.append(value); // true, false or a number
        }
    }

    private static boolean isNoJsonNumber(Object value) {
        return (value instanceof Double || value instanceof Float) && !Double.isFinite(((Number) value).doubleValue());
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || isLoneSurrogate(text, i)) {
                escape(c);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /** Half of a pair, which UTF-8 cannot encode. */
    private static boolean isLoneSurrogate(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }

    private void escape(char c) {
        switch (c) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> out.append(String.format("\\u%04x", (int) c));
        }
    }
}
