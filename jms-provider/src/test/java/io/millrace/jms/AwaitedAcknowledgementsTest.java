// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.Status;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code awaitAcknowledgements}: in AUTO_ACKNOWLEDGE only the last consumed message may come twice (Jakarta Messaging 3.1,
 * section 6.2.11). Against a scripted peer; through a crash of the broker: {@link ResumeAfterKillTest}.
 */
@Timeout(30)
class AwaitedAcknowledgementsTest {
    private static final MillraceQueue ORDERS = new MillraceQueue("orders");

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch durable = new CountDownLatch(1);
    private ScriptedPeer peer;
    private Connection connection;

    @BeforeEach
    void connect() throws Exception {
        peer = new ScriptedPeer();
        peer.when(Acknowledge.class, request -> null); // the broker has it and says nothing yet
        MillraceConnectionFactory factory =
                new MillraceConnectionFactory(peer.url() + "?requestTimeoutMs=3000&reconnectTimeoutMs=0");
        factory.setAwaitAcknowledgements(true);
        connection = factory.createConnection();
        connection.start();
    }

    @AfterEach
    void close() throws Exception {
        durable.countDown();
        connection.close();
        peer.close();
    }

    private void answerWhenDurable() {
        peer.when(Acknowledge.class, request -> {
            asked.countDown();
            try {
                assertTrue(durable.await(10, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return new Acknowledge.Response(Status.OK, List.of());
        });
    }

    private static CompletableFuture<String> receive(MessageConsumer consumer) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                Message message = consumer.receive();
                return message.getBody(String.class);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void receiveReturnsWhenTheAcknowledgementIsDurable() throws Exception {
        answerWhenDurable();
        MessageConsumer consumer =
                connection.createSession(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        peer.deliver(11, 0, 5, "a");
        CompletableFuture<String> received = receive(consumer);
        assertTrue(asked.await(10, TimeUnit.SECONDS));
        boolean early = received.isDone();

        durable.countDown();

        assertEquals("a", received.get(10, TimeUnit.SECONDS));
        assertFalse(early);
        assertTrue(peer.next(Acknowledge.class).awaited());
    }

    @Test
    void aListenerGetsItsNextMessageWhenTheAcknowledgementIsDurable() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        connection
                .createSession(Session.AUTO_ACKNOWLEDGE)
                .createConsumer(ORDERS)
                .setMessageListener(message -> heard.incrementAndGet());
        peer.deliver(11, 0, 5, "a", "b");
        Acknowledge first = peer.next(Acknowledge.class);
        int heardBefore = heard.get();

        peer.cutConnections();

        assertTrue(first.awaited());
        assertEquals(1, heardBefore);
    }

    @Test
    void aMessageWhoseAcknowledgementHasNoAnswerIsGivenOutAllTheSame() throws Exception {
        MessageConsumer consumer =
                connection.createSession(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        peer.deliver(11, 0, 5, "a");
        CompletableFuture<String> received = receive(consumer);
        peer.next(Acknowledge.class);

        peer.cutConnections();

        assertEquals("a", received.get(10, TimeUnit.SECONDS));
    }

    @Test
    void lazyAcknowledgementsAreNotWaitedFor() throws Exception {
        MessageConsumer consumer =
                connection.createSession(Session.DUPS_OK_ACKNOWLEDGE).createConsumer(ORDERS);
        peer.deliver(11, 0, 5, "a");

        CompletableFuture<String> received = receive(consumer);

        assertEquals("a", received.get(10, TimeUnit.SECONDS));
        assertFalse(peer.next(Acknowledge.class).awaited());
    }
}
