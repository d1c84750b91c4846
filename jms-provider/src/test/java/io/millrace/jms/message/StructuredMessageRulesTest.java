// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.StreamMessage;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** MapMessage and StreamMessage against the letter of Jakarta Messaging 3.1, sections 3.10 to 3.12. */
class StructuredMessageRulesTest {

    /** Reads a value in one of the ways, from a map by name and from a stream. */
    private record Getter(Reader<MapMessage> map, Reader<StreamMessage> stream) {}

    private interface Reader<M> {
        Object read(M message) throws JMSException;
    }

    private static final Map<String, Getter> GETTERS = new LinkedHashMap<>();

    static {
        GETTERS.put("boolean", new Getter(map -> map.getBoolean("v"), StreamMessage::readBoolean));
        GETTERS.put("byte", new Getter(map -> map.getByte("v"), StreamMessage::readByte));
        GETTERS.put("short", new Getter(map -> map.getShort("v"), StreamMessage::readShort));
        GETTERS.put("char", new Getter(map -> map.getChar("v"), StreamMessage::readChar));
        GETTERS.put("int", new Getter(map -> map.getInt("v"), StreamMessage::readInt));
        GETTERS.put("long", new Getter(map -> map.getLong("v"), StreamMessage::readLong));
        GETTERS.put("float", new Getter(map -> map.getFloat("v"), StreamMessage::readFloat));
        GETTERS.put("double", new Getter(map -> map.getDouble("v"), StreamMessage::readDouble));
        GETTERS.put("String", new Getter(map -> map.getString("v"), StreamMessage::readString));
        GETTERS.put("byte[]", new Getter(map -> map.getBytes("v"), stream -> {
            byte[] buffer = new byte[8];
            return stream.readBytes(buffer);
        }));
    }

    /** Table 3-7: what a value of the row's type can be read as, and what it then is. */
    private static final Map<Object, Map<String, Object>> TABLE = new LinkedHashMap<>();

    static {
        TABLE.put(true, Map.of("boolean", true, "String", "true"));
        TABLE.put((byte) 1, Map.of("byte", (byte) 1, "short", (short) 1, "int", 1, "long", 1L, "String", "1"));
        TABLE.put((short) 1, Map.of("short", (short) 1, "int", 1, "long", 1L, "String", "1"));
        TABLE.put('1', Map.of("char", '1', "String", "1"));
        TABLE.put(1, Map.of("int", 1, "long", 1L, "String", "1"));
        TABLE.put(1L, Map.of("long", 1L, "String", "1"));
        TABLE.put(1f, Map.of("float", 1f, "double", 1d, "String", "1.0"));
        TABLE.put(1d, Map.of("double", 1d, "String", "1.0"));
        TABLE.put(
                "1",
                Map.of(
                        "boolean", false, "byte", (byte) 1, "short", (short) 1, "int", 1, "long", 1L, "float", 1f,
                        "double", 1d, "String", "1"));
    }

    private static MillraceStreamMessage stream(Object... values) throws JMSException {
        MillraceStreamMessage stream = new MillraceStreamMessage();
        for (Object value : values) {
            stream.writeObject(value);
        }
        stream.reset();
        return stream;
    }

    @Test
    void valuesConvertAsTable3_7SaysAndNotOtherwise() throws Exception {
        // Section 3.11.3.
        for (Map.Entry<Object, Map<String, Object>> row : TABLE.entrySet()) {
            MapMessage map = new MillraceMapMessage();
            map.setObject("v", row.getKey());
            for (Map.Entry<String, Getter> column : GETTERS.entrySet()) {
                String cell = row.getKey().getClass().getSimpleName() + " as " + column.getKey();
                StreamMessage stream = stream(row.getKey());
                Object expected = row.getValue().get(column.getKey());
                if (expected != null) {
                    assertEquals(expected, column.getValue().map().read(map), cell);
                    assertEquals(expected, column.getValue().stream().read(stream), cell);
                    assertThrows(MessageEOFException.class, stream::readObject, cell);
                } else {
                    assertThrows(
                            MessageFormatException.class,
                            () -> column.getValue().map().read(map),
                            cell);
                    assertThrows(
                            MessageFormatException.class,
                            () -> column.getValue().stream().read(stream),
                            cell);
                    assertEquals(row.getKey(), stream.readObject(), cell + ": the position has not moved");
                }
            }
        }
    }

