// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** The domain-specific interfaces (Jakarta Messaging 3.1, section 2.8.2 and the table there), on a real broker. */
@Timeout(60)
class DomainSpecificApiTest {
    private static EmbeddedBroker broker;

    private final Queue queue = new MillraceQueue("domain-queue");
    private final Topic topic = new MillraceTopic("domain-topic");

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static QueueConnection queues() throws JMSException {
        QueueConnectionFactory factory = new MillraceConnectionFactory(broker.url());
        return factory.createQueueConnection();
    }

    private static TopicConnection topics() throws JMSException {
        TopicConnectionFactory factory = new MillraceConnectionFactory(broker.url());
        return factory.createTopicConnection();
    }

    @Test
    void aQueueSessionSendsAndReceives() throws Exception {
        try (QueueConnection connection = queues()) {
            connection.start();
            QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            QueueSender fixed = session.createSender(queue);
            QueueSender open = session.createSender(null);
            QueueReceiver receiver = session.createReceiver(queue);

            fixed.send(session.createTextMessage("one"));
            fixed.send(session.createTextMessage("two"), DeliveryMode.NON_PERSISTENT, 4, 60_000);
            open.send(queue, session.createTextMessage("three"));
            open.send(queue, session.createTextMessage("four"), DeliveryMode.PERSISTENT, 4, 0);

            for (String text : new String[] {"one", "two", "three", "four"}) {
                assertEquals(text, ((TextMessage) receiver.receive(10_000)).getText());
            }
            assertEquals(queue, fixed.getQueue());
            assertNull(open.getQueue());
            assertEquals(queue, receiver.getQueue());
        }
    }

    @Test
    void aTransactedQueueSessionIsOne() throws Exception {
        try (QueueConnection connection = queues()) {
            QueueSession session = connection.createQueueSession(true, Session.AUTO_ACKNOWLEDGE);

            assertTrue(session.getTransacted());
            assertEquals(Session.SESSION_TRANSACTED, session.getAcknowledgeMode());
            session.rollback();
        }
    }

    @Test
    void aTopicSessionPublishesAndSubscribes() throws Exception {
        try (TopicConnection connection = topics()) {
            connection.start();
            TopicSession session = connection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
            TopicPublisher fixed = session.createPublisher(topic);
            TopicPublisher open = session.createPublisher(null);
            TopicSubscriber subscriber = session.createSubscriber(topic);

            fixed.publish(session.createTextMessage("one"));
            fixed.publish(session.createTextMessage("two"), DeliveryMode.NON_PERSISTENT, 4, 60_000);
            open.publish(topic, session.createTextMessage("three"));
            open.publish(topic, session.createTextMessage("four"), DeliveryMode.PERSISTENT, 4, 0);

            for (String text : new String[] {"one", "two", "three", "four"}) {
                assertEquals(text, ((TextMessage) subscriber.receive(10_000)).getText());
            }
            assertEquals(topic, fixed.getTopic());
            assertNull(open.getTopic());
            assertEquals(topic, subscriber.getTopic());
            assertFalse(subscriber.getNoLocal());
        }
    }

