// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jakarta Messaging 3.1, section 6.2.2 (temporary destinations) and 4.1.5, against a real broker. */
@Timeout(120)
class TemporaryDestinationsTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.builder()
                .set("jms.temporary.max.bytes", "100000")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static Connection connect() throws JMSException {
        Connection connection = new MillraceConnectionFactory(broker.url()).createConnection();
        connection.start();
        return connection;
    }

    private static Session session(Connection of) throws JMSException {
        return of.createSession(Session.AUTO_ACKNOWLEDGE);
    }

    private static void send(Connection by, jakarta.jms.Destination to, String text) throws JMSException {
        try (Session session = session(by)) {
            session.createProducer(null).send(to, session.createTextMessage(text));
        }
    }

    /** Section 6.2.2: created by a session, unique for each call. */
    @Test
    void eachTemporaryDestinationIsItsOwn() throws Exception {
        try (Connection connection = connect()) {
            Session session = session(connection);

            TemporaryQueue first = session.createTemporaryQueue();
            TemporaryQueue second = session.createTemporaryQueue();
            TemporaryTopic topic = session.createTemporaryTopic();

            assertNotEquals(first, second);
            assertNotEquals(first.getQueueName(), second.getQueueName());
            assertNotEquals(first.getQueueName(), topic.getTopicName());
        }
    }

    /** Section 6.2.2: a temporary queue is a queue like others for its own connection, from any of its sessions. */
    @Test
    void anySessionOfTheConnectionReceivesFromATemporaryQueueInOrder() throws Exception {
        try (Connection connection = connect()) {
            TemporaryQueue queue = session(connection).createTemporaryQueue();
            MessageConsumer consumer = session(connection).createConsumer(queue);

            for (int i = 0; i < 100; i++) {
                send(connection, queue, "m" + i);
            }

            for (int i = 0; i < 100; i++) {
                TextMessage received = (TextMessage) consumer.receive(10_000);
                assertEquals("m" + i, received.getText());
                assertEquals(queue, received.getJMSDestination());
                assertInstanceOf(TemporaryQueue.class, received.getJMSDestination());
            }
            assertNull(consumer.receiveNoWait());
        }
    }

    /** Section 6.2.2: "outlives the session that created it": only the connection ends it. */
    @Test
    void aTemporaryQueueOutlivesTheSessionThatMadeItAndKeepsItsMessages() throws Exception {
        try (Connection connection = connect()) {
            Session first = session(connection);
            TemporaryQueue queue = first.createTemporaryQueue();
            send(connection, queue, "kept");
            first.close();

            TextMessage received =
                    (TextMessage) session(connection).createConsumer(queue).receive(10_000);

            assertEquals("kept", received.getText());
        }
    }

    @Test
    void aTemporaryTopicDeliversToEachOfItsSubscribers() throws Exception {
        try (Connection connection = connect()) {
            Session session = session(connection);
            TemporaryTopic topic = session.createTemporaryTopic();
            MessageConsumer one = session(connection).createConsumer(topic);
            MessageConsumer other = session(connection).createConsumer(topic);

            send(connection, topic, "news");

            assertEquals("news", ((TextMessage) one.receive(10_000)).getText());
            assertEquals("news", ((TextMessage) other.receive(10_000)).getText());
        }
    }

    /** Section 6.2.2: any connection may send to it. */
    @Test
    void anotherConnectionRepliesToTheDestinationItFindsInTheMessage() throws Exception {
        Queue requests = new MillraceQueue("temp-requests");
        try (Connection requester = connect();
                Connection replier = connect()) {
            Session asking = session(requester);
            TemporaryQueue replies = asking.createTemporaryQueue();
            Message request = asking.createTextMessage("ping");
            request.setJMSReplyTo(replies);
            asking.createProducer(requests).send(request);
            Session answering = session(replier);

            Message received = answering.createConsumer(requests).receive(10_000);
            assertInstanceOf(TemporaryQueue.class, received.getJMSReplyTo());
            assertEquals(replies, received.getJMSReplyTo());
            answering.createProducer(received.getJMSReplyTo()).send(answering.createTextMessage("pong"));

            assertEquals("pong", ((TextMessage) asking.createConsumer(replies).receive(10_000)).getText());
        }
    }

    /** Section 6.2.2: only its own connection may create consumers. */
    @Test
    void anotherConnectionMayNotReceiveFromIt() throws Exception {
        try (Connection owner = connect();
                Connection other = connect()) {
            TemporaryQueue queue = session(owner).createTemporaryQueue();
            TemporaryTopic topic = session(owner).createTemporaryTopic();
            Session foreign = session(other);

            assertThrows(InvalidDestinationException.class, () -> foreign.createConsumer(queue));
            assertThrows(InvalidDestinationException.class, () -> foreign.createConsumer(topic));
            assertThrows(
                    InvalidDestinationException.class,
                    () -> foreign.createConsumer(foreign.createQueue(queue.getQueueName())));
        }
    }

    /** TemporaryQueue.delete and TemporaryTopic.delete: refused while a receiver uses it. */
    @Test
    void aTemporaryDestinationWithConsumersIsNotDeleted() throws Exception {
        try (Connection connection = connect()) {
            Session session = session(connection);
            TemporaryQueue queue = session.createTemporaryQueue();
            TemporaryTopic topic = session.createTemporaryTopic();
            MessageConsumer ofQueue = session.createConsumer(queue);
            MessageConsumer ofTopic = session.createConsumer(topic);

            assertThrows(IllegalStateException.class, queue::delete);
            assertThrows(IllegalStateException.class, topic::delete);

            ofQueue.close();
            ofTopic.close();
            queue.delete();
            topic.delete();
        }
    }

    @Test
    void nobodyButItsConnectionDeletesIt() throws Exception {
        try (Connection owner = connect();
                Connection other = connect()) {
            TemporaryQueue queue = session(owner).createTemporaryQueue();
            Message message = session(owner).createMessage();
            message.setJMSReplyTo(queue);
            Queue carrier = new MillraceQueue("temp-carrier");
            session(owner).createProducer(carrier).send(message);
            TemporaryQueue received = (TemporaryQueue)
                    session(other).createConsumer(carrier).receive(10_000).getJMSReplyTo();

            assertThrows(JMSException.class, received::delete);

            send(other, queue, "still there");
        }
    }

    @Test
    void aDeletedTemporaryQueueIsAnInvalidDestinationForAll() throws Exception {
        try (Connection owner = connect();
                Connection other = connect()) {
            Session session = session(owner);
            TemporaryQueue queue = session.createTemporaryQueue();
            MessageProducer known = session(other).createProducer(queue);
            known.send(session.createTextMessage("x"));

            queue.delete();

            assertThrows(InvalidDestinationException.class, () -> known.send(session.createTextMessage("y")));
            assertThrows(InvalidDestinationException.class, () -> session(other).createProducer(queue));
            assertThrows(InvalidDestinationException.class, () -> session.createConsumer(queue));
            assertThrows(InvalidDestinationException.class, () -> send(owner, queue, "z"));
            assertThrows(InvalidDestinationException.class, queue::delete);
        }
    }

    /** Section 6.1.8: closing the connection deletes its temporary destinations. */
    @Test
    void closingTheConnectionEndsItsTemporaryDestinations() throws Exception {
        try (Connection other = connect()) {
            Connection owner = connect();
            TemporaryQueue queue = session(owner).createTemporaryQueue();
            MessageProducer producer = session(other).createProducer(queue);
            Message message = session(other).createTextMessage("x");
            producer.send(message);

            owner.close();

            assertThrows(InvalidDestinationException.class, () -> producer.send(message));
            assertThrows(IllegalStateException.class, queue::delete);
        }
    }

    /** Simplified API: the same from a JMSContext; contexts that share a connection share what it made. */
    @Test
    void contextsOfOneConnectionShareTheirTemporaryQueues() {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext();
                JMSContext sibling = context.createContext(JMSContext.AUTO_ACKNOWLEDGE);
                JMSContext stranger = new MillraceConnectionFactory(broker.url()).createContext()) {
            TemporaryQueue queue = context.createTemporaryQueue();
            JMSConsumer consumer = sibling.createConsumer(queue);

            stranger.createProducer().send(queue, "hello");

            assertEquals("hello", consumer.receiveBody(String.class, 10_000));
            assertThrows(InvalidDestinationRuntimeException.class, () -> stranger.createConsumer(queue));
        }
    }

    @Test
    void aTransactionReachesTemporaryAndDurableDestinationsTogether() throws Exception {
        Queue durable = new MillraceQueue("temp-tx");
        try (Connection connection = connect()) {
            TemporaryQueue queue = session(connection).createTemporaryQueue();
            MessageConsumer fromTemporary = session(connection).createConsumer(queue);
            MessageConsumer fromDurable = session(connection).createConsumer(durable);
            Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = transacted.createProducer(null);
            for (int i = 0; i < 20; i++) {
                producer.send(queue, transacted.createTextMessage("t" + i));
                producer.send(durable, transacted.createTextMessage("d" + i));
            }
            assertNull(fromTemporary.receiveNoWait());

            transacted.commit();
            send(connection, queue, "after");

            for (int i = 0; i < 20; i++) {
                assertEquals("t" + i, ((TextMessage) fromTemporary.receive(10_000)).getText());
                assertEquals("d" + i, ((TextMessage) fromDurable.receive(10_000)).getText());
            }
            assertEquals("after", ((TextMessage) fromTemporary.receive(10_000)).getText());
        }
    }

    @Test
    void aTransactionToTemporaryQueuesAloneCommitsAndRollsBack() throws Exception {
        try (Connection connection = connect()) {
            Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
            TemporaryQueue in = transacted.createTemporaryQueue();
            TemporaryQueue out = transacted.createTemporaryQueue();
            MessageConsumer consumer = transacted.createConsumer(in);
            MessageConsumer results = session(connection).createConsumer(out);
            send(connection, in, "work");

            transacted.createProducer(out).send(consumer.receive(10_000));
            transacted.rollback();
            Message again = consumer.receive(10_000);
            transacted.createProducer(out).send(transacted.createTextMessage("done"));
            transacted.commit();

            assertTrue(again.getJMSRedelivered());
            assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
            assertEquals("done", ((TextMessage) results.receive(10_000)).getText());
            assertNull(results.receiveNoWait());
            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void aTransactionThatSendsToADeletedTemporaryQueueRollsBackAsAWhole() throws Exception {
        Queue durable = new MillraceQueue("temp-tx-gone");
        try (Connection connection = connect()) {
            Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
            TemporaryQueue queue = transacted.createTemporaryQueue();
            MessageConsumer consumer = session(connection).createConsumer(durable);
            MessageProducer producer = transacted.createProducer(null);
            producer.send(durable, transacted.createTextMessage("d"));
            producer.send(queue, transacted.createTextMessage("t"));
            queue.delete();

            // Section 10.3: whatever the reason.
            assertThrows(TransactionRolledBackException.class, transacted::commit);

            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void aFullTemporaryQueueRefusesUntilSomethingIsReceived() throws Exception {
        try (Connection connection = connect()) {
            Session session = session(connection);
            TemporaryQueue queue = session.createTemporaryQueue();
            MessageProducer producer = session.createProducer(queue);
            Message message = session.createTextMessage("x".repeat(10_000));
            for (int i = 0; i < 9; i++) {
                producer.send(message);
            }

            ResourceAllocationException full =
                    assertThrows(ResourceAllocationException.class, () -> producer.send(message));

            assertTrue(full.getMessage().contains("jms.temporary.max.bytes"), full.getMessage());
            MessageConsumer consumer = session.createConsumer(queue);
            for (int i = 0; i < 9; i++) {
                assertTrue(consumer.receive(10_000) != null);
            }
            consumer.close(); // after the accepts
            producer.send(message);
        }
    }

    @Test
    void consumedMessagesOfAnyNumberLeaveNoTraceInATemporaryQueue() throws Exception {
        try (Connection connection = connect()) {
            Session session = session(connection);
            TemporaryQueue queue = session.createTemporaryQueue();
            MessageProducer producer = session.createProducer(queue);
            MessageConsumer consumer = session.createConsumer(queue);
            Message message = session.createTextMessage("x".repeat(20_000));

            for (int i = 0; i < 500; i++) {
                producer.send(message);
                assertTrue(consumer.receive(10_000) != null, "message " + i);
            }
        }
    }

    /** Ten thousand made and deleted, and as many at one time. */
    @Test
    void thousandsOfTemporaryQueuesAreCheap() throws Exception {
        try (Connection connection = connect()) {
            Session session = session(connection);
            MessageProducer producer = session.createProducer(null);
            List<TemporaryQueue> open = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                TemporaryQueue queue = session.createTemporaryQueue();
                open.add(queue);
                if (i % 100 == 0) {
                    producer.send(queue, session.createTextMessage("m" + i));
                }
            }
            MessageConsumer consumer = session.createConsumer(open.get(9_900));
            assertEquals("m9900", ((TextMessage) consumer.receive(10_000)).getText());
            consumer.close();

            for (TemporaryQueue queue : open) {
                queue.delete();
            }

            assertThrows(
                    InvalidDestinationException.class,
                    () -> producer.send(open.get(5_000), session.createTextMessage("x")));
        }
    }

    /** The incarnation in the name: after a restart an old name is known as such, also where numbers repeat. */
    @Test
    void theNameOfAnEarlierRunOfTheBrokerIsInvalid() {
        try (EmbeddedBroker restarting = EmbeddedBroker.start()) {
            String stale;
            try (JMSContext before = new MillraceConnectionFactory(restarting.url()).createContext()) {
                stale = before.createTemporaryQueue().getQueueName();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            restarting.restart();
            try (JMSContext after = new MillraceConnectionFactory(restarting.url()).createContext()) {
                TemporaryQueue present = after.createTemporaryQueue();

                assertThrows(
                        InvalidDestinationRuntimeException.class,
                        () -> after.createProducer().send(after.createQueue(stale), "x"));

                after.createProducer().send(present, "y");
            }
        }
    }

    /** A replier may be connected to another broker than the one whose memory holds the queue. */
    @Test
    void aTemporaryQueueIsReachedThroughAnyBrokerOfTheCluster() {
        try (EmbeddedBroker first =
                        EmbeddedBroker.builder().set("broker.id", "1").start();
                EmbeddedBroker second = EmbeddedBroker.builder()
                        .set("broker.id", "2")
                        .set("zookeeper.connect", first.zookeeperConnect())
                        .start();
                JMSContext owner = new MillraceConnectionFactory(first.url()).createContext();
                JMSContext other = new MillraceConnectionFactory(second.url()).createContext()) {
            TemporaryQueue queue = owner.createTemporaryQueue();
            JMSConsumer consumer = owner.createConsumer(queue);

            other.createProducer().send(queue, "from afar");

            assertEquals("from afar", consumer.receiveBody(String.class, 10_000));
            consumer.close();
            JmsErrors.uncheckedRun(queue::delete);
            assertThrows(
                    InvalidDestinationRuntimeException.class,
                    () -> other.createProducer().send(queue, "too late"));
        }
    }
}