    @Test
    void bytesAreReadAsBytesOnly() throws Exception {
        // Section 3.11.3, the last row and column of table 3-7.
        MapMessage map = new MillraceMapMessage();
        map.setBytes("v", new byte[] {1, 2});
        for (String other : List.of("boolean", "byte", "short", "char", "int", "long", "float", "double", "String")) {
            StreamMessage stream = stream(new byte[] {1, 2});
            assertThrows(
                    MessageFormatException.class, () -> GETTERS.get(other).map().read(map), other);
            assertThrows(
                    MessageFormatException.class,
                    () -> GETTERS.get(other).stream().read(stream),
                    other);
            assertEquals(2, GETTERS.get("byte[]").stream().read(stream));
        }
        assertArrayEquals(new byte[] {1, 2}, map.getBytes("v"));
    }

    @Test
    void nullReadsAsValueOfNullDoes() throws Exception {
        // Section 3.11.3; a name that was never set is like one with null.
        MapMessage map = new MillraceMapMessage();
        map.setString("v", null);
        MapMessage unset = new MillraceMapMessage();
        for (MapMessage message : List.of(map, unset)) {
            assertFalse(message.getBoolean("v"));
            assertNull(message.getString("v"));
            assertNull(message.getBytes("v"));
            assertNull(message.getObject("v"));
            for (String whole : List.of("byte", "short", "int", "long")) {
                assertThrows(
                        NumberFormatException.class,
                        () -> GETTERS.get(whole).map().read(message),
                        whole);
            }
            for (String other : List.of("char", "float", "double")) {
                assertThrows(
                        NullPointerException.class,
                        () -> GETTERS.get(other).map().read(message),
                        other);
            }
        }
        assertTrue(map.itemExists("v"));
        assertFalse(unset.itemExists("v"));
        for (String whole : List.of("byte", "short", "int", "long")) {
            StreamMessage stream = stream((Object) null);
            assertThrows(
                    NumberFormatException.class,
                    () -> GETTERS.get(whole).stream().read(stream),
                    whole);
            assertNull(stream.readString(), whole + ": the position has not moved");
        }
        for (String other : List.of("char", "float", "double")) {
            StreamMessage stream = stream((Object) null);
            assertThrows(
                    NullPointerException.class,
                    () -> GETTERS.get(other).stream().read(stream),
                    other);
            assertNull(stream.readObject(), other + ": the position has not moved");
        }
        assertFalse(stream((Object) null).readBoolean());
        assertEquals(-1, stream((Object) null).readBytes(new byte[2]));
    }

    @Test
    void aTextThatIsNoNumberLeavesThePositionWhereItIs() throws Exception {
        // Section 3.11.3.
        StreamMessage stream = stream("ten", 5);

        assertThrows(NumberFormatException.class, stream::readInt);
        assertThrows(NumberFormatException.class, stream::readDouble);
        assertEquals("ten", stream.readString());
        assertEquals(5, stream.readInt());
    }

    @Test
    void booleansOfTextAreThoseOfBooleanValueOf() throws Exception {
        // Section 3.11.3.
        assertTrue(stream("TrUe").readBoolean());
        assertFalse(stream("yes").readBoolean());
    }

