// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Acknowledgement, recovery and transactions, on a real broker. */
@Timeout(60)
class SettlingTest {
    private static final int LARGEST_BATCH = 1 << 20;

    @RegisterExtension
    static final MillraceExtension MILLRACE =
            new MillraceExtension().set("jms.max.message.bytes", String.valueOf(LARGEST_BATCH));

    private static JMSContext context(int mode) {
        return new MillraceConnectionFactory(MILLRACE.broker().url()).createContext(mode);
    }

    private static void send(String queue, String... texts) {
        try (JMSContext context = context(JMSContext.AUTO_ACKNOWLEDGE)) {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(queue), text);
            }
        }
    }

    private static List<String> rest(String queue) {
        try (JMSContext context = context(JMSContext.AUTO_ACKNOWLEDGE);
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            var texts = new java.util.ArrayList<String>();
            String text = consumer.receiveBodyNoWait(String.class);
            while (text != null) {
                texts.add(text);
                text = consumer.receiveBodyNoWait(String.class);
            }
            return texts;
        }
    }

    @Test
    void aTransactionLargerThanTheLargestBatchCommitsWholeAndInOrder() {
        // Section 6.2.7 knows no bound of a transaction.
        List<String> texts = IntStream.range(0, 3_000)
                .mapToObj(i -> String.format("%04d", i) + "x".repeat(1_020))
                .toList();
        try (JMSContext context = context(JMSContext.SESSION_TRANSACTED)) {
            texts.forEach(text -> context.createProducer().send(context.createQueue("large"), text));

            context.commit();
        }
        assertEquals(texts, rest("large"));
    }

    @Test
    void aCommitThatIsRefusedIsARolledBackTransactionWhateverTheReason() {
        // Section 10.3 and the Javadoc of JMSContext.commit.
        send("refused-in", "a");
        try (JMSContext context = context(JMSContext.SESSION_TRANSACTED);
                JMSConsumer consumer = context.createConsumer(context.createQueue("refused-in"))) {
            assertEquals("a", consumer.receiveBody(String.class, 10_000));
            context.createProducer().send(context.createQueue("refused-out"), new byte[2 * LARGEST_BATCH]);

            var told = assertThrows(TransactionRolledBackRuntimeException.class, context::commit);

            assertTrue(told.getMessage().contains("max.message.bytes"), told.getMessage());
            JMSException checked = assertInstanceOf(TransactionRolledBackException.class, told.getCause());
            assertInstanceOf(ResourceAllocationException.class, checked.getLinkedException());
            assertEquals("a", consumer.receiveBody(String.class, 10_000));
            context.commit();
        }
        assertEquals(List.of(), rest("refused-in"));
        assertEquals(List.of(), rest("refused-out"));
    }

    @Test
    void anAcknowledgementThatIsNotWaitedForSettlesWhatWasReceivedAndNothingElse() throws Exception {
        send("unawaited", "a", "b", "c", "d");
        try (Connection connection =
                        new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection();
                Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE)) {
            ListenerBuffers.acknowledgeWithoutWaiting(session);
            connection.start();
            MessageConsumer consumer = session.createConsumer(session.createQueue("unawaited"));
            consumer.receive(10_000).acknowledge();
            consumer.receive(10_000).acknowledge();
            consumer.receive(10_000);
        }

        assertEquals(List.of("c", "d"), rest("unawaited"));
    }

    @ParameterizedTest
    @ValueSource(ints = {JMSContext.AUTO_ACKNOWLEDGE, JMSContext.DUPS_OK_ACKNOWLEDGE})
    void onlyASessionThatAcknowledgesByTheClientMayStopWaiting(int mode) throws Exception {
        try (Connection connection =
                        new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection();
                Session session = connection.createSession(mode)) {
            assertThrows(JMSException.class, () -> ListenerBuffers.acknowledgeWithoutWaiting(session));
        }
    }

    @Test
    void aSessionThatHasConsumersCannotStopWaiting() throws Exception {
        // What these have received would be acknowledged by nobody.
        try (Connection connection =
                        new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection();
                Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE)) {
            session.createConsumer(session.createQueue("waits-already"));

            assertThrows(JMSException.class, () -> ListenerBuffers.acknowledgeWithoutWaiting(session));
        }
    }

    @Test
    void aSessionRolledBackBeforeItsFirstConsumerReceives() {
        // Jakarta Messaging 3.1, section 6.2.7: a rollback begins the next transaction, also when nothing was in the
        // last.
        send("rolled-back-first", "a");
        try (JMSContext context = context(JMSContext.SESSION_TRANSACTED)) {
            context.rollback();

            assertEquals(
                    "a",
                    context.createConsumer(context.createQueue("rolled-back-first"))
                            .receiveBody(String.class, 10_000));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {JMSContext.AUTO_ACKNOWLEDGE, JMSContext.DUPS_OK_ACKNOWLEDGE, JMSContext.SESSION_TRANSACTED})
    void acknowledgeIsIgnoredInTheOtherModes(int mode) throws Exception {
        // Section 3.6.
        String queue = "ack-ignored-" + mode;
        send(queue, "a");
        try (JMSContext context = context(mode)) {
            Message received =
                    context.createConsumer(context.createQueue(queue)).receive(10_000);

            received.acknowledge();
            context.acknowledge();
        }
        assertEquals(mode == JMSContext.SESSION_TRANSACTED ? List.of("a") : List.of(), rest(queue));
    }

    @Test
    void acknowledgeCoversAllThatTheSessionHasReceived() throws Exception {
        // Jakarta Messaging 3.1, section 6.2.10: acknowledging one acknowledges all that the session has delivered.
        send("ack-a", "a1", "a2", "a3");
        send("ack-b", "b1", "b2");
        try (JMSContext context = context(JMSContext.CLIENT_ACKNOWLEDGE)) {
            JMSConsumer a = context.createConsumer(context.createQueue("ack-a"));
            JMSConsumer b = context.createConsumer(context.createQueue("ack-b"));
            Message first = a.receive(10_000);
            assertEquals("b1", b.receiveBody(String.class, 10_000));
            assertEquals("a2", a.receiveBody(String.class, 10_000));
            b.close();

            first.acknowledge();
        }
        assertEquals(List.of("a3"), rest("ack-a"));
        assertEquals(List.of("b2"), rest("ack-b"));
    }

    @ParameterizedTest
    @ValueSource(ints = {JMSContext.SESSION_TRANSACTED, JMSContext.CLIENT_ACKNOWLEDGE})
    void whatAClosedConsumerHadReceivedComesBackWhenItsSessionRecovers(int mode) throws Exception {
        // Jakarta Messaging 3.1, sections 6.2.7 and 6.2.10: it is the session that received it, not the consumer.
        String queue = "closed-consumer-" + mode;
        send(queue, "a", "b");
        try (JMSContext context = context(mode)) {
            try (JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
                assertEquals("a", consumer.receiveBody(String.class, 10_000));
            }

            if (mode == JMSContext.SESSION_TRANSACTED) {
                context.rollback();
            } else {
                context.recover();
            }

            try (JMSContext other = context(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSConsumer consumer = other.createConsumer(other.createQueue(queue));
                Message again = consumer.receive(10_000);
                assertEquals("a", again.getBody(String.class));
                assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
                assertEquals("b", consumer.receiveBody(String.class, 10_000));
            }
        }
    }

    @Test
    void whatWasNotAcknowledgedComesBackFlaggedWhenTheSessionCloses() throws Exception {
        send("unacked", "a", "b");
        try (JMSContext context = context(JMSContext.CLIENT_ACKNOWLEDGE)) {
            assertEquals(
                    "a", context.createConsumer(context.createQueue("unacked")).receiveBody(String.class, 10_000));
        }
        try (JMSContext context = context(JMSContext.AUTO_ACKNOWLEDGE)) {
            JMSConsumer consumer = context.createConsumer(context.createQueue("unacked"));
            Message again = consumer.receive(10_000);
            assertEquals("a", again.getBody(String.class));
            assertTrue(again.getJMSRedelivered());
            assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
            assertFalse(consumer.receive(10_000).getJMSRedelivered());
        }
    }

    @Test
    void aTransactionOverQueuesAndATopicIsAllOrNothing() throws Exception {
        // Jakarta Messaging 3.1, section 6.2.9.
        send("in-1", "x1");
        send("in-2", "x2");
        try (JMSContext watching = context(JMSContext.AUTO_ACKNOWLEDGE);
                JMSContext work = context(JMSContext.SESSION_TRANSACTED)) {
            JMSConsumer out = watching.createConsumer(watching.createQueue("out"));
            JMSConsumer news = watching.createConsumer(watching.createTopic("news"));
            JMSConsumer one = work.createConsumer(work.createQueue("in-1"));
            JMSConsumer two = work.createConsumer(work.createQueue("in-2"));
            for (boolean commit : new boolean[] {false, true}) {
                Message first = one.receive(10_000);
                assertEquals("x1", first.getBody(String.class));
                assertEquals(commit, first.getJMSRedelivered());
                assertEquals("x2", two.receiveBody(String.class, 10_000));
                for (Destination to : List.of(work.createQueue("out"), work.createTopic("news"))) {
                    work.createProducer().send(to, commit + "-1").send(to, commit + "-2");
                }
                assertNull(out.receiveNoWait());
                assertNull(news.receiveNoWait());
                if (commit) {
                    work.commit();
                } else {
                    work.rollback();
                }
            }
            for (JMSConsumer consumer : List.of(out, news)) {
                assertEquals("true-1", consumer.receiveBody(String.class, 10_000));
                assertEquals("true-2", consumer.receiveBody(String.class, 10_000));
                assertNull(consumer.receiveNoWait());
            }
            assertNull(one.receiveNoWait());
            assertNull(two.receiveNoWait());
        }
    }

    @Test
    void aListenerThatThrowsGetsItsMessageAgainBeforeTheNext() throws Exception {
        // Jakarta Messaging 3.1, section 8.7.
        send("throwing", "a", "b");
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        long began = System.nanoTime();
        try (Connection connection =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection()) {
            Session session = connection.createSession();
            session.createConsumer(session.createQueue("throwing")).setMessageListener(message -> {
                try {
                    int count = message.getIntProperty("JMSXDeliveryCount");
                    seen.add(((TextMessage) message).getText() + count + message.getJMSRedelivered());
                    if (count < 4) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("on purpose");
                    }
                } catch (JMSException e) {
                    seen.add(e.toString());
                }
            });
            connection.start();

            for (String text : List.of("a", "b")) {
                for (int count = 1; count <= 4; count++) {
                    assertEquals(text + count + (count > 1), seen.poll(10, TimeUnit.SECONDS));
                }
            }
        }
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        assertTrue(tookMs >= 2 * (10 + 20 + 40), "a pause that grows, but all took " + tookMs + " ms");
        assertEquals(List.of(), rest("throwing"));
    }

    @Test
    void receiveBodyOfTheWrongTypeLeavesTheMessageWhenAcknowledgedAutomatically() throws Exception {
        // Jakarta Messaging 3.1, JMSConsumer.receiveBody: as if the call had not occurred.
        send("bodies", "text", "next");
        try (JMSContext context = context(JMSContext.AUTO_ACKNOWLEDGE)) {
            JMSConsumer consumer = context.createConsumer(context.createQueue("bodies"));

            assertThrows(MessageFormatRuntimeException.class, () -> consumer.receiveBody(byte[].class, 10_000));
            assertThrows(MessageFormatRuntimeException.class, () -> consumer.receiveBodyNoWait(Integer.class));

            Message message = consumer.receive(10_000);
            assertEquals("text", message.getBody(String.class));
            assertFalse(message.getJMSRedelivered());
            assertEquals(1, message.getIntProperty("JMSXDeliveryCount"));
            assertEquals("next", consumer.receiveBody(String.class, 10_000));
        }
    }

    @Test
    void receiveBodyOfTheWrongTypeTakesTheMessageWhenTheClientSettles() throws Exception {
        // Jakarta Messaging 3.1, JMSConsumer.receiveBody: as if the call had been successful.
        send("bodies-held", "text", "next");
        try (JMSContext context = context(JMSContext.SESSION_TRANSACTED)) {
            JMSConsumer consumer = context.createConsumer(context.createQueue("bodies-held"));

            assertThrows(MessageFormatRuntimeException.class, () -> consumer.receiveBody(byte[].class, 10_000));

            assertEquals("next", consumer.receiveBody(String.class, 10_000));
            context.rollback();
            assertEquals("text", consumer.receiveBody(String.class, 10_000));
            assertEquals("next", consumer.receiveBody(String.class, 10_000));
            context.commit();
        }
        assertEquals(List.of(), rest("bodies-held"));
    }

    @Test
    void aListenerThatSettlesForItselfMayRecoverInside() throws Exception {
        send("inside", "a");
        BlockingQueue<Integer> counts = new LinkedBlockingQueue<>();
        try (Connection connection =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createConnection()) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue("inside"));
            consumer.setMessageListener(message -> {
                try {
                    int count = message.getIntProperty("JMSXDeliveryCount");
                    if (count < 3) {
                        session.recover();
                    } else {
                        message.acknowledge();
                    }
                    counts.add(count);
                } catch (JMSException e) {
                    counts.add(-1);
                }
            });
            connection.start();

            assertEquals(1, counts.poll(10, TimeUnit.SECONDS));
            assertEquals(2, counts.poll(10, TimeUnit.SECONDS));
            assertEquals(3, counts.poll(10, TimeUnit.SECONDS));
        }
        assertEquals(List.of(), rest("inside"));
    }
}
