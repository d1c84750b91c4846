// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.MessageFormatException;
import org.jspecify.annotations.Nullable;

/**
 * The conversion table of Jakarta Messaging 3.1, section 3.5.4 (the same for map and stream values, section 3.11.3): a
 * value widens, anything goes to and from String, the rest is refused. An absent value behaves like the {@code null}
 * argument of the type's {@code valueOf}.
 */
final class Conversions {
    private Conversions() {}

    static boolean toBoolean(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Boolean bool) {
            return bool;
        }
        if (value == null || value instanceof String) {
            return Boolean.parseBoolean((String) value);
        }
        throw refused(value, "boolean");
    }

    static byte toByte(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte number) {
            return number;
        }
        return Byte.parseByte(digits(value, "byte"));
    }

    static short toShort(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short) {
            return ((Number) value).shortValue();
        }
        return Short.parseShort(digits(value, "short"));
    }

    static int toInt(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
            return ((Number) value).intValue();
        }
        return Integer.parseInt(digits(value, "int"));
    }

    static long toLong(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Byte || value instanceof Short || value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        return Long.parseLong(digits(value, "long"));
    }

    static float toFloat(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Float number) {
            return number;
        }
        return Float.parseFloat(fraction(value, "float"));
    }

    static double toDouble(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Float || value instanceof Double) {
            return ((Number) value).doubleValue();
        }
        return Double.parseDouble(fraction(value, "double"));
    }

    static @Nullable String toText(@Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[]) {
            throw refused(value, "String");
        }
        return value == null ? null : value.toString();
    }

    private static String digits(@Nullable Object value, String type) throws MessageFormatException {
        if (value == null) {
            throw new NumberFormatException("an absent value is no " + type);
        }
        return text(value, type);
    }

    private static String fraction(@Nullable Object value, String type) throws MessageFormatException {
        if (value == null) {
            throw new NullPointerException("an absent value is no " + type);
        }
        return text(value, type);
    }

    private static String text(Object value, String type) throws MessageFormatException {
        if (value instanceof String text) {
            return text;
        }
        throw refused(value, type);
    }

    private static MessageFormatException refused(Object value, String type) {
        return new MessageFormatException("A value of type "
                + value.getClass().getSimpleName()
                + " cannot be read as "
                + type
                + " (Jakarta Messaging 3.1, section 3.5.4).");
    }
}