    @Test
    void aStreamIsWriteOnlyThenReadOnly() throws Exception {
        // Section 3.11.2, StreamMessage.
        StreamMessage message = new MillraceStreamMessage();
        for (Map.Entry<String, Getter> getter : GETTERS.entrySet()) {
            assertThrows(
                    MessageNotReadableException.class,
                    () -> getter.getValue().stream().read(message),
                    getter.getKey());
        }
        assertThrows(MessageNotReadableException.class, message::readObject);
        message.writeInt(1);

        message.reset();

        assertThrows(MessageNotWriteableException.class, () -> message.writeInt(2));
        assertThrows(MessageNotWriteableException.class, () -> message.writeObject("x"));
        assertEquals(1, message.readInt());
        assertThrows(MessageEOFException.class, message::readInt);
        message.reset();
        assertEquals(1, message.readInt(), "reset goes back to the start");
        message.clearBody();
        assertThrows(MessageNotReadableException.class, message::readInt);
        message.writeString("again");
        message.reset();
        assertEquals("again", message.readString());
    }

    @Test
    void aReceivedStreamIsReadOnlyFromItsStart() throws Exception {
        // Section 3.11.2.
        MillraceStreamMessage message = new MillraceStreamMessage(List.of(1, "two"));

        message.received(1, false, null);

        assertThrows(MessageNotWriteableException.class, () -> message.writeInt(2));
        assertEquals(1, message.readInt());
        assertEquals("two", message.readString());
    }

    @Test
    void bytesAreReadPieceByPiece() throws Exception {
        // StreamMessage.readBytes.
        StreamMessage message = stream(new byte[] {1, 2, 3, 4, 5}, "next");
        byte[] buffer = new byte[2];

        assertEquals(2, message.readBytes(buffer));
        assertArrayEquals(new byte[] {1, 2}, buffer);
        assertThrows(MessageFormatException.class, message::readString, "the field has not been read to its end");
        assertThrows(MessageFormatException.class, message::readObject, "the field has not been read to its end");
        assertEquals(2, message.readBytes(buffer));
        assertEquals(1, message.readBytes(buffer), "less than the buffer: the end of the field");
        assertEquals(5, buffer[0]);
        assertEquals("next", message.readString());
    }

    @Test
    void bytesThatFillTheBufferNeedOneMoreCall() throws Exception {
        // StreamMessage.readBytes.
        StreamMessage message = stream(new byte[] {1, 2}, new byte[] {3}, new byte[0], new byte[] {4, 5});
        byte[] buffer = new byte[2];

        assertEquals(2, message.readBytes(buffer));
        assertThrows(MessageFormatException.class, message::readObject);
        assertEquals(-1, message.readBytes(buffer));
        assertEquals(1, message.readBytes(buffer), "fields that follow one another are two");
        assertEquals(0, message.readBytes(buffer), "an empty field");
        assertArrayEquals(new byte[] {4, 5}, (byte[]) message.readObject());
        assertThrows(MessageEOFException.class, () -> message.readBytes(buffer));
    }

    @Test
    void readBytesRefusesWhatIsNotBytes() throws Exception {
        StreamMessage message = stream("text");

        assertThrows(MessageFormatException.class, () -> message.readBytes(new byte[1]));
        assertEquals("text", message.readString());
    }

    @Test
    void aMapIsReadAndWrittenUntilItIsReceived() throws Exception {
        // Sections 3.10 and 3.11.2.
        MillraceMapMessage message = new MillraceMapMessage();
        message.setInt("v", 1);
        message.setInt("v", 2);
        assertEquals(2, message.getInt("v"));

        message.received(1, false, null);

        assertThrows(MessageNotWriteableException.class, () -> message.setInt("v", 3));
        assertThrows(MessageNotWriteableException.class, () -> message.setBytes("w", new byte[1], 0, 1));
        assertEquals(2, message.getInt("v"));
        message.clearBody();
        assertFalse(message.itemExists("v"));
        message.setChar("v", 'c');
        assertEquals('c', message.getChar("v"));
        assertEquals(List.of("v"), Collections.list(message.getMapNames()));
    }

