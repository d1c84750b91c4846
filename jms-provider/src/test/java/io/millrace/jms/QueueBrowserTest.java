// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jakarta Messaging 3.1, section 4.1.6 (QueueBrowser), against a real broker. */
@Timeout(120)
class QueueBrowserTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static JMSContext context() {
        return new MillraceConnectionFactory(broker.url()).createContext();
    }

    private static MillraceQueue filled(JMSContext context, String name, int count) {
        MillraceQueue queue = new MillraceQueue(name);
        JMSProducer producer = context.createProducer();
        for (int i = 0; i < count; i++) {
            producer.setProperty("number", i).send(queue, "m" + i);
        }
        return queue;
    }

    private static List<String> texts(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "m" + i).toList();
    }

    private static List<String> read(Enumeration<?> messages) throws JMSException {
        List<String> texts = new ArrayList<>();
        while (messages.hasMoreElements()) {
            texts.add(((TextMessage) messages.nextElement()).getText());
        }
        return texts;
    }

    private static List<String> browse(JMSContext context, MillraceQueue queue, String selector) throws JMSException {
        try (QueueBrowser browser = context.createBrowser(queue, selector)) {
            return read(browser.getEnumeration());
        }
    }

    /** Section 4.1.6: look at messages without removing them. */
    @Test
    void showsMessagesInOrderAndLeavesThemWhereTheyAre() throws Exception {
        try (JMSContext context = context()) {
            MillraceQueue queue = filled(context, "browse-order", 5);

            assertEquals(texts(0, 5), browse(context, queue, null));
            assertEquals(texts(0, 5), browse(context, queue, null));

            var consumer = context.createConsumer(queue);
            Message first = consumer.receive(10_000);
            assertEquals("m0", first.getBody(String.class));
            assertFalse(first.getJMSRedelivered());
            assertEquals(1, first.getIntProperty("JMSXDeliveryCount"));
        }
    }

    @Test
    void showsNothingOfAnEmptyQueue() throws Exception {
        try (JMSContext context = context();
                QueueBrowser browser = context.createBrowser(new MillraceQueue("browse-empty"))) {
            Enumeration<?> messages = browser.getEnumeration();

            assertFalse(messages.hasMoreElements());
            assertThrows(NoSuchElementException.class, () -> messages.nextElement());
        }
    }

    /** The enumeration is of the queue as it was when it was made; a new one shows what came since. */
    @Test
    void anEnumerationEndsWhereTheQueueEndedWhenItWasMade() throws Exception {
        try (JMSContext context = context()) {
            MillraceQueue queue = filled(context, "browse-snapshot", 3);
            try (QueueBrowser browser = context.createBrowser(queue)) {
                Enumeration<?> before = browser.getEnumeration();
                context.createProducer().send(queue, "m3");

                assertEquals(texts(0, 3), read(before));
                assertEquals(texts(0, 4), read(browser.getEnumeration()));
            }
        }
    }

    /** Messages that a consumer has buffered, or received and not acknowledged, are still in the queue. */
    @Test
    void showsWhatIsInFlightAndNotWhatWasAcknowledged() throws Exception {
        try (JMSContext context = context();
                Connection connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            connection.start();
            MillraceQueue queue = filled(context, "browse-inflight", 10);
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(queue);
            for (int i = 0; i < 4; i++) {
                consumer.receive(10_000).acknowledge();
            }

            Message unacknowledged = consumer.receive(10_000);

            assertEquals("m4", unacknowledged.getBody(String.class));
            assertEquals(texts(4, 10), browse(context, queue, null));
            unacknowledged.acknowledge();
            assertEquals(texts(5, 10), browse(context, queue, null));
        }
    }

    @Test
    void showsGapsThatOutOfOrderAcknowledgementsLeave() throws Exception {
        try (JMSContext context = context();
                Connection connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            connection.start();
            MillraceQueue queue = filled(context, "browse-gaps", 6);
            Session holding = connection.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = holding.createConsumer(queue);
            assertEquals("m0", consumer.receive(10_000).getBody(String.class));
            Session other = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            consumer.close(); // what it had buffered goes back, what was received stays with the session
            MessageConsumer second = other.createConsumer(queue);
            assertEquals("m1", second.receive(10_000).getBody(String.class));
            assertEquals("m2", second.receive(10_000).getBody(String.class));
            second.close();

            assertEquals(List.of("m0", "m3", "m4", "m5"), browse(context, queue, null));
        }
    }

    /** A browser may be given a selector (section 3.8). */
    @Test
    void aSelectorPicksOnTheBroker() throws Exception {
        try (JMSContext context = context()) {
            MillraceQueue queue = filled(context, "browse-selector", 30);

            assertEquals(
                    List.of("m7", "m17", "m27"), browse(context, queue, "number = 7 OR number = 17 OR number = 27"));
            assertEquals(texts(0, 30), browse(context, queue, ""));
        }
    }

    @Test
    void anInvalidSelectorIsRefusedAtCreation() throws Exception {
        try (Connection connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            Session session = connection.createSession();

            assertThrows(
                    InvalidSelectorException.class,
                    () -> session.createBrowser(new MillraceQueue("browse-bad"), "number ="));
        }
    }

    @Test
    void skipsExpiredMessages() throws Exception {
        try (JMSContext context = context()) {
            MillraceQueue queue = new MillraceQueue("browse-expired");
            context.createProducer().setTimeToLive(1).send(queue, "expired");
            context.createProducer().setTimeToLive(600_000).send(queue, "m0");
            context.createProducer().send(queue, "m1");

            Awaitility.await().untilAsserted(() -> assertEquals(texts(0, 2), browse(context, queue, null)));
        }
    }

    @Test
    void skipsWhatIsNotDueYet() throws Exception {
        // Section 4.1.6: a message must not be returned before its delivery time.
        try (JMSContext context = context()) {
            MillraceQueue queue = new MillraceQueue("browse-delayed");
            context.createProducer().setDeliveryDelay(600_000).send(queue, "later");
            context.createProducer().send(queue, "m0");

            assertEquals(texts(0, 1), browse(context, queue, null));
        }
    }

    /** Pages: a queue of many thousand messages, most of which a selector leaves out. */
    @Test
    void goesThroughADeepQueuePageByPage() throws Exception {
        int count = 150_000;
        try (Connection connection = new MillraceConnectionFactory(broker.url()).createConnection();
                JMSContext context = context()) {
            MillraceQueue queue = new MillraceQueue("browse-deep");
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            var producer = session.createProducer(queue);
            for (int i = 0; i < count; i++) {
                Message message = session.createTextMessage("m" + i);
                message.setIntProperty("number", i);
                producer.send(message);
                if (i % 10_000 == 9_999) {
                    session.commit();
                }
            }

            assertEquals(texts(0, count), browse(context, queue, null));
            assertEquals(List.of("m77777", "m149999"), browse(context, queue, "number = 77777 OR number = 149999"));
        }
    }

    @Test
    void showsEveryPartition() throws Exception {
        try (EmbeddedBroker many =
                        EmbeddedBroker.builder().set("jms.num.partitions", "3").start();
                JMSContext context = new MillraceConnectionFactory(many.url()).createContext()) {
            MillraceQueue queue = new MillraceQueue("browse-partitions");
            for (int i = 0; i < 30; i++) {
                context.createProducer().setProperty("JMSXGroupID", "g" + i).send(queue, "m" + i);
            }

            List<String> seen = browse(context, queue, null);

            assertEquals(
                    texts(0, 30).stream().sorted().toList(),
                    seen.stream().sorted().toList());
        }
    }

    /** A browsed message can be read only, and acknowledging it acknowledges nothing. */
    @Test
    void aBrowsedMessageIsReadOnlyAndAcknowledgesNothing() throws Exception {
        try (JMSContext context = context();
                Connection connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            connection.start();
            MillraceQueue queue = filled(context, "browse-readonly", 2);
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(queue);
            Message received = consumer.receive(10_000);
            TextMessage browsed =
                    (TextMessage) session.createBrowser(queue).getEnumeration().nextElement();

            browsed.acknowledge();

            assertEquals(received.getJMSMessageID(), browsed.getJMSMessageID());
            assertThrows(MessageNotWriteableException.class, () -> browsed.setText("x"));
            assertThrows(MessageNotWriteableException.class, () -> browsed.setIntProperty("number", 1));
            session.recover();
            assertEquals(received.getJMSMessageID(), consumer.receive(10_000).getJMSMessageID());
        }
    }

    @Test
    void tellsItsQueueAndSelectorWhileItIsOpen() throws Exception {
        try (Connection connection = new MillraceConnectionFactory(broker.url()).createConnection()) {
            MillraceQueue queue = new MillraceQueue("browse-getters");
            Session session = connection.createSession();
            QueueBrowser plain = session.createBrowser(queue);
            QueueBrowser empty = session.createBrowser(queue, "");
            QueueBrowser selecting = session.createBrowser(queue, "a = 1");
            Enumeration<?> open = selecting.getEnumeration();

            assertEquals(queue, plain.getQueue());
            assertNull(plain.getMessageSelector());
            assertNull(empty.getMessageSelector());
            assertEquals("a = 1", selecting.getMessageSelector());

            selecting.close();
            selecting.close();
            assertThrows(IllegalStateException.class, selecting::getQueue);
            assertThrows(IllegalStateException.class, selecting::getMessageSelector);
            assertThrows(IllegalStateException.class, selecting::getEnumeration);
            assertThrows(IllegalStateRuntimeException.class, () -> open.hasMoreElements());
            session.close();
            assertThrows(IllegalStateException.class, plain::getEnumeration);
            assertThrows(IllegalStateException.class, () -> session.createBrowser(queue));
        }
    }

    @Test
    void wantsAQueue() throws Exception {
        try (Connection connection = new MillraceConnectionFactory(broker.url()).createConnection();
                JMSContext context = context()) {
            Session session = connection.createSession();
            context.createProducer().send(new MillraceTopic("browse-topic"), "x");

            assertThrows(InvalidDestinationException.class, () -> session.createBrowser(null));
            assertThrows(
                    InvalidDestinationException.class, () -> session.createBrowser(new MillraceQueue("browse-topic")));
        }
    }

    @Test
    void looksIntoATemporaryQueueOfItsOwnConnectionOnly() throws Exception {
        try (JMSContext context = context();
                JMSContext other = context()) {
            var queue = context.createTemporaryQueue();
            context.createProducer().send(queue, "m0");

            assertEquals(texts(0, 1), browse(context, (MillraceQueue) queue, null));
            QueueBrowser foreign = other.createBrowser(queue);
            assertThrows(InvalidDestinationException.class, foreign::getEnumeration);
            assertTrue(other.getAutoStart());
        }
    }
}
