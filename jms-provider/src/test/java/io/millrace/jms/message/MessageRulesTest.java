// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The message objects against the letter of Jakarta Messaging 3.1, chapter 3. */
class MessageRulesTest {

    /** Reads a property in one of the ways. */
    private interface Getter {
        Object get(Message message) throws JMSException;
    }

    private static final Map<String, Getter> GETTERS = new LinkedHashMap<>();

    static {
        GETTERS.put("boolean", message -> message.getBooleanProperty("p"));
        GETTERS.put("byte", message -> message.getByteProperty("p"));
        GETTERS.put("short", message -> message.getShortProperty("p"));
        GETTERS.put("int", message -> message.getIntProperty("p"));
        GETTERS.put("long", message -> message.getLongProperty("p"));
        GETTERS.put("float", message -> message.getFloatProperty("p"));
        GETTERS.put("double", message -> message.getDoubleProperty("p"));
        GETTERS.put("String", message -> message.getStringProperty("p"));
    }

    @Test
    void propertiesConvertAsTheTableSaysAndNotOtherwise() throws Exception {
        // Section 3.5.4.
        Map<Object, Set<String>> table = Map.of(
                true,
                Set.of("boolean", "String"),
                (byte) 1,
                Set.of("byte", "short", "int", "long", "String"),
                (short) 1,
                Set.of("short", "int", "long", "String"),
                1,
                Set.of("int", "long", "String"),
                1L,
                Set.of("long", "String"),
                1f,
                Set.of("float", "double", "String"),
                1d,
                Set.of("double", "String"),
                "1",
                GETTERS.keySet());
        for (Map.Entry<Object, Set<String>> row : table.entrySet()) {
            Message message = new MillraceMessage();
            message.setObjectProperty("p", row.getKey());
            for (Map.Entry<String, Getter> getter : GETTERS.entrySet()) {
                String cell = row.getKey().getClass().getSimpleName() + " as " + getter.getKey();
                if (row.getValue().contains(getter.getKey())) {
                    assertFalse(getter.getValue().get(message).toString().isEmpty(), cell);
                } else {
                    assertThrows(
                            MessageFormatException.class,
                            () -> getter.getValue().get(message),
                            cell);
                }
            }
        }
    }

    @Test
    void aPropertyThatWasSetToNullExists() throws Exception {
        Message message = new MillraceMessage();

        message.setStringProperty("p", null);

        assertTrue(message.propertyExists("p"));
        Enumeration<?> names = message.getPropertyNames();
        assertEquals(List.of("p"), Collections.list(names));
        assertNull(message.getObjectProperty("p"));
    }

    @Test
    void propertiesMayBeChangedWhileTheirNamesAreLookedAt() throws Exception {
        // Javadoc of Message.getPropertyNames: as 3.5.7 has it, a client takes the names, clears and sets anew.
        MillraceMessage message = new MillraceMessage();
        message.setIntProperty("a", 1);
        message.setIntProperty("b", 2);
        message.received(1, false, null);
        Enumeration<String> names = message.getPropertyNames();

        message.clearProperties();
        message.setIntProperty("c", 3);

        assertEquals(List.of("a", "b", "JMSXDeliveryCount"), Collections.list(names));
    }

    @Test
    void anAbsentPropertyReadsLikeNull() throws Exception {
        // Section 3.5.4: as the valueOf method of the type treats null.
        Message message = new MillraceMessage();

        assertFalse(message.getBooleanProperty("p"));
        assertNull(message.getStringProperty("p"));
        assertNull(message.getObjectProperty("p"));
        assertFalse(message.propertyExists("p"));
        for (String number : List.of("byte", "short", "int", "long")) {
            assertThrows(NumberFormatException.class, () -> GETTERS.get(number).get(message), number);
        }
        for (String fraction : List.of("float", "double")) {
            assertThrows(NullPointerException.class, () -> GETTERS.get(fraction).get(message), fraction);
        }
    }

    @Test
    void aTextThatIsNoNumberIsNotReadAsOne() throws Exception {
        Message message = new MillraceMessage();
        message.setStringProperty("p", "abc");

        assertThrows(NumberFormatException.class, () -> message.getIntProperty("p"));
        assertFalse(message.getBooleanProperty("p"));
    }

