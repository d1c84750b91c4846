// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.ResourceAllocationRuntimeException;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Messages far beyond Kafka's default limit of 1 MiB: Jakarta Messaging 3.1 knows none. */
@Timeout(90)
class LargeMessagesTest {
    /** Larger than one piece of a transaction that is shipped in pieces. */
    private static final byte[] LARGE = bytes(9 << 20);

    private static final int LIMIT = 10 << 20;

    @TempDir
    Path directory;

    private EmbeddedBroker broker;
    private JMSContext context;

    @BeforeEach
    void start() {
        broker = EmbeddedBroker.builder()
                .directory(directory)
                .set("jms.max.message.bytes", Integer.toString(LIMIT))
                .set("jms.max.deliveries", "1")
                .start();
        context = new MillraceConnectionFactory(broker.url()).createContext();
    }

    @AfterEach
    void stop() {
        context.close();
        broker.close();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static byte[] receive(JMSConsumer consumer) {
        return consumer.receiveBody(byte[].class, 30_000);
    }

    @Test
    void aLargeMessageIsReceivedAndBrowsedAsItWasSent() throws Exception {
        Queue queue = context.createQueue("large");

        context.createProducer().send(queue, LARGE);

        try (QueueBrowser browser = context.createBrowser(queue)) {
            BytesMessage browsed = (BytesMessage) browser.getEnumeration().nextElement();
            assertEquals(LARGE.length, browsed.getBodyLength());
        }
        assertArrayEquals(LARGE, receive(context.createConsumer(queue)));
    }

    @Test
    void everySubscriberGetsALargeMessage() {
        Topic topic = context.createTopic("news");
        JMSConsumer one = context.createConsumer(topic);
        JMSConsumer durable = context.createSharedDurableConsumer(topic, "durable");

        context.createProducer().send(topic, LARGE);

        assertArrayEquals(LARGE, receive(one));
        assertArrayEquals(LARGE, receive(durable));
    }

    @Test
    void aTransactionOfLargeMessagesIsSentAndReceivedWhole() {
        Queue queue = context.createQueue("large");
        JMSContext transacted = context.createContext(JMSContext.SESSION_TRANSACTED);
        transacted.createProducer().send(queue, LARGE).send(queue, LARGE);

        transacted.commit();

        JMSConsumer consumer = transacted.createConsumer(queue);
        assertArrayEquals(LARGE, receive(consumer));
        assertArrayEquals(LARGE, receive(consumer));
        transacted.commit();
        transacted.close();
    }

    /** The broker has 8 MiB of memory for one (jms.temporary.max.bytes). */
    @Test
    void aLargeReplyComesThroughATemporaryQueue() {
        byte[] reply = bytes(5 << 20);
        Queue replies = context.createTemporaryQueue();

        context.createProducer().send(replies, reply);

        assertArrayEquals(reply, receive(context.createConsumer(replies)));
    }

    /** Else a few thousand of them, of 64 MiB each, would wait in a client that asks for one after the other. */
    @Test
    void aConsumerBuffersNoMoreThanSixteenPullsOfLargeMessages() throws Exception {
        int messages = 40;
        int size = 4_096;
        try (Connection connection =
                        new MillraceConnectionFactory(broker.url() + "?prefetchBytes=" + size).createConnection();
                Session session = connection.createSession()) {
            Queue queue = session.createQueue("many");
            MessageProducer producer = session.createProducer(queue);
            for (int i = 0; i < messages; i++) {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(bytes(size));
                producer.send(message);
            }
            Receiver receiver = ((MillraceConsumer) session.createConsumer(queue)).receiver();

            connection.start();

            await().until(() -> receiver.buffered() == 16);
            // Whatever it has not asked for is another's.
            try (JMSConsumer other = context.createConsumer(queue)) {
                for (int i = 16; i < messages; i++) {
                    assertNotNull(receive(other), "message " + i);
                }
            }
            assertEquals(16, receiver.buffered());
        }
    }

    @Test
    void aMessageAboveTheLimitIsRefusedAndTheSessionGoesOn() {
        Queue queue = context.createQueue("large");

        ResourceAllocationRuntimeException refused = assertThrows(
                ResourceAllocationRuntimeException.class,
                () -> context.createProducer().send(queue, bytes(LIMIT + 1)));

        assertTrue(refused.getMessage().contains("max.message.bytes"), refused.getMessage());
        context.createProducer().send(queue, LARGE);
        assertArrayEquals(LARGE, receive(context.createConsumer(queue)));
    }

    /** With its reason it is larger than the limit, which holds for what producers send. */
    @Test
    void aMessageAsLargeAsTheLimitBecomesADeadLetter() throws Exception {
        Queue queue = context.createQueue("large");
        int most = largestTaken(queue);
        JMSContext transacted = context.createContext(JMSContext.SESSION_TRANSACTED);
        assertNotNull(transacted.createConsumer(queue).receive(30_000));

        transacted.rollback();

        BytesMessage dead = (BytesMessage)
                context.createConsumer(context.createQueue("DLQ")).receive(30_000);
        assertEquals(most, dead.getBodyLength());
        transacted.close();
    }

    /** Sends it. */
    private int largestTaken(Queue queue) {
        int size = LIMIT;
        while (true) {
            try {
                context.createProducer().send(queue, new byte[size]);
                return size;
            } catch (ResourceAllocationRuntimeException tooLarge) {
                size -= 4;
            }
        }
    }
}
