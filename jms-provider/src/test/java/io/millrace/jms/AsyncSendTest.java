// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Asynchronous send (Jakarta Messaging 3.1, section 7.3), on the real broker. */
@Timeout(60)
class AsyncSendTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    private MillraceQueue queue;
    private Connection connection;

    @BeforeEach
    void connect(TestInfo test) throws Exception {
        queue = new MillraceQueue(test.getTestMethod().orElseThrow().getName());
        connection = new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection();
        connection.start();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    /** Does something with each message that was sent; puts what it throws, or a failed send, into {@link #told}. */
    private interface OnSent {
        void accept(Message message) throws Exception;
    }

    private CompletionListener then(OnSent action) {
        return new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                try {
                    action.accept(message);
                } catch (Exception e) {
                    told.add(e);
                }
            }

            @Override
            public void onException(Message message, Exception exception) {
                told.add(exception);
            }
        };
    }

    private Object next() throws InterruptedException {
        Object next = told.poll(20, TimeUnit.SECONDS);
        assertNotNull(next, "nobody was told");
        return next;
    }

    @Test
    void completionsComeInTheOrderOfTheSendsAndNeverOnTheSendersThread() throws Exception {
        // Sections 7.3.3, 7.3.6 and 7.3.8.
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(queue);
        List<Thread> threads = new ArrayList<>();
        AtomicInteger running = new AtomicInteger();
        for (int i = 0; i < 200; i++) {
            Message message = session.createTextMessage(Integer.toString(i));
            if (i % 10 == 3) {
                producer.send(message);
                continue;
            }
            producer.send(message, then(sent -> {
                assertEquals(1, running.incrementAndGet());
                threads.add(Thread.currentThread());
                assertNotNull(sent.getJMSMessageID());
                told.add(sent.getBody(String.class));
                running.decrementAndGet();
            }));
        }

        for (int i = 0; i < 200; i++) {
            if (i % 10 != 3) {
                assertEquals(Integer.toString(i), next());
            }
        }
        threads.forEach(thread -> assertNotSame(Thread.currentThread(), thread));
        MessageConsumer consumer = session.createConsumer(queue);
        for (int i = 0; i < 200; i++) {
            assertEquals(Integer.toString(i), ((TextMessage) consumer.receive(10_000)).getText());
        }
    }

    @Test
    void aListenerMustNotCloseNorEndTheTransactionOfItsOwn() throws Exception {
        // Section 7.3.4.
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(queue);

        producer.send(session.createTextMessage("a"), then(sent -> {
            told.add(assertThrows(IllegalStateException.class, producer::close));
            told.add(assertThrows(IllegalStateException.class, session::close));
            told.add(assertThrows(IllegalStateException.class, connection::close));
            told.add(assertThrows(IllegalStateException.class, session::commit));
            told.add(assertThrows(IllegalStateException.class, session::rollback));
        }));

        for (int i = 0; i < 5; i++) {
            assertInstanceOf(IllegalStateException.class, next());
        }
        session.commit();
    }

    @Test
    void aContextsListenerMustNotEither() throws Exception {
        // Section 7.3.4.
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext(JMSContext.SESSION_TRANSACTED)) {
            context.createProducer()
                    .setAsync(then(sent -> {
                        told.add(assertThrows(IllegalStateRuntimeException.class, context::close));
                        told.add(assertThrows(IllegalStateRuntimeException.class, context::commit));
                        told.add(assertThrows(IllegalStateRuntimeException.class, context::rollback));
                    }))
                    .send(queue, "a");

            for (int i = 0; i < 3; i++) {
                assertInstanceOf(JMSRuntimeException.class, next());
            }
        }
    }

    @Test
    void aListenerMayStopItsConnection() throws Exception {
        // Section 7.3.4 forbids close, commit and rollback, no more.
        Session session = connection.createSession();

        session.createProducer(queue).send(session.createTextMessage("a"), then(sent -> {
            connection.stop();
            told.add("stopped");
        }));

        assertEquals("stopped", next());
    }

    @Test
    void aSendInATransactionIsCompleteBeforeTheCommitIsPerformed() throws Exception {
        // Section 7.3.4: commit returns after every callback has returned.
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(queue);
        CountDownLatch goOn = new CountDownLatch(1);
        producer.send(session.createTextMessage("a"), then(sent -> {
            goOn.await();
            told.add("completed");
        }));
        CompletableFuture<String> committing = CompletableFuture.supplyAsync(() -> {
            try {
                session.commit();
                return told.isEmpty() ? "too early" : "committed";
            } catch (JMSException e) {
                return e.toString();
            }
        });

        goOn.countDown();

        assertEquals("committed", committing.get(20, TimeUnit.SECONDS));
        assertEquals("completed", told.poll());
    }

    @Test
    void closingWaitsForEveryCallback() throws Exception {
        // Section 7.3.4.
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(queue);
        for (int i = 0; i < 100; i++) {
            producer.send(session.createTextMessage("a"), then(told::add));
        }
        producer.close();
        assertEquals(100, told.size());
        MessageProducer another = session.createProducer(queue);
        for (int i = 0; i < 100; i++) {
            another.send(session.createTextMessage("a"), then(told::add));
        }

        connection.close();

        assertEquals(200, told.size());
        assertTrue(told.stream().allMatch(Message.class::isInstance));
    }

    @Test
    void whatTheSendThrowsTheListenerIsNotTold() throws Exception {
        // Section 7.3.2.
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(queue);
        Message message = session.createTextMessage("a");

        assertThrows(IllegalArgumentException.class, () -> producer.send(message, null));
        assertThrows(JMSException.class, () -> producer.send(message, 7, 4, 0, then(told::add)));
        producer.close();
        assertThrows(IllegalStateException.class, () -> producer.send(message, then(told::add)));

        session.close();
        assertNull(told.poll());
    }

    @Test
    void aListenerThatThrowsDoesNotKeepTheNextFromItsCall() throws Exception {
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("a"), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                throw new RuntimeException("on purpose");
            }

            @Override
            public void onException(Message message, Exception exception) {
                told.add(exception);
            }
        });

        producer.send(session.createTextMessage("b"), then(told::add));

        assertInstanceOf(Message.class, next());
        assertNull(told.poll());
    }

    @Test
    void aSendBeyondTheWindowWaitsUntilThereIsRoom() throws Exception {
        try (Connection narrow =
                new MillraceConnectionFactory(MILLRACE.broker().url() + "?asyncWindow=2").createConnection()) {
            Session session = narrow.createSession();
            MessageProducer producer = session.createProducer(queue);
            CountDownLatch goOn = new CountDownLatch(1);
            producer.send(session.createTextMessage("0"), then(sent -> goOn.await()));
            producer.send(session.createTextMessage("1"), then(told::add));
            Thread third = new Thread(() -> {
                try {
                    producer.send(session.createTextMessage("2"), then(told::add));
                    told.add("returned");
                } catch (JMSException e) {
                    told.add(e);
                }
            });
            third.start();
            await().until(() -> third.getState() == Thread.State.WAITING);
            assertFalse(told.contains("returned"));

            goOn.countDown();

            List<Object> all = List.of(next(), next(), next());
            assertTrue(all.contains("returned"), all.toString());
        }
    }

    @Test
    void aListenerThatSendsIsNotHeldUpByTheWindow() throws Exception {
        try (Connection narrow =
                new MillraceConnectionFactory(MILLRACE.broker().url() + "?asyncWindow=1").createConnection()) {
            Session session = narrow.createSession();
            MessageProducer producer = session.createProducer(queue);
            Message next = session.createTextMessage("1");

            producer.send(session.createTextMessage("0"), then(sent -> producer.send(next, then(told::add))));

            assertEquals(next, next());
        }
    }
}
