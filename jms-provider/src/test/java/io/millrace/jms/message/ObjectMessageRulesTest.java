// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ObjectMessage against Jakarta Messaging 3.1, sections 3.11 and 3.12, and its guard against what senders choose. */
class ObjectMessageRulesTest {
    private static final AllowedClasses JDK = AllowedClasses.parse("java.lang.*,java.math.*,java.time.*,java.util.*");

    /** Tells when somebody deserializes it. */
    static final class Gadget implements Serializable {
        private static final long serialVersionUID = 1L;
        static int deserialized;

        @SuppressWarnings("UnusedMethod") // serialization calls it
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            deserialized++;
        }
    }

    private static MillraceObjectMessage received(Serializable object, AllowedClasses allowed) throws Exception {
        MillraceObjectMessage sent = new MillraceObjectMessage();
        sent.setObject(object);
        MillraceObjectMessage received = new MillraceObjectMessage(sent.serialized(), allowed);
        received.received(1, false, null);
        return received;
    }

    @Test
    void objectsAreCopiedInAndOut() throws Exception {
        // Section 3.12.
        ArrayList<String> given = new ArrayList<>(List.of("a"));
        MillraceObjectMessage message = new MillraceObjectMessage();
        message.setObject(given);
        given.add("later");

        assertEquals(List.of("a"), message.getObject());
        assertNotSame(message.getObject(), message.getObject());
        message.setObject(null);
        assertNull(message.getObject());
    }

    @Test
    void whatCannotBeSerializedIsRefusedAtOnce() {
        // ObjectMessage.setObject.
        Serializable holder = new ArrayList<>(List.of(new Object()));

        MessageFormatException e =
                assertThrows(MessageFormatException.class, () -> new MillraceObjectMessage().setObject(holder));

        assertTrue(e.getMessage().contains("java.lang.Object"), e.getMessage());
    }

    @Test
    void aReceivedObjectIsReadOnlyUntilItIsCleared() throws Exception {
        // Section 3.11.2.
        MillraceObjectMessage message = received("text", JDK);
        assertThrows(MessageNotWriteableException.class, () -> message.setObject("other"));

        message.clearBody();

        assertNull(message.getObject());
        message.setObject("other");
        assertEquals("other", message.getObject());
    }

    @Test
    void theBodyIsGivenInItsTypesOnly() throws Exception {
        // Message.getBody and isBodyAssignableTo.
        MillraceObjectMessage message = received(5, JDK);

        assertEquals(5, message.getBody(Integer.class));
        assertEquals(5, message.getBody(Serializable.class));
        assertTrue(message.isBodyAssignableTo(Number.class));
        assertFalse(message.isBodyAssignableTo(String.class));
        assertThrows(MessageFormatException.class, () -> message.getBody(String.class));
        MillraceObjectMessage empty = new MillraceObjectMessage();
        assertNull(empty.getBody(String.class));
        assertTrue(empty.isBodyAssignableTo(String.class));
    }

    @Test
    void theJdksValuesAreAllowed() throws Exception {
        List<Serializable> values = List.of(
                "text",
                5,
                new BigDecimal("1.50"),
                Instant.ofEpochMilli(5),
                UUID.randomUUID(),
                new ArrayList<>(List.of(1L, 2L)),
                new HashMap<>(java.util.Map.of("a", 1)));
        for (Serializable value : values) {
            assertEquals(value, received(value, JDK).getObject());
        }
        assertEquals(3, ((int[][]) received(new int[3][2], JDK).getObject()).length);
    }

    @Test
    void aClassThatIsNotAllowedIsNeverDeserialized() throws Exception {
        for (Serializable body :
                List.of(new Gadget(), new ArrayList<>(List.of(new Gadget())), new Gadget[] {new Gadget()})) {
            MillraceObjectMessage message = received(body, JDK);

            MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

            assertTrue(e.getMessage().contains(Gadget.class.getName()), e.getMessage());
            assertTrue(e.getMessage().contains("deserializationAllow="), e.getMessage());
            assertFalse(message.isBodyAssignableTo(Object.class), "deserialization fails: false");
            assertThrows(MessageFormatException.class, () -> message.getBody(Object.class));
        }
        assertEquals(0, Gadget.deserialized);
    }

    @Test
    void anEmptyListAllowsNothing() throws Exception {
        MillraceObjectMessage message = received(5, AllowedClasses.parse(""));

        MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

        assertTrue(e.getMessage().contains("java.lang.Integer"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "com.acme.Order, com.acme.Order, true",
        "com.acme.Order, com.acme.Orders, false",
        "com.acme.*, com.acme.Order, true",
        "com.acme.*, com.acme.Order$Item, true",
        "com.acme.*, com.acme.sub.Order, false",
        "com.acme.*, com.acmeOrder, false",
        "com.acme.**, com.acme.sub.Order, true",
        "com.acme.**, com.acmeevil.Order, false",
        "*, anything.At, true"
    })
    void patternsAreThoseOfJep290(String pattern, String className, boolean allowed) {
        assertEquals(allowed, AllowedClasses.parse(" x.Y , " + pattern).allows(className));
    }

    @ParameterizedTest
    @ValueSource(strings = {"com.acme.*.Order", "com..acme", "!com.acme.*", "com.acme*", "a b"})
    void whatIsNoPatternIsRefused(String pattern) {
        assertThrows(IllegalArgumentException.class, () -> AllowedClasses.parse(pattern));
    }

    @Test
    void hashTablesInHashTablesDoNotTakeForEver() throws Exception {
        Set<Object> root = new HashSet<>();
        Set<Object> one = root;
        Set<Object> two = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Set<Object> nextOne = new HashSet<>();
            Set<Object> nextTwo = new HashSet<>();
            nextOne.add("one");
            one.add(nextOne);
            one.add(nextTwo);
            two.add(nextOne);
            two.add(nextTwo);
            one = nextOne;
            two = nextTwo;
        }
        MillraceObjectMessage message = received((Serializable) root, JDK);

        MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

        assertTrue(e.getMessage().contains("nested deeper than 20"), e.getMessage());
    }

    @Test
    void anArrayThatClaimsMoreThanTheBodyHoldsTakesNoMemory() throws Exception {
        MillraceObjectMessage sent = new MillraceObjectMessage();
        sent.setObject(new byte[8]);
        byte[] forged = sent.serialized().clone();
        ByteBuffer.wrap(forged).putInt(forged.length - 12, Integer.MAX_VALUE - 8);
        MillraceObjectMessage message = new MillraceObjectMessage(forged, AllowedClasses.parse("*"));

        MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

        assertTrue(e.getMessage().contains("claims an array"), e.getMessage());
    }

    @Test
    void bytesThatAreNoObjectAreRefused() {
        MillraceObjectMessage message = new MillraceObjectMessage(new byte[] {1, 2, 3}, AllowedClasses.parse("*"));

        assertThrows(MessageFormatException.class, message::getObject);
    }
}
