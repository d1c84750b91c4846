// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.MessageFormatException;
import org.jspecify.annotations.Nullable;

/**
 * The conversion tables of Jakarta Messaging 3.1, sections 3.5.4 (properties) and 3.11.3 (map and stream values, which
 * may be chars and byte arrays, too): a value widens, anything but a byte array goes to String, a String to anything but
 * a char, the rest is refused. An absent value behaves like the {@code null}
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

    static char toChar(@Nullable Object value) throws MessageFormatException {
        if (value instanceof Character character) {
            return character;
        }
        if (value == null) {
            throw new NullPointerException("an absent value is no char");
        }
        throw refused(value, "char");
    }

    static byte @Nullable [] toBytes(@Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value == null) {
            return null;
        }
        throw refused(value, "byte[]");
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

    static MessageFormatException refused(Object value, String type) {
        return new MessageFormatException("A value of type "
                + value.getClass().getSimpleName()
                + " cannot be read as "
                + type
                + " (Jakarta Messaging 3.1, sections 3.5.4 and 3.11.3).");
    }
}
