// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.MessageFormatException;
import org.jspecify.annotations.Nullable;

/** The values that MapMessages and StreamMessages hold (Jakarta Messaging 3.1, section 3.11.3). */
final class BodyValues {
    private BodyValues() {}

    /** The value as a message keeps it: arrays are copied (section 3.12). */
    static @Nullable Object checked(@Nullable Object value) throws MessageFormatException {
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        }
        if (value == null
                || value instanceof Boolean
                || value instanceof Byte
                || value instanceof Short
                || value instanceof Character
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double
                || value instanceof String) {
            return value;
        }
        throw new MessageFormatException("A value of type " + value.getClass().getName()
                + " cannot be in the body of a MapMessage or StreamMessage: only primitive types, String and byte[].");
    }

    /** The value as an application gets it: arrays are copied (section 3.12). */
    static @Nullable Object copied(@Nullable Object value) {
        return value instanceof byte[] bytes ? bytes.clone() : value;
    }

    /** A part of an array as a message keeps it. */
    static byte @Nullable [] part(byte @Nullable [] value, int offset, int length) {
        if (value == null) {
            return null;
        }
        if (offset < 0 || length < 0 || offset > value.length - length) {
            throw new IndexOutOfBoundsException(
                    "offset " + offset + " and length " + length + " are not within an array of " + value.length);
        }
        byte[] part = new byte[length];
        System.arraycopy(value, offset, part, 0, length);
        return part;
    }
}
