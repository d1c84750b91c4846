// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import java.util.Base64;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What JSON cannot tell of a value in the body of a MapMessage or StreamMessage (Jakarta Messaging 3.1, section 3.11.3).
 * The id goes on the wire, in the {@code jms} header; ids are never reused.
 */
enum ElementType {
    /**
     * What the JSON says: a string, true or false, null, a whole number that fits an int (Integer) or only a long
     * (Long), another number (Double).
     */
    NATURAL(0),
    BYTE(1),
    SHORT(2),
    /** One that would fit an int. */
    LONG(3),
    FLOAT(4),
    /** One that is no number, NaN or infinite: as a string. */
    DOUBLE(5),
    /** As a string of one UTF-16 unit. */
    CHAR(6),
    /** As a string in Base64. */
    BYTES(7);

    private static final ElementType[] BY_ID = values();
    private static final byte[] NONE = {};

    private final byte id;

    ElementType(int id) {
        this.id = (byte) id;
    }

    /** The type with this id; one from a newer sender reads as {@link #NATURAL}. */
    static ElementType forId(byte id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : NATURAL;
    }

    /**
     * The types of the values in their order, one byte each; empty when all are natural.
     *
     * @throws IllegalArgumentException when a value is of a type that such a body cannot hold
     */
    static byte[] of(Collection<? extends @Nullable Object> values) {
        byte[] types = new byte[values.size()];
        boolean allNatural = true;
        int i = 0;
        for (Object value : values) {
            ElementType type = of(value);
            types[i++] = type.id;
            allNatural &= type == NATURAL;
        }
        return allNatural ? NONE : types;
    }

    private static ElementType of(@Nullable Object value) {
        if (value == null || value instanceof String || value instanceof Integer || value instanceof Boolean) {
            return NATURAL;
        } else if (value instanceof Long number) {
            return number == number.intValue() ? LONG : NATURAL;
        } else if (value instanceof Double number) {
            return Double.isFinite(number) ? NATURAL : DOUBLE;
        } else if (value instanceof Float) {
            return FLOAT;
        } else if (value instanceof Byte) {
            return BYTE;
        } else if (value instanceof Short) {
            return SHORT;
        } else if (value instanceof Character) {
            return CHAR;
        } else if (value instanceof byte[]) {
            return BYTES;
        }
        throw new IllegalArgumentException("the body of a map or stream message cannot hold a "
                + value.getClass().getName() + "; only primitive wrappers, String and byte[]");
    }

    /** The value of this type that a JSON string or number holds; {@code null} when it holds none. */
    @Nullable
    Object parse(String text) {
        try {
            return switch (this) {
                case NATURAL -> null;
                case BYTE -> Byte.valueOf(text);
                case SHORT -> Short.valueOf(text);
                case LONG -> Long.valueOf(text);
                case FLOAT -> Float.valueOf(text);
                case DOUBLE -> Double.valueOf(text);
                case CHAR -> text.length() == 1 ? (Object) text.charAt(0) : null;
                case BYTES -> Base64.getDecoder().decode(text);
            };
        } catch (IllegalArgumentException e) {
            return null; // somebody changed the body on the way: then it is what the JSON says
        }
    }
}
