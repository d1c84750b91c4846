// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the calls of a client that does not resume when the real broker goes. */
@Timeout(60)
class BrokerLossTest {
    private EmbeddedBroker broker;

    @BeforeEach
    void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    /** Puts the outcome of each send into a queue. */
    private record Outcomes(BlockingQueue<Object> queue) implements CompletionListener {
        @Override
        public void onCompletion(Message message) {
            queue.add(message);
        }

        @Override
        public void onException(Message message, Exception exception) {
            queue.add(exception);
        }
    }

    /** Sends are Kafka's requests: the broker learns from heartbeats alone that the JMS client lives. */
    @Test
    void aConnectionThatDoesNothingButSendWithoutAPauseIsNotTakenForSilent() throws Exception {
        int heartbeatTimeoutMs = 300;
        try (Connection connection = new MillraceConnectionFactory(
                        broker.url() + "?reconnectTimeoutMs=0&heartbeatTimeoutMs=" + heartbeatTimeoutMs)
                .createConnection()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("busy"));
            long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(5L * heartbeatTimeoutMs);

            while (System.nanoTime() < endNanos) {
                producer.send(session.createTextMessage("x"));
            }

            assertNull(connection.getClientID()); // which fails on a connection that is lost
        }
    }

    @Test
    void whoWaitsIsToldAndTheExceptionListenerOnce() throws Exception {
        // Jakarta Messaging 3.1, section 6.1.7.
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        try (Connection connection =
                new MillraceConnectionFactory(broker.url() + "?reconnectTimeoutMs=0").createConnection()) {
            connection.setExceptionListener(told::add);
            connection.start();
            Session receiving = connection.createSession();
            MessageConsumer consumer = receiving.createConsumer(receiving.createQueue("q"));
            Session sending = connection.createSession();
            MessageProducer producer = sending.createProducer(sending.createQueue("q"));
            Session listening = connection.createSession();
            listening.createConsumer(listening.createQueue("l")).setMessageListener(message -> {});
            CompletableFuture<Object> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return String.valueOf(consumer.receive());
                } catch (JMSException e) {
                    return e;
                }
            });

            broker.close();

            assertInstanceOf(JMSException.class, received.get(10, TimeUnit.SECONDS));
            assertNotNull(told.poll(10, TimeUnit.SECONDS));
            assertThrows(JMSException.class, () -> producer.send(sending.createTextMessage("late")));
            assertThrows(JMSException.class, connection::createSession);
            assertNull(told.poll(200, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    void asynchronousSendsEndOnceEachInOrderAlsoWhenTheBrokerGoes() throws Exception {
        // Jakarta Messaging 3.1, section 7.3: the listeners are called in the order of the sends.
        Outcomes outcomes = new Outcomes(new LinkedBlockingQueue<>());
        try (Connection connection =
                new MillraceConnectionFactory(broker.url() + "?reconnectTimeoutMs=0").createConnection()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("async"));
            List<Message> messages =
                    IntStream.range(0, 500).mapToObj(i -> message(session, i)).toList();
            for (Message message : messages) {
                producer.send(message, outcomes);
            }
            for (Message message : messages) {
                assertEquals(message, outcomes.queue.poll(10, TimeUnit.SECONDS));
            }
            CompletableFuture<Void> closing = CompletableFuture.runAsync(broker::close);
            int sent = 0;
            while (!closing.isDone() && sent < 100_000) {
                try {
                    producer.send(message(session, sent), outcomes);
                } catch (JMSException lost) {
                    break;
                }
                sent++;
            }
            closing.get(20, TimeUnit.SECONDS);
            producer.close();

            assertEquals(sent, outcomes.queue.size());
        }
    }

    private static Message message(Session session, int number) {
        try {
            return session.createTextMessage(Integer.toString(number));
        } catch (JMSException e) {
            return new io.millrace.jms.message.MillraceTextMessage(Integer.toString(number));
        }
    }

    @Test
    void aTransactionAcrossARestartIsRolledBackNotLost() throws Exception {
        try (Connection connection =
                new MillraceConnectionFactory(broker.url() + "?reconnectTimeoutMs=0").createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(session.createQueue("tx"));
            producer.send(session.createTextMessage("a"));
            session.commit();
            MessageConsumer consumer = session.createConsumer(session.createQueue("tx"));
            assertNotNull(consumer.receive(10_000));
            producer.send(session.createTextMessage("b"));

            broker.restart();

            JMSException failed = assertThrows(JMSException.class, session::commit);
            assertTrue(failed.getMessage() != null);
        }
        try (Connection later =
                new MillraceConnectionFactory(broker.url() + "?reconnectTimeoutMs=0").createConnection()) {
            later.start();
            Session session = later.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue("tx"));
            Message again = consumer.receive(10_000);
            assertEquals("a", again.getBody(String.class));
            assertTrue(again.getJMSRedelivered());
            assertNull(consumer.receiveNoWait());
        }
    }
}