    /** The table of methods that must not be used on a QueueSession. */
    @Test
    void aQueueSessionHasNothingOfTopics() throws Exception {
        try (QueueConnection connection = queues()) {
            QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);

            refuses(() -> session.createTopic("x"));
            refuses(session::createTemporaryTopic);
            refuses(() -> session.createDurableSubscriber(topic, "s"));
            refuses(() -> session.createDurableSubscriber(topic, "s", null, false));
            refuses(() -> session.createDurableConsumer(topic, "s"));
            refuses(() -> session.createDurableConsumer(topic, "s", null, false));
            refuses(() -> session.createSharedConsumer(topic, "s"));
            refuses(() -> session.createSharedConsumer(topic, "s", null));
            refuses(() -> session.createSharedDurableConsumer(topic, "s"));
            refuses(() -> session.createSharedDurableConsumer(topic, "s", null));
            refuses(() -> session.unsubscribe("s"));
        }
    }

    /** The table of methods that must not be used on a TopicSession. */
    @Test
    void aTopicSessionHasNothingOfQueues() throws Exception {
        try (TopicConnection connection = topics()) {
            TopicSession session = connection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);

            refuses(() -> session.createQueue("x"));
            refuses(session::createTemporaryQueue);
            refuses(() -> session.createBrowser(queue));
            refuses(() -> session.createBrowser(queue, "a = 1"));
        }
    }

    /** The table of methods that must not be used on a QueueConnection. */
    @Test
    void aQueueConnectionHasNoSubscriptions() throws Exception {
        ServerSessionPool pool = () -> {
            throw new JMSException("never asked");
        };
        try (QueueConnection connection = queues()) {
            refuses(() -> connection.createDurableConnectionConsumer(topic, "s", null, pool, 1));
            refuses(() -> connection.createSharedConnectionConsumer(topic, "s", null, pool, 1));
            refuses(() -> connection.createSharedDurableConnectionConsumer(topic, "s", null, pool, 1));
        }
    }

    private static void refuses(Executable call) {
        assertThrows(IllegalStateException.class, call);
    }

    @Test
    void connectionConsumersOfEachDomainAreMade() throws Exception {
        ServerSessionPool pool = () -> {
            throw new JMSException("never asked");
        };
        try (QueueConnection ofQueues = queues();
                TopicConnection ofTopics = topics()) {
            ConnectionConsumer one = ofQueues.createConnectionConsumer(queue, null, pool, 1);
            ConnectionConsumer other = ofTopics.createConnectionConsumer(topic, null, pool, 1);

            assertSame(pool, one.getServerSessionPool());
            assertSame(pool, other.getServerSessionPool());
            one.close();
            other.close();
        }
    }

    @Test
    void aQueueSessionBrowsesAndHasTemporaryQueues() throws Exception {
        try (QueueConnection connection = queues()) {
            QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            TemporaryQueue temporary = session.createTemporaryQueue();
            session.createSender(temporary).send(session.createTextMessage("seen"));

            QueueBrowser browser = session.createBrowser(temporary);

            assertEquals("seen", ((TextMessage) browser.getEnumeration().nextElement()).getText());
        }
    }

    /** Answers whatever comes, with the request's text turned around. */
    private void answer(Session session, MessageConsumer requests) throws JMSException {
        requests.setMessageListener(request -> {
            try {
                String text = request.getBody(String.class);
                Message reply = session.createTextMessage(
                        new StringBuilder(text).reverse().toString());
                reply.setJMSCorrelationID(request.getJMSMessageID());
                session.createProducer(request.getJMSReplyTo()).send(reply);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** QueueRequestor: one request, its reply through a temporary queue, again and again; then its session is closed. */
    @Test
    void aQueueRequestorGetsTheReplyToEachRequest() throws Exception {
        Queue service = new MillraceQueue("domain-service");
        try (Connection server = new MillraceConnectionFactory(broker.url()).createConnection();
                QueueConnection connection = queues()) {
            server.start();
            Session answering = server.createSession();
            answer(answering, answering.createConsumer(service));
            connection.start();
            QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            QueueRequestor requestor = new QueueRequestor(session, service);

            for (int i = 0; i < 50; i++) {
                TextMessage request = session.createTextMessage("request " + i);

                TextMessage reply = (TextMessage) requestor.request(request);

                assertEquals(new StringBuilder("request " + i).reverse().toString(), reply.getText());
                assertEquals(request.getJMSMessageID(), reply.getJMSCorrelationID());
            }
            requestor.close();
            assertThrows(IllegalStateException.class, session::createMessage);
        }
    }

    @Test
    void aTopicRequestorGetsTheReplyToEachRequest() throws Exception {
        Topic service = new MillraceTopic("domain-topic-service");
        try (Connection server = new MillraceConnectionFactory(broker.url()).createConnection();
                TopicConnection connection = topics()) {
            server.start();
            Session answering = server.createSession();
            answer(answering, answering.createConsumer(service));
            connection.start();
            TopicSession session = connection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
            TopicRequestor requestor = new TopicRequestor(session, service);

            TextMessage reply = (TextMessage) requestor.request(session.createTextMessage("abc"));

            assertEquals("cba", reply.getText());
            requestor.close();
        }
    }

    @Test
    void aRequestorWantsADestination() throws Exception {
        try (QueueConnection connection = queues()) {
            QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);

            assertThrows(InvalidDestinationException.class, () -> new QueueRequestor(session, null));
        }
    }
}
