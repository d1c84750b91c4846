// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;

/** The pool of messaginghub's pooled-jms around Millrace's connections. */
@Timeout(120)
class PooledConnectionsTest {
    private static final long PATIENCE_MS = 30_000;

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final String name = "pooled-" + UUID.randomUUID();
    private final JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();

    @BeforeEach
    void fill() {
        pool.setConnectionFactory(
                new MillraceConnectionFactory(MILLRACE.broker().url()));
        pool.start();
    }

    @AfterEach
    void empty() {
        pool.stop();
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    /** What the queue has, by a context of the pool. */
    private List<String> drain(int count) {
        try (JMSContext context = pool.createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(name))) {
            List<String> texts = IntStream.range(0, count)
                    .mapToObj(i -> text(consumer.receive(PATIENCE_MS)))
                    .toList();
            assertNull(consumer.receiveNoWait());
            return texts;
        }
    }

    @Test
    void manySessionsOfManyThreadsShareFewConnections() throws Exception {
        // Given
        pool.setMaxConnections(2);
        pool.setMaxSessionsPerConnection(4);
        pool.setBlockIfSessionPoolIsFull(true);
        // When
        List<CompletableFuture<Void>> senders = IntStream.range(0, 4)
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 25; i++) {
                        sendOne(thread * 25 + i);
                    }
                }))
                .toList();
        CompletableFuture.allOf(senders.toArray(CompletableFuture<?>[]::new)).get(60, TimeUnit.SECONDS);
        // Then
        assertTrue(pool.getNumConnections() <= 2, () -> pool.getNumConnections() + " connections");
        List<Integer> sorted =
                drain(100).stream().map(Integer::valueOf).sorted().toList();
        assertEquals(IntStream.range(0, 100).boxed().toList(), sorted);
    }

    private void sendOne(int number) {
        try (Connection connection = pool.createConnection();
                Session session = connection.createSession();
                MessageProducer producer = session.createProducer(session.createQueue(name))) {
            producer.send(session.createTextMessage(Integer.toString(number)));
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneProducerSendsToManyQueues(boolean anonymous) throws Exception {
        // Given
        pool.setUseAnonymousProducers(anonymous);
        try (Connection connection = pool.createConnection();
                Session session = connection.createSession()) {
            connection.start();
            // When
            try (MessageProducer producer = session.createProducer(null)) {
                for (String text : numbers(3)) {
                    producer.send(session.createQueue(name + text), session.createTextMessage(text));
                }
            }
            try (MessageProducer producer = session.createProducer(session.createQueue(name))) {
                producer.setPriority(8);
                producer.send(session.createTextMessage("named"));
            }
            // Then
            for (String text : numbers(3)) {
                try (MessageConsumer consumer = session.createConsumer(session.createQueue(name + text))) {
                    assertEquals(text, consumer.receive(PATIENCE_MS).getBody(String.class));
                }
            }
            try (MessageConsumer consumer = session.createConsumer(session.createQueue(name))) {
                Message message = consumer.receive(PATIENCE_MS);
                assertEquals("named", message.getBody(String.class));
                assertEquals(8, message.getJMSPriority());
            }
        }
    }

    @Test
    void aSessionThatGoesBackToThePoolInATransactionIsRolledBack() throws Exception {
        // Given
        try (JMSContext context = pool.createContext()) {
            context.createProducer().send(context.createQueue(name), "kept");
        }
        // When
        try (JMSContext context = pool.createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue queue = context.createQueue(name);
            context.createProducer().send(queue, "lost");
            assertEquals("kept", text(context.createConsumer(queue).receive(PATIENCE_MS)));
        }
        // Then
        try (JMSContext context = pool.createContext(JMSContext.SESSION_TRANSACTED)) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(name));
            Message again = consumer.receive(PATIENCE_MS);
            assertEquals("kept", again.getBody(String.class));
            assertTrue(again.getJMSRedelivered());
            assertNull(consumer.receiveNoWait());
            context.commit();
        }
        assertEquals(List.of(), drain(0));
    }

    @Test
    void theSimplifiedApiWorksThroughThePool() throws Exception {
        try (JMSContext context = pool.createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            // Given
            Queue queue = context.createQueue(name);
            JMSProducer producer = context.createProducer()
                    .setProperty("customer", "c-17")
                    .setJMSCorrelationID("order-1")
                    .setTimeToLive(600_000);
            // When
            producer.send(queue, "3 x hops").send(queue, Map.of("pieces", 3));
            // Then
            JMSConsumer consumer = context.createConsumer(queue, "customer = 'c-17'");
            Message first = consumer.receive(PATIENCE_MS);
            assertEquals("3 x hops", first.getBody(String.class));
            assertEquals("order-1", first.getJMSCorrelationID());
            Message second = consumer.receive(PATIENCE_MS);
            assertEquals(3, second.getBody(Map.class).get("pieces"));
            second.acknowledge(); // the pool leaves JMSContext.acknowledge out
        }
        assertEquals(List.of(), drain(0));
    }

    @Test
    void aTemporaryQueueEndsWhenItsConnectionGoesBackToThePool() throws Exception {
        // Given
        TemporaryQueue replies;
        try (JMSContext context = pool.createContext()) {
            replies = context.createTemporaryQueue();
            context.createProducer().send(replies, "reply");
            assertEquals("reply", text(context.createConsumer(replies).receive(PATIENCE_MS)));
        }
        // When
        try (JMSContext context = pool.createContext()) {
            TemporaryQueue next = context.createTemporaryQueue();
            // Then
            assertNotEquals(replies.getQueueName(), next.getQueueName());
            assertThrows(
                    InvalidDestinationRuntimeException.class,
                    () -> context.createProducer().send(replies, "too late"));
        }
    }

    /** @param reconnectTimeoutMs 0: the client gives up at once, so that the pool must connect anew */
    @ParameterizedTest
    @ValueSource(ints = {120_000, 0})
    void thePoolServesAfterItsBrokerRestarted(int reconnectTimeoutMs, EmbeddedBroker broker) {
        // Given
        pool.setConnectionFactory(
                new MillraceConnectionFactory(broker.url() + "?reconnectTimeoutMs=" + reconnectTimeoutMs));
        sendOne(0);
        // When
        broker.restart();
        // Then
        await().atMost(Duration.ofMillis(PATIENCE_MS)).ignoreExceptions().until(() -> {
            try (JMSContext context = pool.createContext()) {
                context.createProducer().send(context.createQueue(name), "1");
                return true;
            }
        });
        assertEquals(numbers(2), drain(2));
    }
}
