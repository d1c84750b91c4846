// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

/** What kind of message a record is. The wire carries {@link #id()}; ids are never reused. */
public enum BodyType {
    /** A message without body (jakarta.jms.Message). */
    MESSAGE(0),
    /** The value is text in UTF-8. */
    TEXT(1),
    /** The value is the bytes as they are. */
    BYTES(2),
    /** The value is a JSON object: {@link JsonBodyWriter}. */
    MAP(3),
    /** The value is a JSON array: {@link JsonBodyWriter}. */
    STREAM(4),
    /** The value is an object in the format of Java serialization. */
    OBJECT(5);

    private static final BodyType[] BY_ID = values();

    private final byte id;

    BodyType(int id) {
        this.id = (byte) id;
    }

    byte id() {
        return id;
    }

    /** The type with this id; one from a newer sender reads as {@link #BYTES}, so that the body is not lost. */
    static BodyType forId(byte id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : BYTES;
    }
}
