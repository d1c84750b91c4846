// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import org.jspecify.annotations.Nullable;

/** The types a property may have (Jakarta Messaging 3.1, section 3.5.4). The id goes on the wire. */
enum PropertyType {
    BOOLEAN(0),
    BYTE(1),
    SHORT(2),
    INT(3),
    LONG(4),
    FLOAT(5),
    DOUBLE(6),
    STRING(7);

    private static final PropertyType[] BY_ID = values();

    private final byte id;

    PropertyType(int id) {
        this.id = (byte) id;
    }

    byte id() {
        return id;
    }

    /** The type with this id, or {@code null}. */
    static @Nullable PropertyType forId(byte id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : null;
    }

    /** The type of a property's value; only a String can be null. */
    static PropertyType of(@Nullable Object value) {
        if (value == null || value instanceof String) {
            return STRING;
        } else if (value instanceof Integer) {
            return INT;
        } else if (value instanceof Long) {
            return LONG;
        } else if (value instanceof Boolean) {
            return BOOLEAN;
        } else if (value instanceof Double) {
            return DOUBLE;
        } else if (value instanceof Float) {
            return FLOAT;
        } else if (value instanceof Short) {
            return SHORT;
        } else if (value instanceof Byte) {
            return BYTE;
        }
        throw new IllegalArgumentException(
                "a property cannot be a " + value.getClass().getName() + "; only primitive wrappers and String");
    }

    /** The value from its readable form; the text itself where somebody changed it to what is not of this type. */
    Object parse(String text) {
        try {
            return parseStrictly(text);
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private Object parseStrictly(String text) {
        return switch (this) {
            case BOOLEAN -> text.equals("true") || text.equals("false") ? Boolean.valueOf(text) : text;
            case BYTE -> Byte.valueOf(text);
            case SHORT -> Short.valueOf(text);
            case INT -> Integer.valueOf(text);
            case LONG -> Long.valueOf(text);
            case FLOAT -> Float.valueOf(text);
            case DOUBLE -> Double.valueOf(text);
            case STRING -> text;
        };
    }
}
