// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.jms.message.MillraceBytesMessage;
import io.millrace.jms.message.MillraceTextMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client against a real broker. */
@Timeout(60)
class RealBrokerTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static JMSContext context(int mode) {
        return new MillraceConnectionFactory(broker.url()).createContext(mode);
    }

    @Test
    void carriesHeadersPropertiesAndBodiesToALaterConsumer() throws Exception {
        MillraceQueue queue = new MillraceQueue("headers");
        try (JMSContext sender = context(JMSContext.AUTO_ACKNOWLEDGE)) {
            sender.createProducer()
                    .setJMSCorrelationID("c1")
                    .setJMSType("order")
                    .setJMSReplyTo(new MillraceTopic("answers"))
                    .setProperty("flag", true)
                    .setProperty("count", 7)
                    .setProperty("price", 1.5)
                    .setProperty("name", "Zoë")
                    .send(queue, "hello");
            sender.createProducer().send(queue, new byte[] {1, 2, 3});
        }
        try (JMSContext receiver = context(JMSContext.AUTO_ACKNOWLEDGE)) {
            var consumer = receiver.createConsumer(queue);

            TextMessage text = (TextMessage) consumer.receive(10_000);
            BytesMessage bytes = (BytesMessage) consumer.receive(10_000);

            assertEquals("hello", text.getText());
            assertEquals("c1", text.getJMSCorrelationID());
            assertEquals("order", text.getJMSType());
            assertEquals(new MillraceTopic("answers"), text.getJMSReplyTo());
            assertEquals(queue, text.getJMSDestination());
            assertTrue(text.getBooleanProperty("flag"));
            assertEquals(7, text.getObjectProperty("count"));
            assertEquals(1.5, text.getObjectProperty("price"));
            assertEquals("Zoë", text.getStringProperty("name"));
            assertArrayEquals(new byte[] {1, 2, 3}, bytes.getBody(byte[].class));
            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void recoverDeliversAgainWithARisingCount() throws Exception {
        MillraceQueue queue = new MillraceQueue("recover");
        try (JMSContext context = context(JMSContext.CLIENT_ACKNOWLEDGE)) {
            context.createProducer().send(queue, "a").send(queue, "b");
            var consumer = context.createConsumer(queue);
            assertEquals("a", consumer.receiveBody(String.class, 10_000));

            context.recover();

            Message again = consumer.receive(10_000);
            assertEquals("a", again.getBody(String.class));
            assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
            assertTrue(again.getJMSRedelivered());
            assertEquals("b", consumer.receiveBody(String.class, 10_000));
            context.acknowledge();
        }
    }

    @Test
    void aTransactionSendsAndAcknowledgesTogether() throws Exception {
        MillraceQueue in = new MillraceQueue("tx-in");
        MillraceQueue out = new MillraceQueue("tx-out");
        try (JMSContext context = context(JMSContext.SESSION_TRANSACTED)) {
            context.createProducer().send(in, "a");
            context.commit();
            var consumer = context.createConsumer(in);
            assertEquals("a", consumer.receiveBody(String.class, 10_000));
            context.createProducer().send(out, "undone");
            context.rollback();
            assertEquals("a", consumer.receiveBody(String.class, 10_000));
            context.createProducer().send(out, "done");
            context.commit();
            assertEquals("done", context.createConsumer(out).receiveBody(String.class, 10_000));
            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void findsTheBrokerInZooKeeperAndFansATopicOut() throws Exception {
        MillraceTopic topic = new MillraceTopic("prices");
        try (var connection =
                new MillraceConnectionFactory("millrace+zk://" + broker.zookeeperConnect()).createConnection()) {
            connection.start();
            Session session = connection.createSession();
            MessageConsumer one = session.createConsumer(topic);
            MessageConsumer two = session.createConsumer(topic);

            session.createProducer(topic).send(session.createTextMessage("up"));

            assertNotNull(one.receive(10_000));
            assertNotNull(two.receive(10_000));
        }
    }

    @Test
    void sendsMessagesOfAnotherProvider() throws Exception {
        // Jakarta Messaging 3.1, section 3.13: headers of the given message are set, its content is copied.
        MillraceQueue queue = new MillraceQueue("foreign");
        MillraceTextMessage text = new MillraceTextMessage("hello");
        text.setJMSType("greeting");
        text.setLongProperty("number", 7);
        MillraceBytesMessage bytes = new MillraceBytesMessage();
        bytes.writeInt(42);
        try (var connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            connection.start();
            Session session = connection.createSession();
            var producer = session.createProducer(queue);
            TextMessage foreign = foreign(TextMessage.class, text);

            producer.send(foreign);
            producer.send(foreign(BytesMessage.class, bytes));

            assertEquals(queue, foreign.getJMSDestination());
            assertNotNull(foreign.getJMSMessageID());
            MessageConsumer consumer = session.createConsumer(queue);
            TextMessage received = (TextMessage) consumer.receive(10_000);
            assertEquals("hello", received.getText());
            assertEquals("greeting", received.getJMSType());
            assertEquals(7L, received.getObjectProperty("number"));
            assertEquals(foreign.getJMSMessageID(), received.getJMSMessageID());
            assertEquals(42, ((BytesMessage) consumer.receive(10_000)).readInt());
        }
    }

    /** The same message, as a class that is not Millrace's. */
    private static <M extends Message> M foreign(Class<M> type, M message) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    try {
                        return method.invoke(message, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
