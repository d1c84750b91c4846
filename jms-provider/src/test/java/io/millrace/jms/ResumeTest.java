// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client whose broker restarts goes on by itself (docs/decisions/0015), against the real broker over a socket. */
@Timeout(90)
class ResumeTest {
    private static final MillraceQueue QUEUE = new MillraceQueue("resumed");

    private EmbeddedBroker broker;

    @BeforeEach
    void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private Connection connect() throws JMSException {
        return connect("");
    }

    private Connection connect(String options) throws JMSException {
        Connection connection = new MillraceConnectionFactory(broker.url() + options).createConnection();
        connection.start();
        return connection;
    }

    /** Everything in the queue, in order, by a connection of its own. */
    private List<String> drain() throws JMSException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(QUEUE);
            Message message = consumer.receive(5_000);
            while (message != null) {
                texts.add(message.getBody(String.class));
                message = consumer.receiveNoWait();
            }
        }
        return texts;
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    @Test
    void blockedSendsGoOnWithoutLossOrDuplicateAndInOrder() throws Exception {
        AtomicInteger sent = new AtomicInteger();
        AtomicBoolean enough = new AtomicBoolean();
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(QUEUE);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    while (!enough.get()) {
                        producer.send(session.createTextMessage(Integer.toString(sent.get())));
                        sent.incrementAndGet();
                    }
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            for (int restarts = 1; restarts <= 3; restarts++) {
                int before = sent.get();
                await().until(() -> sent.get() > before + 50);

                broker.restart();
            }
            int before = sent.get();
            await().until(() -> sent.get() > before + 50);
            enough.set(true);
            sending.get(30, TimeUnit.SECONDS);
        }
        assertEquals(numbers(sent.get()), drain());
    }

    @Test
    void asynchronousSendsInFlightGoOnWithoutLossOrDuplicateAndInOrder() throws Exception {
        BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                outcomes.add(message);
            }

            @Override
            public void onException(Message message, Exception exception) {
                outcomes.add(exception);
            }
        };
        int count = 5_000;
        try (Connection connection = connect("?asyncWindow=500")) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(QUEUE);
            CompletableFuture<Void> restarting = null;
            for (int i = 0; i < count; i++) {
                if (i == count / 2) {
                    restarting = CompletableFuture.runAsync(broker::restart);
                }
                producer.send(session.createTextMessage(Integer.toString(i)), listener);
            }
            assertNotNull(restarting).get(60, TimeUnit.SECONDS);
        }
        assertEquals(count, outcomes.size());
        assertTrue(outcomes.stream().allMatch(Message.class::isInstance), "every send succeeded");
        assertEquals(numbers(count), drain());
    }

    private static <T> T assertNotNull(T value) {
        org.junit.jupiter.api.Assertions.assertNotNull(value);
        return value;
    }

    @Test
    void aListenerGoesOnAndWhatItHadNotFinishedComesAgainFlagged() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Set<String> redelivered = ConcurrentHashMap.newKeySet();
        CompletableFuture<Void> restarted = new CompletableFuture<>();
        try (Connection connection = connect();
                Connection sending = connect()) {
            Session session = connection.createSession();
            session.createConsumer(QUEUE).setMessageListener(message -> {
                try {
                    String text = message.getBody(String.class);
                    if (message.getJMSRedelivered()) {
                        redelivered.add(text);
                    }
                    if (text.equals("1") && !message.getJMSRedelivered()) {
                        seen.add("began 1");
                        restarted.join();
                    }
                    seen.add(text);
                } catch (JMSException e) {
                    seen.add(e.toString());
                }
            });
            Session other = sending.createSession();
            MessageProducer producer = other.createProducer(QUEUE);
            producer.send(other.createTextMessage("0"));
            assertEquals("0", seen.poll(10, TimeUnit.SECONDS));
            producer.send(other.createTextMessage("1"));
            assertEquals("began 1", seen.poll(10, TimeUnit.SECONDS));

            broker.restart();
            producer.send(other.createTextMessage("2"));
            restarted.complete(null);

            assertEquals("1", seen.poll(20, TimeUnit.SECONDS));
            assertEquals("1", seen.poll(20, TimeUnit.SECONDS), "it had not been acknowledged");
            assertEquals("2", seen.poll(20, TimeUnit.SECONDS));
            assertTrue(redelivered.contains("1"));
            assertFalse(redelivered.contains("2"));
        }
    }

    @Test
    void aReceiveThatWaitsGetsTheMessageSentAfterTheRestart() throws Exception {
        try (Connection connection = connect();
                Connection sending = connect()) {
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(QUEUE);
            CompletableFuture<Message> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return consumer.receive();
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });

            broker.restart();
            Session other = sending.createSession();
            other.createProducer(QUEUE).send(other.createTextMessage("after"));

            assertEquals("after", received.get(30, TimeUnit.SECONDS).getBody(String.class));
        }
    }

    @Test
    void whatWasReceivedAndNotAcknowledgedComesAgainAndCannotBeAcknowledgedByItsOldMessage() throws Exception {
        try (Connection connection = connect()) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            session.createProducer(QUEUE).send(session.createTextMessage("a"));
            MessageConsumer consumer = session.createConsumer(QUEUE);
            Message first = consumer.receive(10_000);

            broker.restart();

            Message again = consumer.receive(30_000);
            JMSException refused = assertThrows(JMSException.class, first::acknowledge);
            assertEquals("MILLRACE_REDELIVERED", refused.getErrorCode());
            assertTrue(again.getJMSRedelivered());
            assertTrue(again.getIntProperty("JMSXDeliveryCount") >= 2);
            again.acknowledge();
        }
        assertEquals(List.of(), drain());
    }

    @Test
    void aTransactionThatHadReceivedIsRolledBackAndTheSessionGoesOn() throws Exception {
        MillraceQueue out = new MillraceQueue("resumed-out");
        try (Connection connection = connect()) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(null);
            producer.send(QUEUE, session.createTextMessage("a"));
            session.commit();
            MessageConsumer consumer = session.createConsumer(QUEUE);
            assertEquals("a", consumer.receive(10_000).getBody(String.class));
            producer.send(out, session.createTextMessage("undone"));

            broker.restart();

            assertThrows(TransactionRolledBackException.class, session::commit);
            Message again = consumer.receive(30_000);
            assertEquals("a", again.getBody(String.class));
            assertTrue(again.getJMSRedelivered());
            producer.send(out, session.createTextMessage("done"));
            session.commit();
            MessageConsumer results = session.createConsumer(out);
            assertEquals("done", results.receive(10_000).getBody(String.class));
            assertNull(results.receiveNoWait());
            session.commit();
        }
        assertEquals(List.of(), drain());
    }

    @Test
    void aTransactionThatOnlySentIsCommittedAfterTheRestart() throws Exception {
        try (Connection connection = connect()) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(QUEUE);
            producer.send(session.createTextMessage("a"));
            producer.send(session.createTextMessage("b"));

            broker.restart();
            session.commit();
        }
        assertEquals(List.of("a", "b"), drain());
    }

    @Test
    void transactionsUnderLoadMoveEachMessageExactlyOnceAcrossRestarts() throws Exception {
        MillraceQueue out = new MillraceQueue("resumed-moved");
        int count = 300;
        List<String> moved = Collections.synchronizedList(new ArrayList<>());
        try (Connection connection = connect()) {
            Session filling = connection.createSession();
            MessageProducer filler = filling.createProducer(QUEUE);
            for (int i = 0; i < count; i++) {
                filler.send(filling.createTextMessage(Integer.toString(i)));
            }
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(QUEUE);
            MessageProducer producer = session.createProducer(out);
            CompletableFuture<Integer> moving = CompletableFuture.supplyAsync(() -> {
                int rolledBack = 0;
                while (moved.size() < count) {
                    try {
                        Message message = consumer.receive(30_000);
                        String text = message.getBody(String.class);
                        producer.send(session.createTextMessage(text));
                        session.commit();
                        moved.add(text);
                    } catch (TransactionRolledBackException e) {
                        rolledBack++;
                    } catch (JMSException e) {
                        throw new AssertionError(e);
                    }
                }
                return rolledBack;
            });
            await().until(() -> moved.size() > 50);
            broker.restart();
            await().atMost(40, TimeUnit.SECONDS).until(() -> moved.size() > 150);
            broker.restart();

            moving.get(60, TimeUnit.SECONDS);

            List<String> arrived = new ArrayList<>();
            Session reading = connection.createSession();
            MessageConsumer results = reading.createConsumer(out);
            Message message = results.receive(10_000);
            while (message != null) {
                arrived.add(message.getBody(String.class));
                message = results.receiveNoWait();
            }
            assertEquals(numbers(count), arrived);
        }
    }

    @Test
    void consumersAndProducersMadeDuringTheOutageWaitForItsEnd() throws Exception {
        try (Connection connection = connect()) {
            Session session = connection.createSession();
            CompletableFuture<Void> restarting = CompletableFuture.runAsync(broker::restart);

            MessageProducer producer = session.createProducer(QUEUE);
            producer.send(session.createTextMessage("a"));
            MessageConsumer consumer = session.createConsumer(QUEUE);

            assertEquals("a", consumer.receive(30_000).getBody(String.class));
            restarting.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void theExceptionListenerHearsOnlyOfTheLimit() throws Exception {
        // Jakarta Messaging 3.1, section 6.1.7: a provider resolves problems itself before it notifies the client.
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        try (Connection connection = connect("?reconnectTimeoutMs=2000")) {
            connection.setExceptionListener(told::add);
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(QUEUE);
            broker.restart();
            producer.send(session.createTextMessage("a"));
            assertNull(told.poll());

            broker.close();

            JMSException lost = assertThrows(JMSException.class, () -> producer.send(session.createTextMessage("b")));
            assertEquals("MILLRACE_LINK_LOST", lost.getErrorCode());
            assertTrue(String.valueOf(told.poll(10, TimeUnit.SECONDS)).contains("reconnectTimeoutMs"));
            assertNull(told.poll());
            assertThrows(JMSException.class, connection::createSession);
        }
    }

    @Test
    void closingAConnectionInAnOutageReturnsAndFailsWhoWaits() throws Exception {
        Connection connection = connect();
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(QUEUE);
        broker.close();
        CompletableFuture<Object> sending = CompletableFuture.supplyAsync(() -> {
            try {
                producer.send(session.createTextMessage("a"));
                return "sent";
            } catch (JMSException e) {
                return e;
            }
        });

        connection.close();

        assertInstanceOf(JMSException.class, sending.get(10, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, session::createTextMessage);
    }

    @Test
    void aTopicSubscriberGoesOn() throws Exception {
        MillraceTopic topic = new MillraceTopic("resumed-news");
        try (Connection connection = connect();
                Connection sending = connect()) {
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(topic);
            Session other = sending.createSession();
            MessageProducer producer = other.createProducer(topic);

            broker.restart();

            await().atMost(30, TimeUnit.SECONDS).until(() -> {
                producer.send(other.createTextMessage("news"));
                return consumer.receive(100) != null;
            });
        }
    }
}
