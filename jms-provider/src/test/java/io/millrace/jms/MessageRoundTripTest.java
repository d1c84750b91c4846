// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages of every type through a real broker (Jakarta Messaging 3.1, chapter 3). */
@Timeout(60)
class MessageRoundTripTest {
    private static final long PATIENCE_MS = 20_000;
    private static final AtomicInteger QUEUES = new AtomicInteger();

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final EmbeddedBroker broker = MILLRACE.broker();
    private final MillraceQueue queue = new MillraceQueue("round-trip-" + QUEUES.incrementAndGet());
    private Connection connection;
    private Session session;
    private MessageProducer producer;
    private MessageConsumer consumer;

    @BeforeEach
    void connect() throws Exception {
        connection = new MillraceConnectionFactory(broker.url()).createConnection();
        connection.start();
        session = connection.createSession();
        producer = session.createProducer(queue);
        consumer = session.createConsumer(queue);
    }

    @AfterEach
    void disconnect() throws Exception {
        connection.close();
    }

    /** Something of an application's own. */
    record Order(String item, int count) implements Serializable {}

    private Message sent(Message message) throws Exception {
        producer.send(message);
        Message received = consumer.receive(PATIENCE_MS);
        assertNotNull(received, "nothing arrived");
        return received;
    }

    private static Map<String, Object> everyMapValue() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("boolean", true);
        values.put("byte", Byte.MIN_VALUE);
        values.put("short", Short.MIN_VALUE);
        values.put("char", Character.MAX_VALUE);
        values.put("int", Integer.MIN_VALUE);
        values.put("long", Long.MIN_VALUE);
        values.put("smallLong", 1L);
        values.put("float", Float.MIN_VALUE);
        values.put("double", Double.MAX_VALUE);
        values.put("nan", Double.NaN);
        values.put("text", "Zo\u00eb \uD83D\uDE00 \"quoted\"\n");
        values.put("none", null);
        return values;
    }

    @Test
    void aStringWithUnpairedSurrogatesArrivesAsItWasSent() throws Exception {
        // Sections 3.5.2 and 3.11: the values are Strings; 3.11.4: between JMS clients a message keeps its full form.
        String text = "a\uD800?\uD83D\uDE00\uDC00";
        TextMessage message = session.createTextMessage(text);
        message.setJMSType(text);
        message.setJMSCorrelationID(text);
        message.setStringProperty("property", text);
        message.setStringProperty("JMSXGroupID", text);

        TextMessage received = (TextMessage) sent(message);

        assertEquals(text, received.getText());
        assertEquals(text, received.getBody(String.class));
        assertEquals(text, received.getJMSType());
        assertEquals(text, received.getJMSCorrelationID());
        assertEquals(text, received.getStringProperty("property"));
        assertEquals(text, received.getStringProperty("JMSXGroupID"));
        message.setJMSCorrelationIDAsBytes(received.getJMSCorrelationIDAsBytes());
        assertEquals(text, message.getJMSCorrelationID());
    }

    @Test
    void everyPropertyTypeArrivesAsItWasSet() throws Exception {
        // Sections 3.5.2 and 3.5.5.
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Object value : new Object[] {
            true,
            false,
            Byte.MIN_VALUE,
            Byte.MAX_VALUE,
            Short.MIN_VALUE,
            Short.MAX_VALUE,
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Float.MIN_VALUE,
            Float.MAX_VALUE,
            Float.NaN,
            Float.NEGATIVE_INFINITY,
            -0f,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            -0.0,
            "",
            "5",
            "Zo\u00eb \uD83D\uDE00\u0000",
            null
        }) {
            properties.put("p" + properties.size(), value);
        }
        properties.put("\u00fcber_$1", "a name beyond ASCII");
        Message message = session.createMessage();
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            message.setObjectProperty(property.getKey(), property.getValue());
        }

        Message received = sent(message);

        for (Map.Entry<String, Object> property : properties.entrySet()) {
            assertEquals(property.getValue(), received.getObjectProperty(property.getKey()), property.getKey());
        }
        Enumeration<?> all = received.getPropertyNames();
        List<?> names = Collections.list(all);
        assertTrue(names.containsAll(properties.keySet()), names.toString());
        assertFalse(names.contains("JMSMessageID"), "section 3.5.6: header fields are no properties");
    }

    @Test
    void everyMapValueArrives() throws Exception {
        // Section 3.11.
        MapMessage message = session.createMapMessage();
        for (Map.Entry<String, Object> value : everyMapValue().entrySet()) {
            message.setObject(value.getKey(), value.getValue());
        }
        message.setBytes("bytes", new byte[] {0, -1});

        MapMessage received = assertInstanceOf(MapMessage.class, sent(message));

        for (Map.Entry<String, Object> value : everyMapValue().entrySet()) {
            assertEquals(value.getValue(), received.getObject(value.getKey()), value.getKey());
        }
        assertArrayEquals(new byte[] {0, -1}, received.getBytes("bytes"));
        assertTrue(received.itemExists("none"));
        assertThrows(MessageNotWriteableException.class, () -> received.setInt("int", 1));
    }

    @Test
    void everyStreamValueArrives() throws Exception {
        // Section 3.11.
        StreamMessage message = session.createStreamMessage();
        for (Object value : everyMapValue().values()) {
            message.writeObject(value);
        }
        message.writeBytes(new byte[] {1, 2, 3});

        StreamMessage received = assertInstanceOf(StreamMessage.class, sent(message));

        for (Object value : everyMapValue().values()) {
            assertEquals(value, received.readObject());
        }
        assertArrayEquals(new byte[] {1, 2, 3}, (byte[]) received.readObject());
    }

    @Test
    void anObjectArrives() throws Exception {
        // Section 3.11.
        ObjectMessage received = assertInstanceOf(
                ObjectMessage.class, sent(session.createObjectMessage(new java.util.ArrayList<>(List.of("a", 1)))));

        assertEquals(List.of("a", 1), received.getObject());
    }

    @Test
    void emptyAndNullBodiesArriveAsSuch() throws Exception {
        // Sections 3.11 and 3.12.
        assertNull(assertInstanceOf(TextMessage.class, sent(session.createTextMessage()))
                .getText());
        assertEquals(
                "",
                assertInstanceOf(TextMessage.class, sent(session.createTextMessage("")))
                        .getText());
        assertEquals(
                0,
                assertInstanceOf(BytesMessage.class, sent(session.createBytesMessage()))
                        .getBodyLength());
        assertFalse(assertInstanceOf(MapMessage.class, sent(session.createMapMessage()))
                .getMapNames()
                .hasMoreElements());
        StreamMessage stream = assertInstanceOf(StreamMessage.class, sent(session.createStreamMessage()));
        assertThrows(jakarta.jms.MessageEOFException.class, stream::readObject);
        assertNull(assertInstanceOf(ObjectMessage.class, sent(session.createObjectMessage()))
                .getObject());
        Message plain = sent(session.createMessage());
        assertFalse(plain instanceof TextMessage || plain instanceof BytesMessage || plain instanceof MapMessage);
    }

    @Test
    void largeAndUnicodeBodiesArrive() throws Exception {
        String text = "Zo\u00eb \uD83D\uDE00 \u0000\n".repeat(20_000);

        assertEquals(text, ((TextMessage) sent(session.createTextMessage(text))).getText());
        MapMessage map = session.createMapMessage();
        map.setString("text", text);
        assertEquals(text, ((MapMessage) sent(map)).getString("text"));
    }

    @Test
    void whatTheClientSetAndWhatSendSetsArrive() throws Exception {
        // Section 3.4.11, table 3-1: what send sets is ignored when a client set it before.
        MillraceTopic answers = new MillraceTopic("answers");
        TextMessage message = session.createTextMessage("x");
        message.setJMSCorrelationID("c1");
        message.setJMSType("order");
        message.setJMSReplyTo(answers);
        message.setJMSDestination(answers);
        message.setJMSDeliveryMode(DeliveryMode.PERSISTENT);
        message.setJMSPriority(1);
        message.setJMSExpiration(5);
        message.setJMSDeliveryTime(5);
        message.setJMSMessageID("ID:mine");
        message.setJMSTimestamp(5);
        message.setJMSRedelivered(true);
        long before = System.currentTimeMillis();

        producer.send(message, DeliveryMode.NON_PERSISTENT, 7, 60_000);

        long after = System.currentTimeMillis();
        Message received = consumer.receive(PATIENCE_MS);
        assertTrue(message.getJMSMessageID().startsWith("ID:"), "section 3.4.3");
        assertFalse(message.getJMSMessageID().equals("ID:mine"));
        assertTrue(message.getJMSTimestamp() >= before && message.getJMSTimestamp() <= after, "section 3.4.4");
        assertEquals(message.getJMSTimestamp() + 60_000, message.getJMSExpiration(), "section 3.4.9");
        assertEquals(message.getJMSTimestamp(), message.getJMSDeliveryTime(), "section 3.4.13");
        for (Message seen : List.of(message, received)) {
            assertEquals(queue, seen.getJMSDestination());
            assertEquals(DeliveryMode.NON_PERSISTENT, seen.getJMSDeliveryMode());
            assertEquals(7, seen.getJMSPriority());
            assertEquals(message.getJMSExpiration(), seen.getJMSExpiration());
            assertEquals(message.getJMSDeliveryTime(), seen.getJMSDeliveryTime());
            assertEquals(message.getJMSMessageID(), seen.getJMSMessageID());
            assertEquals(message.getJMSTimestamp(), seen.getJMSTimestamp());
            assertEquals("c1", seen.getJMSCorrelationID());
            assertEquals("order", seen.getJMSType());
            assertEquals(answers, seen.getJMSReplyTo());
        }
        assertFalse(received.getJMSRedelivered(), "section 3.4.7: no meaning on send");
        assertEquals(1, received.getIntProperty("JMSXDeliveryCount"), "section 3.5.11");
    }

    @Test
    void aMessageIdIsSetAlsoWhenItWasSwitchedOff() throws Exception {
        // Section 3.4.3: a provider that ignores the hint sets the usual value.
        producer.setDisableMessageID(true);
        TextMessage message = session.createTextMessage("x");

        Message received = sent(message);

        assertTrue(message.getJMSMessageID().startsWith("ID:"));
        assertEquals(message.getJMSMessageID(), received.getJMSMessageID());
    }

    @Test
    void aTimestampIsSetAlsoWhenItWasSwitchedOff() throws Exception {
        // Section 3.4.4: a provider that ignores the hint sets the usual value.
        producer.setDisableMessageTimestamp(true);
        long before = System.currentTimeMillis();

        Message received = sent(session.createTextMessage("x"));

        assertTrue(received.getJMSTimestamp() >= before);
    }

    @Test
    void aMessageWithoutTimeToLiveHasNoExpiration() throws Exception {
        // Section 3.4.9.
        Message message = session.createTextMessage("x");
        message.setJMSExpiration(5);

        Message received = sent(message);

        assertEquals(0, message.getJMSExpiration());
        assertEquals(0, received.getJMSExpiration());
    }

    @Test
    void aCorrelationIdAsBytesArrivesAsItsText() throws Exception {
        // Section 3.4.5.
        byte[] bytes = "caf\u00e9".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Message message = session.createMessage();
        message.setJMSCorrelationIDAsBytes(bytes);

        Message received = sent(message);

        assertArrayEquals(bytes, received.getJMSCorrelationIDAsBytes());
        assertEquals("caf\u00e9", received.getJMSCorrelationID());
    }

    @Test
    void groupPropertiesArriveAndAreToldOf() throws Exception {
        // Section 3.5.9: all providers support JMSXGroupID and JMSXGroupSeq.
        Message message = session.createMessage();
        message.setStringProperty("JMSXGroupID", "g");
        message.setIntProperty("JMSXGroupSeq", 2);

        Message received = sent(message);

        assertEquals("g", received.getStringProperty("JMSXGroupID"));
        assertEquals(2, received.getObjectProperty("JMSXGroupSeq"));
        Enumeration<?> supported = connection.getMetaData().getJMSXPropertyNames();
        List<?> told = Collections.list(supported);
        assertTrue(told.containsAll(Set.of("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount")), told.toString());
    }

    @Test
    void whatIsSetOnReceiptDoesNotTravelOn() throws Exception {
        // Section 3.5.9, table 3-3.
        Message message = session.createMessage();
        message.setIntProperty("JMSXDeliveryCount", 9);
        message.setLongProperty("JMSXRcvTimestamp", 5);
        message.setStringProperty("JMSXConsumerTXID", "t");
        message.setIntProperty("JMSXState", 1);

        Message received = sent(message);

        assertEquals(1, received.getIntProperty("JMSXDeliveryCount"));
        assertTrue(received.getLongProperty("JMSXRcvTimestamp") >= received.getJMSTimestamp(), "the receiver's own");
        for (String name : List.of("JMSXConsumerTXID", "JMSXState")) {
            assertFalse(received.propertyExists(name), name);
        }
    }

    @Test
    void aSentMessageCanBeChangedAndSentAgain() throws Exception {
        // Section 3.9.
        MapMessage message = session.createMapMessage();
        message.setBytes("v", new byte[] {1});
        message.setIntProperty("p", 1);
        producer.send(message);
        message.setBytes("v", new byte[] {2});
        message.setIntProperty("p", 2);
        producer.send(message);

        MapMessage first = (MapMessage) consumer.receive(PATIENCE_MS);
        MapMessage second = (MapMessage) consumer.receive(PATIENCE_MS);

        assertEquals(1, first.getBytes("v")[0]);
        assertEquals(1, first.getIntProperty("p"));
        assertEquals(2, second.getBytes("v")[0]);
        assertEquals(2, second.getIntProperty("p"));
        assertFalse(first.getJMSMessageID().equals(second.getJMSMessageID()));
    }

    @Test
    void aRedeliveredMessageIsTheOriginal() throws Exception {
        // Section 3.10.
        try (Session acknowledging = connection.createSession(Session.CLIENT_ACKNOWLEDGE)) {
            consumer.close();
            MapMessage message = session.createMapMessage();
            message.setInt("v", 1);
            message.setIntProperty("p", 1);
            producer.send(message);
            MessageConsumer again = acknowledging.createConsumer(queue);
            MapMessage first = (MapMessage) again.receive(PATIENCE_MS);
            first.clearBody();
            first.setInt("v", 2);
            first.clearProperties();
            first.setIntProperty("p", 2);

            acknowledging.recover();

            MapMessage second = (MapMessage) again.receive(PATIENCE_MS);
            assertEquals(1, second.getInt("v"));
            assertEquals(1, second.getIntProperty("p"));
            assertTrue(second.getJMSRedelivered());
            assertEquals(2, second.getIntProperty("JMSXDeliveryCount"));
        }
    }

    @Test
    void aReceivedMessageCanBeSentOn() throws Exception {
        StreamMessage message = session.createStreamMessage();
        message.writeInt(1);
        message.writeString("two");
        message.setIntProperty("p", 1);
        StreamMessage received = (StreamMessage) sent(message);
        assertEquals(1, received.readInt());

        StreamMessage onward = (StreamMessage) sent(received);

        assertEquals(1, onward.readInt(), "the whole body, however far it was read");
        assertEquals("two", onward.readString());
        assertEquals(1, onward.getIntProperty("p"));
    }

    @Test
    void messagesOfAnotherProviderAreSentAsTheTypeTheyAre() throws Exception {
        // Section 3.12.
        assertEquals("t", ((TextMessage) sent(ForeignMessages.text("t"))).getText());
        assertNull(((TextMessage) sent(ForeignMessages.text(null))).getText());
        byte[] bytes = new byte[10_000];
        new Random(5).nextBytes(bytes);
        BytesMessage receivedBytes = (BytesMessage) sent(ForeignMessages.bytes(bytes));
        assertArrayEquals(bytes, receivedBytes.getBody(byte[].class));
        Map<String, Object> map = new HashMap<>();
        map.put("i", 1);
        map.put("none", null);
        assertEquals(map, sent(ForeignMessages.map(map)).getBody(Map.class));
        StreamMessage stream = (StreamMessage) sent(ForeignMessages.stream('c', null, 2L));
        assertEquals('c', stream.readChar());
        assertNull(stream.readString());
        assertEquals(2L, stream.readObject());
        assertEquals(5, ((ObjectMessage) sent(ForeignMessages.object(5))).getObject());
        assertFalse(sent(ForeignMessages.message()) instanceof TextMessage);
    }

    @Test
    void headersAndPropertiesOfAnotherProvidersMessageTravelBothWays() throws Exception {
        // Sections 3.4.11 and 3.12: send sets its headers by the setters of the foreign message, too.
        MapMessage foreign = ForeignMessages.map(Map.of("v", 1));
        foreign.setJMSCorrelationID("c");
        foreign.setJMSType("t");
        foreign.setJMSReplyTo(new MillraceQueue("answers"));
        foreign.setJMSMessageID("ID:theirs");
        foreign.setLongProperty("number", 7);
        foreign.setStringProperty("JMSXGroupID", "g");

        producer.send(foreign, DeliveryMode.NON_PERSISTENT, 8, 60_000);

        Message received = consumer.receive(PATIENCE_MS);
        assertEquals("c", received.getJMSCorrelationID());
        assertEquals("t", received.getJMSType());
        assertEquals(new MillraceQueue("answers"), received.getJMSReplyTo());
        assertEquals(7L, received.getObjectProperty("number"));
        assertEquals("g", received.getStringProperty("JMSXGroupID"));
        assertFalse(received.getJMSMessageID().equals("ID:theirs"));
        assertEquals(received.getJMSMessageID(), foreign.getJMSMessageID());
        assertEquals(queue, foreign.getJMSDestination());
        assertEquals(DeliveryMode.NON_PERSISTENT, foreign.getJMSDeliveryMode());
        assertEquals(8, foreign.getJMSPriority());
        assertEquals(received.getJMSExpiration(), foreign.getJMSExpiration());
        assertEquals(received.getJMSTimestamp(), foreign.getJMSTimestamp());
        assertEquals(received.getJMSDeliveryTime(), foreign.getJMSDeliveryTime());
    }

    @Test
    void anAsynchronousSendSetsTheHeadersOfAnotherProvidersMessage() throws Exception {
        // Sections 3.4.11 and 7.3.
        CompletableFuture<Message> completed = new CompletableFuture<>();
        TextMessage foreign = ForeignMessages.text("x");

        producer.send(foreign, new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                completed.complete(message);
            }

            @Override
            public void onException(Message message, Exception exception) {
                completed.completeExceptionally(exception);
            }
        });

        assertSame(foreign, completed.get(PATIENCE_MS, TimeUnit.MILLISECONDS), "the message that was given");
        assertEquals(consumer.receive(PATIENCE_MS).getJMSMessageID(), foreign.getJMSMessageID());
    }

    @Test
    void objectsOfTheApplicationArrive() throws Exception {
        // Section 3.11.
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            context.createProducer().send(queue, new Order("hops", 3));
            consumer.close();

            Order received = context.createConsumer(queue).receiveBody(Order.class, PATIENCE_MS);

            assertEquals(new Order("hops", 3), received);
        }
    }

    @Test
    void objectsOfTheApplicationAreRefusedWhenTheAllowListDoesNotNameThem() throws Exception {
        MillraceConnectionFactory narrow =
                new MillraceConnectionFactory(broker.url() + "?deserializationAllow=java.lang.*");
        try (JMSContext context = narrow.createContext()) {
            context.createProducer().send(queue, new Order("hops", 3));
            consumer.close();
            var receiver = context.createConsumer(queue);

            MessageFormatRuntimeException e = assertThrows(
                    MessageFormatRuntimeException.class, () -> receiver.receiveBody(Order.class, PATIENCE_MS));

            assertTrue(e.getMessage().contains("deserializationAllow"), e.getMessage());
            assertTrue(e.getMessage().contains(Order.class.getName()), e.getMessage());
            ObjectMessage message = assertInstanceOf(ObjectMessage.class, receiver.receive(PATIENCE_MS));
            assertThrows(jakarta.jms.MessageFormatException.class, message::getObject);
        }
    }

    @Test
    void theSimplifiedApiSendsAndReceivesBodiesOfEveryType() {
        // Sections 7.5 and 8.6, JMSProducer.send and JMSConsumer.receiveBody.
        Map<String, Object> map = Map.of("a", 1, "b", "two");
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            Queue bodies = context.createQueue(queue.getQueueName() + "-bodies");
            var receiver = context.createConsumer(bodies);
            JMSProducer sender = context.createProducer();
            sender.send(bodies, "text")
                    .send(bodies, map)
                    .send(bodies, new byte[] {1})
                    .send(bodies, (Serializable) 5);

            assertEquals("text", receiver.receiveBody(String.class, PATIENCE_MS));
            assertEquals(map, receiver.receiveBody(Map.class, PATIENCE_MS));
            assertArrayEquals(new byte[] {1}, receiver.receiveBody(byte[].class, PATIENCE_MS));
            assertEquals(5, receiver.receiveBody(Integer.class, PATIENCE_MS));
        }
    }

    @Test
    void aBodyOfAnotherTypeOrNoneIsRefusedAndComesAgain() throws Exception {
        // JMSConsumer.receiveBody in AUTO_ACKNOWLEDGE.
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            Queue bodies = context.createQueue(queue.getQueueName() + "-bodies");
            var receiver = context.createConsumer(bodies);
            JMSProducer sender = context.createProducer();
            StreamMessage stream = context.createStreamMessage();
            stream.writeInt(1);
            for (Message message : List.of(
                    stream,
                    context.createMessage(),
                    context.createTextMessage(),
                    context.createBytesMessage(),
                    context.createMapMessage(),
                    context.createObjectMessage(),
                    context.createTextMessage("not a number"))) {
                Class<?> type = message instanceof TextMessage ? Integer.class : Object.class;
                sender.send(bodies, message);

                assertThrows(
                        MessageFormatRuntimeException.class,
                        () -> receiver.receiveBody(type, PATIENCE_MS),
                        message.toString());

                Message again = receiver.receive(PATIENCE_MS);
                assertEquals(message.getJMSMessageID(), again.getJMSMessageID());
                assertFalse(again.getJMSRedelivered());
            }
        }
    }

    @Test
    void aProducersPropertiesAndHeadersLieOverTheMessages() throws Exception {
        // Section 7.5 and JMSProducer: the producer's value wins; nothing else of the message changes.
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            JMSProducer sender = context.createProducer()
                    .setProperty("b", true)
                    .setProperty("y", (byte) 1)
                    .setProperty("s", (short) 2)
                    .setProperty("i", 3)
                    .setProperty("l", 4L)
                    .setProperty("f", 5f)
                    .setProperty("d", 6d)
                    .setProperty("t", "seven")
                    .setProperty("o", (Object) 8)
                    .setJMSCorrelationIDAsBytes(new byte[] {'c'})
                    .setJMSType("type")
                    .setJMSReplyTo(queue);
            Message message = context.createMapMessage();
            message.setIntProperty("i", 99);
            message.setIntProperty("own", 1);
            sender.send(queue, message);

            Message received = consumer.receive(PATIENCE_MS);

            assertEquals(true, received.getObjectProperty("b"));
            assertEquals((byte) 1, received.getObjectProperty("y"));
            assertEquals((short) 2, received.getObjectProperty("s"));
            assertEquals(3, received.getObjectProperty("i"));
            assertEquals(4L, received.getObjectProperty("l"));
            assertEquals(5f, received.getObjectProperty("f"));
            assertEquals(6d, received.getObjectProperty("d"));
            assertEquals("seven", received.getObjectProperty("t"));
            assertEquals(8, received.getObjectProperty("o"));
            assertEquals(1, received.getObjectProperty("own"));
            assertEquals("c", received.getJMSCorrelationID());
            assertEquals("type", received.getJMSType());
            assertEquals(queue, received.getJMSReplyTo());
            assertEquals(Set.of("b", "y", "s", "i", "l", "f", "d", "t", "o"), sender.getPropertyNames());
            assertEquals(3L, sender.getLongProperty("i"));
            assertThrows(MessageFormatRuntimeException.class, () -> sender.getByteProperty("i"));
            assertThrows(MessageFormatRuntimeException.class, () -> sender.setProperty("bad", new Object()));
            assertThrows(IllegalArgumentException.class, () -> sender.setProperty("", 1));
            assertThrows(MessageNotWriteableRuntimeException.class, () -> sender.send(queue, received));
            assertFalse(sender.clearProperties().propertyExists("i"));
            assertThrows(
                    MessageFormatRuntimeException.class, () -> sender.send(queue, Map.of("v", (Object) List.of())));
            assertThrows(MessageFormatRuntimeException.class, () -> sender.send(queue, Map.of("", (Object) 1)));
        }
    }
}
