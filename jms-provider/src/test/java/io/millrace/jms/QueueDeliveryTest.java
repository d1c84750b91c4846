// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a queue promises to its consumers, on a real broker. */
@Timeout(60)
class QueueDeliveryTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private static Connection connect(String options) throws JMSException {
        return new MillraceConnectionFactory(MILLRACE.broker().url() + options).createConnection();
    }

    private static void send(String queue, int from, int to) throws JMSException {
        try (Connection connection = connect("");
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            for (int i = from; i < to; i++) {
                producer.send(session.createTextMessage(Integer.toString(i)));
            }
            session.commit();
        }
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private static List<String> receive(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Message message = consumer.receive(10_000);
            assertNotNull(message, "after " + texts);
            texts.add(((TextMessage) message).getText());
        }
        return texts;
    }

    private static MessageListener into(Queue<String> seen) {
        return message -> {
            try {
                seen.add(message.getBody(String.class));
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    @Test
    void consumersOfSeveralConnectionsShareAQueueWithoutLossOrDuplicates() throws Exception {
        // Jakarta Messaging 3.1, section 8.2: each message goes to one of the consumers.
        Queue<String> all = new ConcurrentLinkedQueue<>();
        try (Connection one = connect("?prefetch=20");
                Connection two = connect("?prefetch=20")) {
            for (Connection connection : List.of(one, one, two)) {
                Session session = connection.createSession();
                session.createConsumer(session.createQueue("shared")).setMessageListener(into(all));
                connection.start();
            }

            send("shared", 0, 1_000);

            Awaitility.await().until(() -> all.size() >= 1_000);
        }
        assertEquals(
                numbers(0, 1_000),
                all.stream()
                        .sorted((a, b) -> Integer.parseInt(a) - Integer.parseInt(b))
                        .toList());
        try (Connection later = connect("")) {
            later.start();
            Session session = later.createSession();
            assertNull(session.createConsumer(session.createQueue("shared")).receiveNoWait(), "all are accepted");
        }
    }

    @Test
    void messagesOutliveTheAbsenceOfConsumersAndARestart() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.url());
            try (JMSContext context = factory.createContext()) {
                for (String text : numbers(0, 10)) {
                    context.createProducer().send(context.createQueue("patient"), text);
                }
                JMSConsumer consumer = context.createConsumer(context.createQueue("patient"));
                assertEquals("0", consumer.receiveBody(String.class, 10_000));
            }

            broker.restart();

            try (JMSContext context = factory.createContext()) {
                JMSConsumer consumer = context.createConsumer(context.createQueue("patient"));
                for (String text : numbers(1, 10)) {
                    assertEquals(text, consumer.receiveBody(String.class, 10_000));
                }
                assertNull(consumer.receiveNoWait());
            }
        }
    }

    @Test
    void aClosedConsumerLeavesWhatItPrefetchedToOthersInOrder() throws Exception {
        send("handed-on", 0, 50);
        try (Connection connection = connect("")) {
            connection.start();
            Session session = connection.createSession();
            MessageConsumer first = session.createConsumer(session.createQueue("handed-on"));
            assertEquals(numbers(0, 3), receive(first, 3));

            first.close();

            Session other = connection.createSession();
            MessageConsumer second = other.createConsumer(other.createQueue("handed-on"));
            Message next = second.receive(10_000);
            assertEquals("3", next.getBody(String.class));
            assertFalse(next.getJMSRedelivered(), "prefetched is not received");
            assertEquals(1, next.getIntProperty("JMSXDeliveryCount"));
            assertEquals(numbers(4, 50), receive(second, 46));
        }
    }

    @Test
    void closeWaitsForTheListenerAndKeepsTheRest() throws Exception {
        // Jakarta Messaging 3.1, section 6.1.8: close returns when the listener has, which can still acknowledge.
        send("closing", 0, 20);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch proceed = new CountDownLatch(1);
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        Connection connection = connect("");
        Session session = connection.createSession();
        session.createConsumer(session.createQueue("closing")).setMessageListener(message -> {
            running.countDown();
            await(proceed);
            into(seen).onMessage(message);
        });
        connection.start();
        await(running);
        Thread closer = new Thread(() -> assertClosed(connection));

        closer.start();

        Awaitility.await().until(() -> closer.getState() == Thread.State.WAITING);
        assertTrue(seen.isEmpty());
        proceed.countDown();
        closer.join(10_000);
        assertFalse(closer.isAlive());
        assertEquals(List.of("0"), List.copyOf(seen));
        try (Connection later = connect("")) {
            later.start();
            Session rest = later.createSession();
            assertEquals(numbers(1, 20), receive(rest.createConsumer(rest.createQueue("closing")), 19));
        }
    }

    private static void assertClosed(Connection connection) {
        try {
            connection.close();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aConsumerCanBeClosedWhileAnotherListenerOfItsSessionIsBusy() throws Exception {
        send("busy", 0, 1);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch proceed = new CountDownLatch(1);
        try (Connection connection = connect("")) {
            Session session = connection.createSession();
            session.createConsumer(session.createQueue("busy")).setMessageListener(message -> {
                running.countDown();
                await(proceed);
            });
            MessageConsumer idle = session.createConsumer(session.createQueue("idle"));
            connection.start();
            await(running);

            idle.close();

            proceed.countDown();
        }
    }

    @Test
    void stopHoldsMessagesBackUntilStart() throws Exception {
        // Jakarta Messaging 3.1, section 6.1.5.
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (Connection connection = connect("")) {
            Session session = connection.createSession();
            session.createConsumer(session.createQueue("stopped")).setMessageListener(into(seen));
            Session receiving = connection.createSession();
            MessageConsumer consumer = receiving.createConsumer(receiving.createQueue("stopped-too"));
            connection.start();
            send("stopped", 0, 1);
            assertEquals("0", seen.poll(10, TimeUnit.SECONDS));

            connection.stop();

            send("stopped", 1, 2);
            send("stopped-too", 0, 1);
            assertNull(consumer.receive(50));
            assertNull(consumer.receiveNoWait());
            assertTrue(seen.isEmpty());
            connection.start();
            assertEquals("1", seen.poll(10, TimeUnit.SECONDS));
            assertEquals(numbers(0, 1), receive(consumer, 1));
        }
    }

    @Test
    void receiveNoWaitNeverMissesAnAvailableMessage() throws Exception {
        // Jakarta Messaging 3.1, section 8.5: "receives the next message if one is available".
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            var queue = context.createQueue("no-wait");
            JMSConsumer consumer = context.createConsumer(queue);
            for (int i = 0; i < 200; i++) {
                context.createProducer().send(queue, Integer.toString(i));
                assertEquals(Integer.toString(i), consumer.receiveBodyNoWait(String.class));
                assertNull(consumer.receiveNoWait());
            }
            context.createProducer().send(queue, "last");
            try (JMSConsumer fresh = context.createConsumer(context.createQueue("never-used"))) {
                assertNull(fresh.receive(1));
            }
            assertEquals("last", consumer.receiveBody(String.class, 1));
        }
    }

    @Test
    void anExpiredMessageIsNotDelivered() throws Exception {
        // Jakarta Messaging 3.1, section 3.4.9.
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            var queue = context.createQueue("expiring");
            context.createProducer().setTimeToLive(1).send(queue, "old");
            context.createProducer().setTimeToLive(60_000).send(queue, "fresh");
            long sent = System.currentTimeMillis();
            Awaitility.await().until(() -> System.currentTimeMillis() > sent + 2);

            JMSConsumer consumer = context.createConsumer(queue);

            assertEquals("fresh", consumer.receiveBody(String.class, 10_000));
            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void aListenerWithASmallPrefetchSeesTenThousandMessagesOnceAndInOrder() throws Exception {
        // Jakarta Messaging 3.1, section 6.2.12: the messages of one session arrive in the order they were sent.
        List<String> seen = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(10_000);
        try (Connection connection = connect("?prefetch=7")) {
            Session session = connection.createSession();
            session.createConsumer(session.createQueue("many")).setMessageListener(message -> {
                into(new ConcurrentLinkedQueue<>() {
                            private static final long serialVersionUID = 1L;

                            @Override
                            public boolean add(String text) {
                                return seen.add(text);
                            }
                        })
                        .onMessage(message);
                done.countDown();
            });
            connection.start();

            send("many", 0, 5_000);
            send("many", 5_000, 10_000);

            assertTrue(done.await(50, TimeUnit.SECONDS), () -> "only " + (10_000 - done.getCount()));
        }
        assertEquals(numbers(0, 10_000), seen);
    }
}
