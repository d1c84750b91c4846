// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.protocol.message.Feature;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Producers and synchronous send (Jakarta Messaging 3.1, sections 7.1, 7.2 and 7.4 to 7.10), on the real broker. */
@Timeout(60)
class SendingRulesTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private MillraceQueue queue;
    private Connection connection;
    private Session session;

    @BeforeEach
    void connect(TestInfo test) throws Exception {
        queue = new MillraceQueue(test.getTestMethod().orElseThrow().getName());
        connection = new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection();
        session = connection.createSession();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private Message receive() throws JMSException {
        connection.start();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            return consumer.receive(10_000);
        }
    }

    @Test
    void aDestinationIsNamedOnceByTheProducerOrByEachSend() throws Exception {
        // Section 7.1, and the Javadoc of MessageProducer.send.
        Message message = session.createMessage();
        MessageProducer fixed = session.createProducer(queue);
        MessageProducer free = session.createProducer(null);

        assertThrows(UnsupportedOperationException.class, () -> fixed.send(queue, message));
        assertThrows(UnsupportedOperationException.class, () -> free.send(message));
        assertThrows(InvalidDestinationException.class, () -> free.send(null, message));
        assertThrows(MessageFormatException.class, () -> fixed.send(null));
        assertEquals(queue, fixed.getDestination());
        assertNull(free.getDestination());
        fixed.close();
        fixed.close();
        assertThrows(IllegalStateException.class, () -> fixed.send(message));
        assertThrows(IllegalStateException.class, fixed::getPriority);
    }

    @Test
    void whatAProducerIsSetToIsInRangeOrRefused() throws Exception {
        // Sections 7.7 to 7.9.
        MessageProducer producer = session.createProducer(queue);

        assertThrows(JMSException.class, () -> producer.setPriority(-1));
        assertThrows(JMSException.class, () -> producer.setPriority(10));
        assertThrows(JMSException.class, () -> producer.setDeliveryMode(3));
        assertThrows(JMSException.class, () -> producer.setTimeToLive(-1));
        assertThrows(JMSException.class, () -> producer.setDeliveryDelay(-1));
        assertThrows(JMSException.class, () -> producer.send(session.createMessage(), 0, 4, 0));
        assertEquals(DeliveryMode.PERSISTENT, producer.getDeliveryMode());
        assertEquals(4, producer.getPriority());
        assertEquals(0, producer.getTimeToLive());
        assertEquals(0, producer.getDeliveryDelay());
    }

    @Test
    void sendSetsTheHeadersWhateverTheMessageSaid() throws Exception {
        // Sections 3.4.11, 7.7 and 7.8.
        MessageProducer producer = session.createProducer(queue);
        producer.setPriority(7);
        producer.setTimeToLive(60_000);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        Message message = session.createTextMessage("a");
        message.setJMSPriority(1);
        message.setJMSExpiration(5);
        message.setJMSDeliveryMode(DeliveryMode.PERSISTENT);
        message.setJMSMessageID("ID:mine");
        message.setJMSDestination(new MillraceQueue("elsewhere"));

        producer.send(message);

        Message received = receive();
        for (Message one : new Message[] {message, received}) {
            assertEquals(7, one.getJMSPriority());
            assertEquals(DeliveryMode.NON_PERSISTENT, one.getJMSDeliveryMode());
            assertEquals(one.getJMSTimestamp() + 60_000, one.getJMSExpiration());
            assertEquals(one.getJMSTimestamp(), one.getJMSDeliveryTime());
            assertEquals(queue, one.getJMSDestination());
            assertEquals(message.getJMSMessageID(), one.getJMSMessageID());
        }
        assertTrue(message.getJMSMessageID().startsWith("ID:"));
        assertFalse(message.getJMSMessageID().equals("ID:mine"));
    }

    @Test
    void parametersOfASendWinOverTheProducer() throws Exception {
        // Section 7.4.
        MessageProducer producer = session.createProducer(queue);
        producer.setPriority(7);
        producer.setTimeToLive(60_000);

        producer.send(session.createTextMessage("a"), DeliveryMode.NON_PERSISTENT, 2, 0);

        Message received = receive();
        assertEquals(2, received.getJMSPriority());
        assertEquals(0, received.getJMSExpiration());
        assertEquals(DeliveryMode.NON_PERSISTENT, received.getJMSDeliveryMode());
    }

    @Test
    void aSendInATransactionHasItsHeadersAtOnceAndKeepsThem() throws Exception {
        // Sections 7.8 and 7.9: the times count from the send, not from the commit.
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        Message message = transacted.createTextMessage("a");
        MessageProducer producer = transacted.createProducer(queue);
        producer.setTimeToLive(60_000);
        producer.send(message);
        String id = message.getJMSMessageID();
        long expiration = message.getJMSExpiration();
        producer.send(message);
        assertFalse(id.equals(message.getJMSMessageID()), "each send makes a message of its own");

        transacted.commit();

        Message received = receive();
        assertEquals(id, received.getJMSMessageID());
        assertEquals(expiration, received.getJMSExpiration());
    }

    @Test
    void theDeliveryTimeIsTheSendsPlusTheDelay() throws Exception {
        // Sections 3.4.13 and 7.9.
        try (ScriptedPeer peer = new ScriptedPeer().with(Feature.DELIVERY_DELAY);
                Connection to = new MillraceConnectionFactory(peer.url()).createConnection()) {
            Session delaying = to.createSession();
            MessageProducer producer = delaying.createProducer(queue);
            producer.setDeliveryDelay(5_000);
            Message message = delaying.createTextMessage("a");

            producer.send(message);

            assertEquals(5_000, producer.getDeliveryDelay());
            assertEquals(message.getJMSTimestamp() + 5_000, message.getJMSDeliveryTime());
        }
    }

    @Test
    void aJmsProducerIsChainedAndLaysItsHeadersAndPropertiesOverTheMessage() throws Exception {
        // Sections 7.5, 7.6 and 7.10.
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            Message message = context.createTextMessage("a");
            message.setStringProperty("both", "message");
            message.setStringProperty("own", "message");
            message.setJMSType("message");
            message.setJMSCorrelationID("message");
            JMSProducer producer = context.createProducer();

            assertSame(producer, producer.setProperty("both", "producer"));
            assertSame(
                    producer,
                    producer.setJMSType("producer")
                            .setPriority(9)
                            .setTimeToLive(60_000)
                            .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
                            .setDisableMessageID(true)
                            .setDisableMessageTimestamp(true)
                            .setDeliveryDelay(0)
                            .setAsync(null)
                            .send(queue, message));

            Message received = context.createConsumer(queue).receive(10_000);
            assertEquals("producer", received.getStringProperty("both"));
            assertEquals("message", received.getStringProperty("own"));
            assertEquals("producer", received.getJMSType());
            assertEquals("message", received.getJMSCorrelationID());
            assertEquals(9, received.getJMSPriority());
            assertEquals(4, context.createProducer().getPriority(), "another producer has settings of its own");
        }
    }

    @Test
    void aJmsProducerRefusesWhatAProducerRefuses() {
        // Sections 7.1 and 10.2: with the unchecked twins.
        JMSContext context = new MillraceConnectionFactory(MILLRACE.broker().url()).createContext();
        JMSProducer producer = context.createProducer();

        assertThrows(JMSRuntimeException.class, () -> producer.setPriority(10));
        assertThrows(JMSRuntimeException.class, () -> producer.setDeliveryMode(0));
        assertThrows(JMSRuntimeException.class, () -> producer.setTimeToLive(-1));
        assertThrows(JMSRuntimeException.class, () -> producer.setDeliveryDelay(-1));
        assertThrows(InvalidDestinationRuntimeException.class, () -> producer.send(null, "a"));
        assertThrows(MessageFormatRuntimeException.class, () -> producer.send(queue, (Message) null));
        assertThrows(IllegalArgumentException.class, () -> producer.setProperty("", 1));
        assertThrows(MessageFormatRuntimeException.class, () -> producer.setProperty("a", new Object()));
        context.close();
        assertThrows(IllegalStateRuntimeException.class, () -> producer.send(queue, "a"));
    }
}
