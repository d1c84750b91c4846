// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.protocol.message.DestinationKind;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Queue;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** What is no destination or no selector is refused as such, wherever it is given (Jakarta Messaging 3.1, section 10.3). */
@Timeout(60)
class DestinationArgumentsTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private static final String BAD_SELECTOR = "this is no selector";
    private static final ServerSessionPool POOL = () -> null;

    /** Neither a queue nor a topic. */
    private static final class Neither implements Destination {}

    private record ForeignQueue(String getQueueName) implements Queue {}

    private record ForeignTopic(String getTopicName) implements Topic {}

    private final Topic topic = new MillraceTopic("arguments-topic");
    private final Queue queue = new MillraceQueue("arguments-queue");
    private Connection connection;
    private Session session;

    @BeforeEach
    void connect() throws Exception {
        MillraceConnectionFactory factory =
                new MillraceConnectionFactory(MILLRACE.broker().url());
        factory.setClientId("arguments");
        connection = factory.createConnection();
        connection.start();
        session = connection.createSession();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private static void invalid(Executable... calls) {
        for (Executable call : calls) {
            assertThrows(InvalidDestinationException.class, call);
        }
    }

    private static void invalidUnchecked(Executable... calls) {
        for (Executable call : calls) {
            assertThrows(InvalidDestinationRuntimeException.class, call);
        }
    }

    @Test
    void namesThatAreNoneAreInvalidDestinations() {
        // Session.createQueue and createTopic.
        invalid(
                () -> session.createQueue(null),
                () -> session.createTopic(null),
                () -> session.createQueue(""),
                () -> session.createTopic(""));
    }

    @Test
    void aSessionRefusesNullAndWhatIsNeitherQueueNorTopic() {
        Destination none = null;
        invalid(
                () -> session.createConsumer(none),
                () -> session.createConsumer(none, "a = 1"),
                () -> session.createConsumer(none, "a = 1", true),
                () -> session.createConsumer(new Neither()),
                () -> session.createProducer(new Neither()),
                () -> session.createBrowser(null),
                () -> session.createBrowser(null, "a = 1"),
                () -> session.createSharedConsumer(null, "s"),
                () -> session.createSharedConsumer(null, "s", "a = 1"),
                () -> session.createDurableConsumer(null, "s"),
                () -> session.createDurableConsumer(null, "s", "a = 1", false),
                () -> session.createDurableSubscriber(null, "s"),
                () -> session.createDurableSubscriber(null, "s", "a = 1", false),
                () -> session.createSharedDurableConsumer(null, "s"),
                () -> session.createSharedDurableConsumer(null, "s", "a = 1"),
                () -> session.unsubscribe(null),
                () -> session.unsubscribe("never heard of"));
    }

    @Test
    void aConnectionConsumerRefusesThemToo() {
        // Section 11.2.4.
        invalid(
                () -> connection.createConnectionConsumer((Destination) null, null, POOL, 1),
                () -> connection.createConnectionConsumer(new Neither(), null, POOL, 1),
                () -> connection.createSharedConnectionConsumer(null, "s", null, POOL, 1),
                () -> connection.createDurableConnectionConsumer(null, "s", null, POOL, 1),
                () -> connection.createSharedDurableConnectionConsumer(null, "s", null, POOL, 1));
        assertThrows(
                InvalidSelectorException.class,
                () -> connection.createConnectionConsumer(queue, BAD_SELECTOR, POOL, 1));
        assertThrows(JMSException.class, () -> connection.createConnectionConsumer(queue, null, null, 1));
        assertThrows(JMSException.class, () -> connection.createConnectionConsumer(queue, null, POOL, 0));
    }

    @Test
    void aContextRefusesThemUnchecked() {
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            context.setAutoStart(false);
            invalidUnchecked(
                    () -> context.createQueue(null),
                    () -> context.createTopic(null),
                    () -> context.createConsumer(null),
                    () -> context.createConsumer(null, "a = 1"),
                    () -> context.createConsumer(null, "a = 1", true),
                    () -> context.createConsumer(new Neither()),
                    () -> context.createBrowser(null),
                    () -> context.createSharedConsumer(null, "s"),
                    () -> context.createDurableConsumer(null, "s"),
                    () -> context.createSharedDurableConsumer(null, "s"),
                    () -> context.unsubscribe(null),
                    () -> context.unsubscribe("never heard of"),
                    () -> context.createProducer().send(null, "text"),
                    () -> context.createProducer().send(new Neither(), "text"));
        }
    }

    @Test
    void aSelectorThatIsNoneIsRefusedWhereverItIsGiven() {
        // Section 3.8.1.
        for (Executable call : new Executable[] {
            () -> session.createConsumer(queue, BAD_SELECTOR),
            () -> session.createConsumer(topic, BAD_SELECTOR, true),
            () -> session.createBrowser(queue, BAD_SELECTOR),
            () -> session.createSharedConsumer(topic, "s", BAD_SELECTOR),
            () -> session.createDurableConsumer(topic, "s", BAD_SELECTOR, false),
            () -> session.createDurableSubscriber(topic, "s", BAD_SELECTOR, false),
            () -> session.createSharedDurableConsumer(topic, "s", BAD_SELECTOR)
        }) {
            assertThrows(InvalidSelectorException.class, call);
        }
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            assertThrows(InvalidSelectorRuntimeException.class, () -> context.createConsumer(queue, BAD_SELECTOR));
            assertThrows(InvalidSelectorRuntimeException.class, () -> context.createBrowser(queue, BAD_SELECTOR));
        }
    }

    @Test
    void aSubscriptionWithoutNameIsRefused() throws Exception {
        for (String name : new String[] {null, ""}) {
            assertThrows(JMSException.class, () -> session.createSharedConsumer(topic, name));
            assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, name));
            assertThrows(JMSException.class, () -> session.createSharedDurableConsumer(topic, name));
        }
        TemporaryTopic temporary = session.createTemporaryTopic();
        assertThrows(JMSException.class, () -> session.createSharedConsumer(temporary, ""));
    }

    @Test
    void whatUtf8CannotHoldIsRefusedRatherThanTakenForSomethingElse() throws Exception {
        // Sections 3.8.1 and 8.3: sent as UTF-8 it would select, or be named, "x?".
        String name = "x\uD800";
        assertThrows(InvalidSelectorException.class, () -> session.createConsumer(queue, "a = '" + name + "'"));
        assertThrows(InvalidSelectorException.class, () -> session.createBrowser(queue, "a = '" + name + "'"));
        assertThrows(JMSException.class, () -> session.createSharedConsumer(topic, name));
        assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, name));
        assertThrows(InvalidDestinationException.class, () -> session.unsubscribe(name));
    }

    @Test
    void destinationsOfAnotherProviderAreUsedByTheirName() throws Exception {
        session.createProducer(new ForeignQueue("arguments-foreign")).send(session.createTextMessage("a"));

        TextMessage received = (TextMessage)
                session.createConsumer(session.createQueue("arguments-foreign")).receive(20_000);

        assertEquals("a", received.getText());
        assertEquals("arguments-foreign", ((Queue) received.getJMSDestination()).getQueueName());
        invalid(
                () -> session.createConsumer(new ForeignQueue(null)),
                () -> session.createConsumer(new ForeignTopic(null)));
    }

    @Test
    void aMessageIsReceivedWhateverNameStandsInIt() throws Exception {
        // A forged or foreign header: it must not make the receipt fail.
        for (String name : List.of("http://x", "queue:///a?b", "__millrace.tmp.x://y", "")) {
            for (DestinationKind kind : DestinationKind.values()) {
                assertEquals(name, MillraceDestination.named(kind, name).getName());
            }
        }
    }

    @Test
    void modesOfAContextAreTheFourThatThereAre() {
        MillraceConnectionFactory factory =
                new MillraceConnectionFactory(MILLRACE.broker().url());
        for (int mode : new int[] {-1, 4, Integer.MAX_VALUE}) {
            assertThrows(JMSRuntimeException.class, () -> factory.createContext(mode));
            assertThrows(JMSRuntimeException.class, () -> factory.createContext("u", "p", mode));
        }
        try (JMSContext context = factory.createContext()) {
            assertThrows(JMSRuntimeException.class, () -> context.createContext(-1));
        }
    }
}