    @Test
    void propertyNamesAndValuesAreChecked() {
        // Sections 3.5.1 and 3.5.5.
        Message message = new MillraceMessage();

        assertThrows(IllegalArgumentException.class, () -> message.setIntProperty("", 1));
        assertThrows(JMSException.class, () -> message.setIntProperty("two words", 1));
        assertThrows(JMSException.class, () -> message.setIntProperty("Between", 1));
        assertThrows(MessageFormatException.class, () -> message.setObjectProperty("p", new Object()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NULL",
                "true",
                "False",
                "not",
                "AND",
                "or",
                "BETWEEN",
                "Like",
                "in",
                "is",
                "escape",
                "1a",
                "a-b",
                "a.b",
                "JMSPriority",
                "JMSfoo"
            })
    void namesThatNoSelectorCouldNameAreRefused(String name) {
        // Sections 3.5.1 and 3.8.1.1.
        assertThrows(JMSException.class, () -> new MillraceMessage().setStringProperty(name, "v"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"_a", "$a", "\u00fcber", "JMSXGroupID", "JMS_vendor_x", "nulls", "jmsfoo"})
    void namesThatSelectorsCanNameAreTaken(String name) throws Exception {
        // Sections 3.5.1, 3.5.9, 3.5.10 and 3.8.1.1.
        Message message = new MillraceMessage();

        message.setStringProperty(name, "v");

        assertEquals("v", message.getStringProperty(name));
    }

    @Test
    void definedPropertiesHaveTheirTypes() throws Exception {
        // Section 3.5.9, table 3-3.
        Message message = new MillraceMessage();

        assertThrows(MessageFormatException.class, () -> message.setIntProperty("JMSXGroupID", 5));
        assertThrows(MessageFormatException.class, () -> message.setStringProperty("JMSXGroupSeq", "1"));
        message.setIntProperty("JMSXGroupSeq", 1);
        assertEquals(1, message.getIntProperty("JMSXGroupSeq"));
    }

    @Test
    void setObjectPropertyTakesTheObjectFormsOfTheTypesAndNull() throws Exception {
        // Sections 3.5.5, 3.5.8 and 3.12.
        Message message = new MillraceMessage();
        for (Object value : new Object[] {true, (byte) 1, (short) 2, 3, 4L, 5f, 6d, "seven", null}) {
            message.setObjectProperty("p", value);
            assertEquals(value, message.getObjectProperty("p"));
        }
        for (Object value : new Object[] {'c', new byte[1], List.of(), new java.math.BigInteger("1")}) {
            assertThrows(MessageFormatException.class, () -> message.setObjectProperty("p", value));
        }
        assertThrows(IllegalArgumentException.class, () -> message.setObjectProperty(null, 1));
    }

    @Test
    void aCorrelationIdIsTextInEitherForm() throws Exception {
        // Section 3.4.5.
        Message message = new MillraceMessage();
        message.setJMSCorrelationIDAsBytes("Zo\u00eb".getBytes(UTF_8));
        assertEquals("Zo\u00eb", message.getJMSCorrelationID());
        assertArrayEquals("Zo\u00eb".getBytes(UTF_8), message.getJMSCorrelationIDAsBytes());

        byte[] noText = {(byte) 0xc3, 0x28};
        assertThrows(UnsupportedOperationException.class, () -> message.setJMSCorrelationIDAsBytes(noText));

        assertEquals("Zo\u00eb", message.getJMSCorrelationID(), "nothing has changed");
        message.setJMSCorrelationIDAsBytes(null);
        assertNull(message.getJMSCorrelationID());
        assertNull(message.getJMSCorrelationIDAsBytes());
    }

    @Test
    void aTextThatCannotBeDecodedLeavesThePositionWhereItIs() throws Exception {
        // Section 3.11.3.
        BytesMessage message = new MillraceBytesMessage(new byte[] {0, 1, (byte) 0xff});
        message.reset();

        assertThrows(MessageFormatException.class, message::readUTF);

        assertEquals(1, message.readShort());
    }

    @Test
    void aReceivedMessageIsReadOnlyUntilItIsCleared() throws Exception {
        // Sections 3.5.3 and 3.10.
        MillraceTextMessage message = new MillraceTextMessage("body");
        message.setIntProperty("p", 1);
        message.received(1, false, null);
        assertThrows(MessageNotWriteableException.class, () -> message.setIntProperty("p", 2));
        assertThrows(MessageNotWriteableException.class, () -> message.setText("other"));

        message.clearBody();

        message.setText("other");
        assertEquals(1, message.getIntProperty("p"), "clearing the body leaves the properties");
        assertThrows(MessageNotWriteableException.class, () -> message.setIntProperty("p", 2));
        message.clearProperties();
        message.setIntProperty("q", 3);
        assertFalse(message.propertyExists("p"));
        assertEquals("other", message.getText(), "clearing the properties leaves the body");
    }

    @Test
    void aBytesMessageIsWriteOnlyThenReadOnly() throws Exception {
        // Sections 3.8, 3.10 and 3.11.
        BytesMessage message = new MillraceBytesMessage();
        assertThrows(MessageNotReadableException.class, message::readByte);
        assertThrows(MessageNotReadableException.class, message::getBodyLength);
        message.writeBoolean(true);
        message.writeByte((byte) -1);
        message.writeShort((short) -2);
        message.writeChar('ż');
        message.writeInt(3);
        message.writeLong(4L);
        message.writeFloat(5.5f);
        message.writeDouble(6.5);
        message.writeUTF("Zoë");
        message.writeObject(7);
        message.writeBytes(new byte[] {1, 2, 3}, 1, 2);

        message.reset();

        assertThrows(MessageNotWriteableException.class, () -> message.writeByte((byte) 0));
        assertEquals(1 + 1 + 2 + 2 + 4 + 8 + 4 + 8 + 2 + 4 + 4 + 2, message.getBodyLength());
        assertTrue(message.readBoolean());
        assertEquals(255, message.readUnsignedByte());
        assertEquals(65_534, message.readUnsignedShort());
        assertEquals('ż', message.readChar());
        assertEquals(3, message.readInt());
        assertEquals(4L, message.readLong());
        assertEquals(5.5f, message.readFloat());
        assertEquals(6.5, message.readDouble());
        assertEquals("Zoë", message.readUTF());
        assertEquals(7, message.readInt());
        assertThrows(MessageEOFException.class, message::readInt);
        byte[] two = new byte[4];
        assertEquals(2, message.readBytes(two), "a read past the end has moved nothing");
        assertArrayEquals(new byte[] {2, 3, 0, 0}, two);
        assertEquals(-1, message.readBytes(two));
        message.reset();
        assertTrue(message.readBoolean(), "reset goes back to the start");
        message.clearBody();
        message.writeByte((byte) 9);
        assertArrayEquals(new byte[] {9}, message.getBody(byte[].class));
    }

    @Test
    void writeObjectTakesPrimitivesTextAndBytesOnly() {
        BytesMessage message = new MillraceBytesMessage();

        assertThrows(MessageFormatException.class, () -> message.writeObject(new Object()));
        assertThrows(NullPointerException.class, () -> message.writeObject(null));
    }

    @Test
    void anUnfinishedTextIsTheEndOfTheMessage() throws Exception {
        BytesMessage message = new MillraceBytesMessage(new byte[] {0, 5, 'a', 'b'});
        message.reset();

        assertThrows(MessageEOFException.class, message::readUTF);
        assertEquals(5, message.readShort(), "nothing was read");
    }

    @Test
    void bodiesAreGivenInTheirTypeOnly() throws Exception {
        // Section 3.12.
        MillraceTextMessage text = new MillraceTextMessage("a");
        assertEquals("a", text.getBody(CharSequence.class));
        assertTrue(text.isBodyAssignableTo(Object.class));
        assertThrows(MessageFormatException.class, () -> text.getBody(byte[].class));
        assertNull(new MillraceTextMessage(null).getBody(Integer.class));
        assertNull(new MillraceMessage().getBody(String.class));
        assertThrows(MessageFormatException.class, () -> new MillraceBytesMessage(new byte[1]).getBody(String.class));
    }
}
