// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jakarta Messaging 3.1, chapter 11 (application server facilities), with a small server's pool, on a real broker. */
@Timeout(60)
class ConnectionConsumerTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    /** What a listener does with its session. */
    private interface Work {
        void on(Session session, Message message) throws JMSException;
    }

    /** As application servers do it: some sessions, each with its listener, run on the server's threads. */
    private static final class Pool implements ServerSessionPool, AutoCloseable {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final BlockingQueue<ServerSession> free = new LinkedBlockingQueue<>();
        private final List<Integer> runs = Collections.synchronizedList(new ArrayList<>());
        private final AtomicInteger failures = new AtomicInteger();

        Pool(Connection connection, int size, int mode, Work work) throws JMSException {
            for (int i = 0; i < size; i++) {
                add(connection.createSession(mode), work);
            }
        }

        private void add(Session session, Work work) throws JMSException {
            AtomicInteger processed = new AtomicInteger();
            MessageListener listener = message -> {
                processed.incrementAndGet();
                try {
                    work.on(session, message);
                } catch (JMSException e) {
                    throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
                }
            };
            session.setMessageListener(listener);
            assertSame(listener, session.getMessageListener());
            free.add(new ServerSession() {
                @Override
                public Session getSession() {
                    return session;
                }

                @Override
                public void start() {
                    threads.execute(() -> {
                        session.run();
                        runs.add(processed.getAndSet(0));
                        free.add(this);
                    });
                }
            });
        }

        @Override
        public ServerSession getServerSession() throws JMSException {
            if (failures.getAndDecrement() > 0) {
                throw new JMSException("the pool has no session");
            }
            try {
                return free.take();
            } catch (InterruptedException e) {
                throw new JMSException("interrupted");
            }
        }

        @Override
        public void close() {
            threads.shutdownNow();
        }
    }

    private static Connection connect() throws JMSException {
        return new MillraceConnectionFactory(broker.url()).createConnection();
    }

    private static void fill(Queue queue, int count) {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            for (int i = 0; i < count; i++) {
                context.createProducer().send(queue, "m" + i);
            }
        }
    }

    private static List<String> texts(int count) {
        return IntStream.range(0, count).mapToObj(i -> "m" + i).sorted().toList();
    }

    private static List<String> rest(Queue queue) {
        List<String> left = new ArrayList<>();
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            var consumer = context.createConsumer(queue);
            String next = consumer.receiveBody(String.class, 500);
            while (next != null) {
                left.add(next);
                next = consumer.receiveBody(String.class, 500);
            }
        }
        return left;
    }

    @Test
    void theSessionsOfThePoolProcessEachMessageOnce() throws Exception {
        Queue queue = new MillraceQueue("asf-auto");
        fill(queue, 200);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        try (Connection connection = connect();
                Pool pool = new Pool(
                        connection,
                        3,
                        Session.AUTO_ACKNOWLEDGE,
                        (session, message) -> seen.add(message.getBody(String.class)))) {
            ConnectionConsumer consumer = connection.createConnectionConsumer(queue, null, pool, 10);
            assertSame(pool, consumer.getServerSessionPool());
            connection.start();

            Awaitility.await().until(() -> seen.size() >= 200);

            assertEquals(texts(200), seen.stream().sorted().toList());
            consumer.close();
        }
        assertEquals(List.of(), rest(queue));
    }

    /** "maxMessages: the maximum number of messages that can be assigned to a server session at one time". */
    @Test
    void noSessionIsLoadedWithMoreThanTheMostMessages() throws Exception {
        Queue queue = new MillraceQueue("asf-max");
        fill(queue, 50);
        AtomicInteger seen = new AtomicInteger();
        try (Connection connection = connect();
                Pool pool = new Pool(
                        connection, 1, Session.AUTO_ACKNOWLEDGE, (session, message) -> seen.incrementAndGet())) {
            ConnectionConsumer consumer = connection.createConnectionConsumer(queue, null, pool, 4);
            connection.start();

            Awaitility.await().until(() -> pool.runs.stream().mapToInt(i -> i).sum() == 50);

            assertTrue(pool.runs.stream().allMatch(run -> run >= 1 && run <= 4), pool.runs.toString());
            assertTrue(pool.runs.contains(4), pool.runs.toString());
            consumer.close();
        }
    }

    @Test
    void aTransactedSessionSendsAndAcknowledgesTogether() throws Exception {
        Queue queue = new MillraceQueue("asf-tx");
        Queue results = new MillraceQueue("asf-tx-results");
        fill(queue, 20);
        List<String> redelivered = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger committed = new AtomicInteger();
        Work work = (session, message) -> {
            String text = message.getBody(String.class);
            session.createProducer(results).send(session.createTextMessage(text));
            if (text.endsWith("7") && !message.getJMSRedelivered()) {
                session.rollback();
                return;
            }
            if (message.getJMSRedelivered()) {
                redelivered.add(text + " " + message.getIntProperty("JMSXDeliveryCount"));
            }
            session.commit();
            committed.incrementAndGet();
        };
        try (Connection connection = connect();
                Pool pool = new Pool(connection, 2, Session.SESSION_TRANSACTED, work)) {
            connection.createConnectionConsumer(queue, null, pool, 1);
            connection.start();

            Awaitility.await().until(() -> committed.get() == 20);

            assertEquals(List.of("m17 2", "m7 2"), redelivered.stream().sorted().toList());
        }
        assertEquals(texts(20), rest(results).stream().sorted().toList());
        assertEquals(List.of(), rest(queue));
    }

    /** What was received and not committed when the server session's session closes goes back. */
    @Test
    void aSessionThatClosesInATransactionGivesItsMessagesBack() throws Exception {
        Queue queue = new MillraceQueue("asf-tx-close");
        fill(queue, 3);
        CountDownLatch all = new CountDownLatch(3);
        try (Connection connection = connect();
                Pool pool =
                        new Pool(connection, 1, Session.SESSION_TRANSACTED, (session, message) -> all.countDown())) {
            connection.createConnectionConsumer(queue, null, pool, 10);
            connection.start();
            assertTrue(all.await(10, TimeUnit.SECONDS));
        }

        assertEquals(texts(3), rest(queue).stream().sorted().toList());
    }

    @Test
    void aSessionInClientModeAcknowledgesAndRecovers() throws Exception {
        Queue queue = new MillraceQueue("asf-client");
        fill(queue, 5);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger acknowledged = new AtomicInteger();
        Work work = (session, message) -> {
            seen.add(message.getBody(String.class) + " " + message.getIntProperty("JMSXDeliveryCount"));
            if (!message.getJMSRedelivered()) {
                session.recover();
            } else {
                message.acknowledge();
                acknowledged.incrementAndGet();
            }
        };
        try (Connection connection = connect();
                Pool pool = new Pool(connection, 1, Session.CLIENT_ACKNOWLEDGE, work)) {
            connection.createConnectionConsumer(queue, null, pool, 1);
            connection.start();

            Awaitility.await().until(() -> acknowledged.get() == 5);

            assertEquals(10, seen.size(), seen.toString());
            assertEquals(5, seen.stream().filter(text -> text.endsWith(" 2")).count());
        }
        assertEquals(List.of(), rest(queue));
    }

    /** Section 8.7: a listener that throws in AUTO_ACKNOWLEDGE mode gets the message again. */
    @Test
    void aListenerThatThrowsGetsTheMessageAgain() throws Exception {
        Queue queue = new MillraceQueue("asf-throws");
        fill(queue, 3);
        List<String> done = Collections.synchronizedList(new ArrayList<>());
        Work work = (session, message) -> {
            if (message.getIntProperty("JMSXDeliveryCount") < 3) {
                throw new JMSException("not yet");
            }
            assertTrue(message.getJMSRedelivered());
            done.add(message.getBody(String.class));
        };
        try (Connection connection = connect();
                Pool pool = new Pool(connection, 1, Session.AUTO_ACKNOWLEDGE, work)) {
            connection.createConnectionConsumer(queue, null, pool, 1);
            connection.start();

            Awaitility.await().until(() -> done.size() == 3);

            assertEquals(texts(3), done.stream().sorted().toList());
        }
        assertEquals(List.of(), rest(queue));
    }

    @Test
    void aMessageThatFailsAgainAndAgainDoesNotKeepOthersFromTheirSessions() throws Exception {
        Queue queue = new MillraceQueue("asf-poison");
        List<String> done = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger failures = new AtomicInteger();
        AtomicBoolean cured = new AtomicBoolean();
        Work work = (session, message) -> {
            if (message.propertyExists("poison") && !cured.get()) {
                failures.incrementAndGet();
                session.rollback();
                return;
            }
            done.add(message.getBody(String.class));
            session.commit();
        };
        try (Connection connection = connect();
                Pool pool = new Pool(connection, 1, Session.SESSION_TRANSACTED, work)) {
            connection.createConnectionConsumer(queue, null, pool, 1);
            connection.start();
            try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
                context.createProducer().setProperty("poison", true).send(queue, "poison");
                Awaitility.await().until(() -> failures.get() >= 4);
            }

            fill(queue, 20);

            Awaitility.await().until(() -> done.size() == 20);
            assertEquals(texts(20), done.stream().sorted().toList());
            cured.set(true);
            Awaitility.await().until(() -> done.contains("poison"));
        }
        assertEquals(List.of(), rest(queue));
    }

    @Test
    void aTopicIsConsumedFromTheTimeOfCreationOn() throws Exception {
        MillraceTopic topic = new MillraceTopic("asf-topic");
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        try (Connection connection = connect();
                JMSContext sender = new MillraceConnectionFactory(broker.url()).createContext();
                Pool pool = new Pool(
                        connection,
                        1,
                        Session.DUPS_OK_ACKNOWLEDGE,
                        (session, message) -> seen.add(message.getBody(String.class)))) {
            connection.start();
            sender.createProducer().send(topic, "before");
            connection.createConnectionConsumer(topic, null, pool, 5);

            sender.createProducer().send(topic, "m0");
            sender.createProducer().send(topic, "m1");

            Awaitility.await().until(() -> seen.size() == 2);
            assertEquals(List.of("m0", "m1"), seen);
        }
    }

    /** Subscriptions with a name: what was published while no connection consumer was there is not lost. */
    @Test
    void durableAndSharedSubscriptionsAreConsumed() throws Exception {
        MillraceTopic topic = new MillraceTopic("asf-named");
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        try (JMSContext sender = new MillraceConnectionFactory(broker.url()).createContext()) {
            for (int round = 0; round < 2; round++) {
                MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.url());
                factory.setClientId("asf");
                try (Connection connection = factory.createConnection();
                        Pool pool = new Pool(
                                connection,
                                2,
                                Session.AUTO_ACKNOWLEDGE,
                                (session, message) -> seen.add(message.getBody(String.class)))) {
                    ConnectionConsumer durable =
                            connection.createDurableConnectionConsumer(topic, "own", "kind = 1", pool, 1);
                    ConnectionConsumer sharedDurable =
                            connection.createSharedDurableConnectionConsumer(topic, "common", null, pool, 1);
                    ConnectionConsumer shared =
                            connection.createSharedConnectionConsumer(topic, "passing", null, pool, 1);
                    connection.start();
                    int expected = round == 0 ? 0 : 2;
                    Awaitility.await().until(() -> seen.size() >= expected);
                    seen.clear();

                    sender.createProducer().setProperty("kind", 1).send(topic, "three");
                    Awaitility.await().until(() -> seen.size() == 3);
                    sender.createProducer().setProperty("kind", 2).send(topic, "two");
                    Awaitility.await().until(() -> seen.size() == 5);

                    durable.close();
                    sharedDurable.close();
                    shared.close();
                }
                seen.clear();
                sender.createProducer().setProperty("kind", 1).send(topic, "between");
            }
        }
    }

    @Test
    void nothingIsDeliveredBeforeTheConnectionStartsNorAfterItStopped() throws Exception {
        Queue queue = new MillraceQueue("asf-stop");
        fill(queue, 1);
        AtomicInteger seen = new AtomicInteger();
        try (Connection connection = connect();
                Pool pool = new Pool(
                        connection, 1, Session.AUTO_ACKNOWLEDGE, (session, message) -> seen.incrementAndGet())) {
            connection.createConnectionConsumer(queue, null, pool, 1);
            assertEquals(0, seen.get());
            connection.start();
            Awaitility.await().until(() -> seen.get() == 1);

            connection.stop();
            fill(queue, 1);
            Session plain = connection.createSession();
            assertNull(plain.createConsumer(new MillraceQueue("asf-stop-other")).receiveNoWait());
            assertEquals(1, seen.get());

            connection.start();
            Awaitility.await().until(() -> seen.get() == 2);
        }
    }

    /** A closed connection consumer hands out no more; what the pool is at work on is finished there. */
    @Test
    void closingLeavesWhatIsBeingProcessedToThePoolAndGivesTheRestBack() throws Exception {
        Queue queue = new MillraceQueue("asf-close");
        fill(queue, 10);
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Work work = (session, message) -> {
            began.countDown();
            try {
                assertTrue(go.await(20, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new JMSException("interrupted");
            }
            seen.add(message.getBody(String.class));
            assertFalse(message.getJMSRedelivered());
        };
        try (Connection connection = connect();
                Pool pool = new Pool(connection, 1, Session.AUTO_ACKNOWLEDGE, work)) {
            ConnectionConsumer consumer = connection.createConnectionConsumer(queue, null, pool, 1);
            connection.start();
            assertTrue(began.await(10, TimeUnit.SECONDS));

            consumer.close();
            consumer.close();
            assertThrows(IllegalStateException.class, consumer::getServerSessionPool);
            go.countDown();

            Awaitility.await().until(() -> pool.runs.contains(1));
            assertEquals(List.of("m0"), seen);
            List<String> left = rest(queue);
            assertEquals(9, left.size(), left.toString());
            assertFalse(left.contains("m0"));
        }
    }

    @Test
    void aPoolThatFailsIsToldToTheExceptionListenerAndAskedAgain() throws Exception {
        Queue queue = new MillraceQueue("asf-pool");
        fill(queue, 1);
        AtomicInteger seen = new AtomicInteger();
        List<JMSException> told = Collections.synchronizedList(new ArrayList<>());
        try (Connection connection = connect();
                Pool pool = new Pool(
                        connection, 1, Session.AUTO_ACKNOWLEDGE, (session, message) -> seen.incrementAndGet())) {
            pool.failures.set(1);
            connection.setExceptionListener(told::add);
            connection.createConnectionConsumer(queue, null, pool, 1);
            connection.start();

            Awaitility.await().until(() -> seen.get() == 1);

            assertTrue(told.get(0).getMessage().contains("the pool has no session"), told.toString());
        }
    }

    /** Session.setMessageListener: no other form of message receipt in the session can be used. */
    @Test
    void aSessionHasItsOwnListenerOrConsumers() throws Exception {
        Queue queue = new MillraceQueue("asf-either");
        try (Connection connection = connect()) {
            Session own = connection.createSession();
            own.setMessageListener(message -> {});
            Session consuming = connection.createSession();
            assertNotNull(consuming.createConsumer(queue));

            assertThrows(IllegalStateException.class, () -> own.createConsumer(queue));
            assertThrows(IllegalStateException.class, () -> consuming.setMessageListener(message -> {}));
            assertThrows(IllegalStateRuntimeException.class, consuming::run);
            own.createProducer(queue).send(own.createTextMessage("sending is supported"));
            own.close();
            assertThrows(IllegalStateException.class, own::getMessageListener);
            assertThrows(IllegalStateException.class, () -> own.setMessageListener(null));
        }
    }

    @Test
    void badArgumentsAreRefused() throws Exception {
        Queue queue = new MillraceQueue("asf-bad");
        try (Connection connection = connect();
                Pool pool = new Pool(connection, 1, Session.AUTO_ACKNOWLEDGE, (session, message) -> {})) {
            assertThrows(
                    InvalidDestinationException.class,
                    () -> connection.createConnectionConsumer((Queue) null, null, pool, 1));
            assertThrows(JMSException.class, () -> connection.createConnectionConsumer(queue, null, null, 1));
            assertThrows(JMSException.class, () -> connection.createConnectionConsumer(queue, null, pool, 0));
        }
        Connection closed = connect();
        closed.close();
        ServerSessionPool unused = () -> {
            throw new JMSException("never asked");
        };
        assertThrows(IllegalStateException.class, () -> closed.createConnectionConsumer(queue, null, unused, 1));
    }
}