    @Test
    void aMapMayBeChangedWhileItsNamesAreLookedAt() throws Exception {
        // MapMessage.getMapNames.
        MapMessage message = new MillraceMapMessage();
        message.setInt("a", 1);
        message.setInt("b", 2);
        Enumeration<?> names = message.getMapNames();

        message.clearBody();
        message.setInt("c", 3);

        assertEquals(List.of("a", "b"), Collections.list(names));
    }

    @Test
    void aMapsNamesAreNotEmpty() {
        // MapMessage.setInt and the others.
        MapMessage message = new MillraceMapMessage();

        assertThrows(IllegalArgumentException.class, () -> message.setInt(null, 1));
        assertThrows(IllegalArgumentException.class, () -> message.setObject("", 1));
        assertThrows(IllegalArgumentException.class, () -> message.setBytes("", new byte[1]));
    }

    @Test
    void otherTypesAreRefused() {
        // MapMessage.setObject, StreamMessage.writeObject.
        assertThrows(MessageFormatException.class, () -> new MillraceMapMessage().setObject("v", new Object()));
        assertThrows(MessageFormatException.class, () -> new MillraceMapMessage().setObject("v", List.of()));
        assertThrows(MessageFormatException.class, () -> new MillraceStreamMessage().writeObject(new Byte[1]));
    }

    @Test
    void arraysAreCopiedInAndOut() throws Exception {
        // Section 3.12.
        byte[] given = {1, 2, 3};
        MapMessage map = new MillraceMapMessage();
        map.setBytes("all", given);
        map.setBytes("part", given, 1, 2);
        map.setObject("object", given);
        StreamMessage stream = new MillraceStreamMessage();
        stream.writeBytes(given);
        stream.writeBytes(given, 2, 1);
        stream.reset();
        given[0] = 9;
        given[2] = 9;

        assertArrayEquals(new byte[] {1, 2, 3}, map.getBytes("all"));
        assertArrayEquals(new byte[] {2, 3}, map.getBytes("part"));
        map.getBytes("all")[0] = 7;
        ((byte[]) map.getObject("object"))[0] = 7;
        ((byte[]) map.getBody(Map.class).get("all"))[0] = 7;
        assertArrayEquals(new byte[] {1, 2, 3}, map.getBytes("all"));
        assertArrayEquals(new byte[] {1, 2, 3}, map.getBytes("object"));
        assertArrayEquals(new byte[] {1, 2, 3}, (byte[]) stream.readObject());
        assertArrayEquals(new byte[] {3}, (byte[]) stream.readObject());
        assertThrows(IndexOutOfBoundsException.class, () -> map.setBytes("v", given, 2, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> map.setBytes("v", given, Integer.MAX_VALUE, 1));
    }

    @Test
    void aMapsBodyIsGivenAsMapAndAStreamsNotAtAll() throws Exception {
        // Message.getBody and isBodyAssignableTo.
        MillraceMapMessage map = new MillraceMapMessage();
        assertTrue(map.isBodyAssignableTo(String.class), "a body without entries is none");
        assertNull(map.getBody(String.class));
        map.setInt("v", 1);

        assertEquals(Map.of("v", 1), map.getBody(Map.class));
        assertEquals(Map.of("v", 1), map.getBody(Object.class));
        assertNotSame(map.getBody(Map.class), map.getBody(Map.class));
        assertTrue(map.isBodyAssignableTo(Map.class));
        assertTrue(map.isBodyAssignableTo(Object.class));
        for (Class<?> other : Set.of(String.class, LinkedHashMap.class, byte[].class)) {
            assertFalse(map.isBodyAssignableTo(other));
            assertThrows(MessageFormatException.class, () -> map.getBody(other));
        }
        for (StreamMessage stream : List.of(new MillraceStreamMessage(), stream(1))) {
            assertFalse(stream.isBodyAssignableTo(Object.class));
            assertThrows(MessageFormatException.class, () -> stream.getBody(Object.class));
        }
    }
}
