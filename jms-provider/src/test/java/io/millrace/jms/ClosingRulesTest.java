// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Start, stop and close (Jakarta Messaging 3.1, sections 6.1.4, 6.1.5, 6.1.8, 6.2.15 and 8.8), on the real broker. */
@Timeout(60)
class ClosingRulesTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    private MillraceQueue queue;
    private Connection connection;

    @BeforeEach
    void connect(TestInfo test) throws Exception {
        queue = new MillraceQueue(
                "closing-" + test.getTestMethod().orElseThrow().getName()
                        + test.getDisplayName().replaceAll("\\W", ""));
        connection = new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection();
        connection.start();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private void send(String text) throws JMSException {
        try (Connection sending =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection()) {
            Session session = sending.createSession();
            session.createProducer(queue).send(session.createTextMessage(text));
        }
    }

    private Object next() throws InterruptedException {
        return told.poll(20, TimeUnit.SECONDS);
    }

    private interface Step {
        void run() throws Exception;
    }

    private CompletableFuture<Void> started(String after, Step step) {
        return CompletableFuture.runAsync(() -> {
            try {
                step.run();
                told.add(after);
            } catch (Exception e) {
                told.add(e);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection", "session"})
    void aRunningListenerHasTheServicesOfWhatIsBeingClosed(String what) throws Exception {
        // Sections 6.1.8 and 6.2.15.
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(new MillraceQueue(queue.getName() + "-out"));
        CountDownLatch goOn = new CountDownLatch(1);
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                told.add("running");
                goOn.await();
                producer.send(session.createTextMessage("b"));
                session.commit();
                told.add("committed");
            } catch (Exception e) {
                told.add(e);
            }
        });
        send("a");
        assertEquals("running", next());
        Thread[] closer = new Thread[1];
        var closing = started("closed", () -> {
            closer[0] = Thread.currentThread();
            if (what.equals("connection")) {
                connection.close();
            } else {
                session.close();
            }
        });
        await().until(() -> closer[0] != null && closer[0].getState() == Thread.State.WAITING);

        goOn.countDown();

        assertEquals("committed", next());
        assertEquals("closed", next());
        closing.get(10, TimeUnit.SECONDS);
        assertThrows(IllegalStateException.class, session::createMessage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection", "session", "consumer"})
    void aReceiveThatWaitsReturnsNullBeforeCloseReturns(String what) throws Exception {
        // Sections 6.1.8, 6.2.15 and 8.8.
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(queue);
        Thread[] receiver = new Thread[1];
        CompletableFuture<Message> received = CompletableFuture.supplyAsync(() -> {
            try {
                receiver[0] = Thread.currentThread();
                return consumer.receive();
            } catch (JMSException e) {
                throw new AssertionError(e);
            } finally {
                told.add("received");
            }
        });
        await().until(() -> receiver[0] != null && receiver[0].getState() != Thread.State.RUNNABLE);

        switch (what) {
            case "connection" -> connection.close();
            case "session" -> session.close();
            default -> consumer.close();
        }

        assertNull(received.get(10, TimeUnit.SECONDS));
    }

    @Test
    void whatIsClosedIsRefusedAndClosedAgainInSilence() throws Exception {
        // Sections 6.1.8 and 6.2.15.
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        connection.close();

        assertThrows(IllegalStateException.class, connection::start);
        assertThrows(IllegalStateException.class, connection::stop);
        assertThrows(IllegalStateException.class, connection::createSession);
        assertThrows(IllegalStateException.class, connection::getMetaData);
        assertThrows(IllegalStateException.class, session::createTextMessage);
        assertThrows(IllegalStateException.class, session::getAcknowledgeMode);
        assertThrows(IllegalStateException.class, session::recover);
        assertThrows(IllegalStateException.class, session::commit);
        assertThrows(IllegalStateException.class, consumer::receiveNoWait);
        assertThrows(IllegalStateException.class, producer::getDeliveryMode);
        consumer.close();
        producer.close();
        session.close();
        connection.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE})
    void aMessageOfAClosedSessionCannotBeAcknowledgedButRead(int mode) throws Exception {
        // Section 6.2.15.
        send("a");
        Session session = connection.createSession(mode);
        Message message = session.createConsumer(queue).receive(10_000);
        session.close();

        assertThrows(IllegalStateException.class, message::acknowledge);
        assertEquals("a", message.getBody(String.class));
    }

    @Test
    void aConsumerClosedByItsListenerLetsItEndAndItsMessageIsAcknowledged() throws Exception {
        // Section 8.8.
        send("a");
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.setMessageListener(message -> {
            try {
                consumer.close();
                told.add(message.getBody(String.class));
            } catch (JMSException e) {
                told.add(e);
            }
        });
        assertEquals("a", next());
        session.close();

        Session later = connection.createSession();
        assertNull(later.createConsumer(queue).receiveNoWait());
    }

    @Test
    void closingAConsumerWaitsForItsListener() throws Exception {
        // Section 8.8.
        send("a");
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(queue);
        CountDownLatch goOn = new CountDownLatch(1);
        consumer.setMessageListener(message -> {
            try {
                told.add("running");
                goOn.await();
                told.add("returned");
            } catch (InterruptedException e) {
                told.add(e);
            }
        });
        assertEquals("running", next());
        var closing = started("closed", consumer::close);

        goOn.countDown();

        assertEquals("returned", next());
        assertEquals("closed", next());
        closing.get(10, TimeUnit.SECONDS);
    }

    @Test
    void stopWaitsForListenersAndAStoppedReceiveEndsWithItsTime() throws Exception {
        // Section 6.1.5.
        Session listening = connection.createSession();
        CountDownLatch goOn = new CountDownLatch(1);
        listening.createConsumer(new MillraceQueue(queue.getName() + "-l")).setMessageListener(message -> {
            try {
                told.add("running");
                goOn.await();
                told.add("returned");
            } catch (InterruptedException e) {
                told.add(e);
            }
        });
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(queue);
        session.createProducer(new MillraceQueue(queue.getName() + "-l")).send(session.createMessage());
        assertEquals("running", next());
        var stopping = started("stopped", connection::stop);
        goOn.countDown();
        assertEquals("returned", next());
        assertEquals("stopped", next());
        stopping.get(10, TimeUnit.SECONDS);
        connection.stop();
        send("a");

        assertNull(consumer.receive(50));
        assertNull(consumer.receiveNoWait());

        connection.start();
        connection.start();
        assertEquals("a", consumer.receive(10_000).getBody(String.class));
    }

    @Test
    void aContextClosesTheConnectionWithTheLastOneOnIt() {
        // Sections 6.1.8 and 6.2.15.
        JMSContext first = new MillraceConnectionFactory(MILLRACE.broker().url()).createContext();
        JMSContext second = first.createContext(JMSContext.CLIENT_ACKNOWLEDGE);
        first.close();
        first.close();

        assertThrows(IllegalStateRuntimeException.class, () -> first.createContext(JMSContext.AUTO_ACKNOWLEDGE));
        assertThrows(IllegalStateRuntimeException.class, first::start);
        assertThrows(IllegalStateRuntimeException.class, first::getMetaData);
        assertThrows(IllegalStateRuntimeException.class, first::acknowledge);
        second.createProducer().send(queue, "a");
        assertEquals("a", second.createConsumer(queue).receiveBody(String.class, 10_000));
        second.close();
        assertThrows(IllegalStateRuntimeException.class, second::createTextMessage);
    }

    @Test
    void aContextStartsItsConnectionWithTheFirstConsumerUnlessToldOtherwise() {
        // Sections 6.1.4 and 8.4.
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            assertTrue(context.getAutoStart());
            context.setAutoStart(false);
            assertFalse(context.getAutoStart());
            context.createProducer().send(queue, "a");
            var consumer = context.createConsumer(queue);
            assertNull(consumer.receive(50));

            context.start();

            assertEquals("a", consumer.receiveBody(String.class, 10_000));
        }
    }

    @Test
    void sessionModesAreTheFourThatThereAre() throws Exception {
        // Section 6.2, and the Javadoc of Connection.createSession.
        assertThrows(JMSException.class, () -> connection.createSession(4));
        assertThrows(JMSException.class, () -> connection.createSession(false, Session.SESSION_TRANSACTED));
        assertEquals(
                Session.SESSION_TRANSACTED, connection.createSession(true, 99).getAcknowledgeMode());
        Session auto = connection.createSession();
        assertThrows(IllegalStateException.class, auto::commit);
        assertThrows(IllegalStateException.class, auto::rollback);
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        assertThrows(IllegalStateException.class, transacted::recover);
    }

    @Test
    void dupsOkAcknowledgesInTimeAndWithTheClose() throws Exception {
        // Section 6.2.10.
        for (int i = 0; i < 5; i++) {
            send("a");
        }
        Session session = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(queue);
        for (int i = 0; i < 5; i++) {
            assertEquals("a", consumer.receive(10_000).getBody(String.class));
        }
        session.close();

        assertNull(connection.createSession().createConsumer(queue).receiveNoWait());
    }
}
