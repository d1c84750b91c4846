// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.management.BadAttributeValueExpException;
import javax.naming.Reference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ObjectMessage against Jakarta Messaging 3.1, sections 3.11 and 3.12, and its guard against what senders choose. */
class ObjectMessageRulesTest {
    private static final DeserializationPolicy.Limits LIMITS =
            new DeserializationPolicy.Limits(500, 1_000_000, 1_000_000, 1_000_000);
    private static final DeserializationPolicy JDK = allowing("java.lang.*,java.math.*,java.time.*,java.util.*");
    private static final DeserializationPolicy DEFAULT = DeserializationPolicy.of(null, null, LIMITS);

    private static DeserializationPolicy allowing(String list) {
        return DeserializationPolicy.of(list, null, LIMITS);
    }

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

    private static MillraceObjectMessage received(Serializable object, DeserializationPolicy policy) throws Exception {
        MillraceObjectMessage sent = new MillraceObjectMessage();
        sent.setObject(object);
        MillraceObjectMessage received = new MillraceObjectMessage(sent.serialized(), policy);
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
        int before = Gadget.deserialized;
        for (Serializable body :
                List.of(new Gadget(), new ArrayList<>(List.of(new Gadget())), new Gadget[] {new Gadget()})) {
            MillraceObjectMessage message = received(body, JDK);

            MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

            assertTrue(e.getMessage().contains(Gadget.class.getName()), e.getMessage());
            assertTrue(e.getMessage().contains("deserializationAllow="), e.getMessage());
            assertFalse(message.isBodyAssignableTo(Object.class), "deserialization fails: false");
            assertThrows(MessageFormatException.class, () -> message.getBody(Object.class));
        }
        assertEquals(before, Gadget.deserialized);
    }

    @Test
    void anyClassThatTheApplicationKnowsIsDeserializedByDefault() throws Exception {
        // Section 3.11: an ObjectMessage holds any serializable object.
        int before = Gadget.deserialized;

        assertInstanceOf(Gadget.class, received(new Gadget(), DEFAULT).getObject());

        assertEquals(1, Gadget.deserialized - before);
    }

    private static Serializable proxy() {
        InvocationHandler handler = (InvocationHandler & Serializable) (self, method, arguments) -> null;
        return (Serializable) Proxy.newProxyInstance(
                ObjectMessageRulesTest.class.getClassLoader(),
                new Class<?>[] {Runnable.class, Serializable.class},
                handler);
    }

    static List<Serializable> partsOfAttacks() throws Exception {
        return List.of(
                new BadAttributeValueExpException("x"),
                new Reference("com.acme.Loaded", "com.acme.Factory", "http://127.0.0.1:1/"),
                (Runnable & Serializable) () -> {},
                proxy(),
                new ArrayList<>(List.of(new BadAttributeValueExpException("x"))));
    }

    @ParameterizedTest
    @MethodSource("partsOfAttacks")
    void partsOfKnownAttacksAreRefusedWhateverIsAllowed(Serializable part) throws Exception {
        for (DeserializationPolicy policy : List.of(DEFAULT, allowing("*"))) {
            MillraceObjectMessage message = received(part, policy);

            MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

            assertTrue(e.getMessage().contains("deserializationDeny"), e.getMessage());
        }
    }

    @Test
    void aDenyListOfOnesOwnReplacesTheDefault() throws Exception {
        DeserializationPolicy own = DeserializationPolicy.of(null, Gadget.class.getName(), LIMITS);

        assertThrows(
                MessageFormatException.class, () -> received(new Gadget(), own).getObject());
        assertInstanceOf(
                Reference.class, received(new Reference("com.acme.Loaded"), own).getObject());
        assertInstanceOf(
                Gadget.class,
                received(new Gadget(), DeserializationPolicy.of(null, "none", LIMITS))
                        .getObject());
    }

    @ParameterizedTest
    @CsvSource({
        "3, 1000, 1000, 10000, deserializationMaxDepth",
        "500, 10, 1000, 10000, deserializationMaxReferences",
        "500, 1000, 20, 10000, deserializationMaxArrayLength",
        "500, 1000, 1000, 100, deserializationMaxBytes"
    })
    void eachLimitIsKeptAndTold(int depth, int references, int array, int bytes, String option) throws Exception {
        ArrayList<Object> body = new ArrayList<>(List.of(new int[50]));
        for (int i = 0; i < 20; i++) {
            body = new ArrayList<>(List.of(body));
        }
        DeserializationPolicy policy =
                DeserializationPolicy.of(null, null, new DeserializationPolicy.Limits(depth, references, array, bytes));
        MillraceObjectMessage message = received(body, policy);

        MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

        assertTrue(e.getMessage().contains(option), e.getMessage());
        assertEquals(body.size(), ((List<?>) received(body, DEFAULT).getObject()).size());
    }

    @Test
    void anEmptyListAllowsNothing() throws Exception {
        MillraceObjectMessage message = received(5, allowing(""));

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
        MillraceObjectMessage message = new MillraceObjectMessage(
                forged,
                DeserializationPolicy.of(
                        null, null, new DeserializationPolicy.Limits(500, 1_000_000, Integer.MAX_VALUE, 1_000_000)));

        MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

        assertTrue(e.getMessage().contains("claims an array"), e.getMessage());
    }

    @Test
    void bytesThatAreNoObjectAreRefused() {
        MillraceObjectMessage message = new MillraceObjectMessage(new byte[] {1, 2, 3}, allowing("*"));

        assertThrows(MessageFormatException.class, message::getObject);
    }
}
