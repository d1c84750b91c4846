// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
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

/** Which thread a session belongs to (Jakarta Messaging 3.1, sections 6.2.5 and 6.2.6), on the real broker. */
@Timeout(60)
class SessionThreadsTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private static final long PATIENCE_MS = 20_000;

    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    private Queue one;
    private Queue two;
    private Connection connection;
    private Session session;

    @BeforeEach
    void connect(TestInfo test) throws Exception {
        String name = "threads-" + test.getTestMethod().orElseThrow().getName();
        one = new MillraceQueue(name + "-1");
        two = new MillraceQueue(name + "-2");
        connection = new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection();
        session = connection.createSession();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private void send(Queue to, Serializable body) throws Exception {
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            context.createProducer().send(to, body);
        }
    }

    @Test
    void aStartedSessionWithAListenerDoesNotReceiveSynchronously() throws Exception {
        MessageConsumer listening = session.createConsumer(one);
        MessageConsumer other = session.createConsumer(two);
        listening.setMessageListener(message -> {});
        connection.start();

        assertThrows(IllegalStateException.class, () -> other.receive());
        assertThrows(IllegalStateException.class, () -> other.receive(1));
        assertThrows(IllegalStateException.class, () -> other.receiveNoWait());
        assertThrows(IllegalStateException.class, () -> listening.receiveNoWait());

        listening.setMessageListener(null);
        assertNull(other.receiveNoWait(), "without a listener it may");
    }

    @Test
    void aListenerReceivesInItsOwnSession() throws Exception {
        MessageConsumer other = session.createConsumer(two);
        session.createConsumer(one).setMessageListener(message -> {
            try {
                told.add(other.receive(PATIENCE_MS));
            } catch (Exception e) {
                told.add(e);
            }
        });
        connection.start();
        send(two, "second");

        send(one, "first");

        assertInstanceOf(jakarta.jms.Message.class, told.poll(PATIENCE_MS, TimeUnit.MILLISECONDS));
    }

    @Test
    void aStartedContextTakesASecondListener() throws Exception {
        // Section 6.2.6.
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            context.createConsumer(one).setMessageListener(told::add);

            context.createConsumer(two).setMessageListener(told::add);

            send(one, "first");
            send(two, "second");
            assertNotNull(told.poll(PATIENCE_MS, TimeUnit.MILLISECONDS));
            assertNotNull(told.poll(PATIENCE_MS, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    void whileOneThreadReceivesAnotherMayNot() throws Exception {
        connection.start();
        MessageConsumer consumer = session.createConsumer(one);
        MessageConsumer other = session.createConsumer(two);
        Thread[] receiver = new Thread[1];
        CompletableFuture<Object> received = CompletableFuture.supplyAsync(() -> {
            receiver[0] = Thread.currentThread();
            try {
                return consumer.receive();
            } catch (Exception e) {
                return e;
            }
        });
        await().until(() -> receiver[0] != null
                && (receiver[0].getState() == Thread.State.TIMED_WAITING
                        || receiver[0].getState() == Thread.State.WAITING));

        assertThrows(IllegalStateException.class, () -> other.receiveNoWait());

        send(one, "goes on");
        assertInstanceOf(jakarta.jms.Message.class, received.get(PATIENCE_MS, TimeUnit.MILLISECONDS));
        assertNull(other.receiveNoWait(), "it has ended");
    }

    /** Its deserialization waits. */
    static final class Slow implements Serializable {
        private static final long serialVersionUID = 1L;
        static volatile CountDownLatch begun = new CountDownLatch(1);
        static volatile CountDownLatch goOn = new CountDownLatch(1);

        @SuppressWarnings("UnusedMethod") // serialization calls it
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    @Test
    void anObjectIsDeserializedWithoutHoldingTheSession() throws Exception {
        Slow.begun = new CountDownLatch(1);
        Slow.goOn = new CountDownLatch(1);
        send(one, new Slow());
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            JMSConsumer consumer = context.createConsumer(one);
            CompletableFuture<Slow> body =
                    CompletableFuture.supplyAsync(() -> consumer.receiveBody(Slow.class, PATIENCE_MS));
            Slow.begun.await();

            CompletableFuture<String> state = CompletableFuture.supplyAsync(consumer::getMessageSelector);

            assertNull(state.get(PATIENCE_MS, TimeUnit.MILLISECONDS), "answered while the object is read");
            Slow.goOn.countDown();
            assertNotNull(body.get(PATIENCE_MS, TimeUnit.MILLISECONDS));
        }
    }

    /** Counts how often it was read. */
    static final class Counted implements Serializable {
        private static final long serialVersionUID = 1L;
        static int reads;

        @SuppressWarnings("UnusedMethod") // serialization calls it
        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            reads++;
        }
    }

    @Test
    void anObjectIsDeserializedOnceForABodyAndComesAgainAfterAWrongType() throws Exception {
        // Section 8.6.
        send(one, new Counted());
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            JMSConsumer consumer = context.createConsumer(one);
            assertThrows(MessageFormatRuntimeException.class, () -> consumer.receiveBody(Integer.class, PATIENCE_MS));
            int before = Counted.reads;

            assertNotNull(consumer.receiveBody(Counted.class, PATIENCE_MS));

            assertEquals(1, Counted.reads - before);
        }
    }

    @Test
    void aSessionThatClosesWhileABodyIsReadKeepsTheMessage() throws Exception {
        Slow.begun = new CountDownLatch(1);
        Slow.goOn = new CountDownLatch(1);
        send(one, new Slow());
        JMSContext context = new MillraceConnectionFactory(MILLRACE.broker().url()).createContext();
        JMSConsumer consumer = context.createConsumer(one);
        CompletableFuture<Slow> body =
                CompletableFuture.supplyAsync(() -> consumer.receiveBody(Slow.class, PATIENCE_MS));
        Slow.begun.await();
        Thread closer = new Thread(context::close);
        closer.start();
        await().until(() ->
                closer.getState() == Thread.State.WAITING || closer.getState() == Thread.State.TIMED_WAITING);

        Slow.goOn.countDown();

        assertNull(body.get(PATIENCE_MS, TimeUnit.MILLISECONDS), "section 8.8: the receive returns without one");
        closer.join();
        connection.start();
        assertInstanceOf(
                Slow.class, session.createConsumer(one).receive(PATIENCE_MS).getBody(Slow.class));
    }
}
