// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Topic subscriptions against a real broker (Jakarta Messaging 3.1, sections 4.2 and 8.3). */
@Timeout(120)
class SubscriptionsTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static EmbeddedBroker broker;

    private final List<Connection> open = new ArrayList<>();
    private final int number = NUMBERS.incrementAndGet();
    private final String clientId = "client-" + number;
    private final MillraceTopic topic = new MillraceTopic("topic-" + number);

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @AfterEach
    void closeConnections() throws Exception {
        for (Connection connection : open) {
            connection.close();
        }
    }

    private Session session(@Nullable String id) throws JMSException {
        return session(id, Session.AUTO_ACKNOWLEDGE);
    }

    private Session session(@Nullable String id, int mode) throws JMSException {
        return connection(id).createSession(mode);
    }

    private Connection connection(@Nullable String id) throws JMSException {
        Connection connection = new MillraceConnectionFactory(broker.url()).createConnection();
        open.add(connection);
        if (id != null) {
            connection.setClientID(id);
        }
        connection.start();
        return connection;
    }

    private void publish(Topic to, String... texts) throws JMSException {
        publish(session(null), to, texts);
    }

    private static void publish(Session session, Topic to, String... texts) throws JMSException {
        for (String text : texts) {
            session.createProducer(to).send(session.createTextMessage(text));
        }
    }

    private static List<String> texts(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Message message = consumer.receive(10_000);
            assertNotNull(message, () -> "only " + texts);
            texts.add(message.getBody(String.class));
        }
        return texts;
    }

    private static void assertNothingMore(MessageConsumer consumer) throws JMSException {
        Message more = consumer.receiveNoWait();
        assertNull(more, () -> String.valueOf(more));
    }

    // ---- 8.3.1 unshared non-durable

    @Test
    void anUnsharedNonDurableSubscriptionGetsWhatIsSentWhileItsConsumerIsOpen() throws Exception {
        // Section 8.3.1.
        Session session = session(null);
        MessageConsumer first = session.createConsumer(topic);
        publish(topic, "one");
        assertEquals(List.of("one"), texts(first, 1));
        first.close();
        publish(topic, "two");
        MessageConsumer second = session.createConsumer(topic);
        publish(topic, "three");
        assertEquals(List.of("three"), texts(second, 1));
        assertNothingMore(second);
    }

    // ---- 8.3.2 shared non-durable

    @Test
    void consumersOfASharedSubscriptionShareItsMessages() throws Exception {
        // Section 8.3.2: each message goes to one consumer of the subscription; 4.2.2: each subscription has its
        // copies.
        MessageConsumer one = session(null).createSharedConsumer(topic, "shared");
        MessageConsumer two = session(null).createSharedConsumer(topic, "shared");
        MessageConsumer other = session(null).createSharedConsumer(topic, "other");
        publish(topic, "a", "b", "c", "d");
        Set<String> got = new HashSet<>(texts(other, 4));
        assertEquals(Set.of("a", "b", "c", "d"), got);
        List<String> shared = new ArrayList<>();
        while (shared.size() < 4) {
            for (MessageConsumer consumer : List.of(one, two)) {
                Message message = consumer.receive(100);
                if (message != null) {
                    shared.add(message.getBody(String.class));
                }
            }
        }
        assertEquals(4, new HashSet<>(shared).size());
        assertNothingMore(one);
        assertNothingMore(two);
    }

    @Test
    void aSharedNonDurableSubscriptionEndsWithItsLastConsumer() throws Exception {
        // Section 8.3.2: deleted together with its undelivered messages, also with unacknowledged ones of its session.
        Session session = session(null, Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer one = session.createSharedConsumer(topic, "shared");
        publish(topic, "unacknowledged");
        assertEquals(List.of("unacknowledged"), texts(one, 1));
        MessageConsumer two = session(null).createSharedConsumer(topic, "shared");
        one.close();
        publish(topic, "still there");
        assertEquals(List.of("still there"), texts(two, 1));
        publish(topic, "undelivered");
        two.close();
        MessageConsumer anew = session(null).createSharedConsumer(topic, "shared");
        publish(topic, "new");
        assertEquals(List.of("new"), texts(anew, 1));
        assertNothingMore(anew);
    }

    @Test
    void aSharedSubscriptionIsOfItsClientIdAndOfNoneOther() throws Exception {
        // Section 8.3.2: identified by name and client identifier, if set.
        MessageConsumer mine = session(clientId).createSharedConsumer(topic, "shared");
        MessageConsumer yours = session(clientId + "x").createSharedConsumer(topic, "shared");
        MessageConsumer nobodys = session(null).createSharedConsumer(topic, "shared");
        publish(topic, "a");
        for (MessageConsumer consumer : List.of(mine, yours, nobodys)) {
            assertEquals(List.of("a"), texts(consumer, 1));
        }
    }

    @Test
    void anotherTopicIsRefusedWhileASharedSubscriptionHasConsumers() throws Exception {
        // Section 8.3.2.
        Session session = session(null);
        MessageConsumer active = session.createSharedConsumer(topic, "shared");
        MillraceTopic other = new MillraceTopic(topic.getName() + "-other");
        assertThrows(JMSException.class, () -> session(null).createSharedConsumer(other, "shared"));
        active.close();
        MessageConsumer allowed = session(null).createSharedConsumer(other, "shared");
        publish(other, "a");
        assertEquals(List.of("a"), texts(allowed, 1));
    }

    @Test
    void aSharedNonDurableAndADurableSubscriptionOfOneNameAreSeparate() throws Exception {
        // Sections 8.3.2 to 8.3.4.
        Session session = session(clientId);
        MessageConsumer memory = session.createSharedConsumer(topic, "name");
        MessageConsumer durable = session.createDurableConsumer(topic, "name");
        publish(topic, "a");
        assertEquals(List.of("a"), texts(memory, 1));
        assertEquals(List.of("a"), texts(durable, 1));
    }

    // ---- 8.3.3 unshared durable

    @Test
    void aDurableSubscriptionCollectsWhileItIsInactiveAndGoesOnWhereItWas() throws Exception {
        // Section 8.3.3, also 4.2.2: resumed in the state it was left.
        Connection connection = connection(clientId);
        MessageConsumer first =
                connection.createSession(Session.AUTO_ACKNOWLEDGE).createDurableConsumer(topic, "sub");
        publish(topic, "one");
        assertEquals(List.of("one"), texts(first, 1));
        connection.close();
        publish(topic, "two", "three");
        MessageConsumer again = session(clientId).createDurableConsumer(topic, "sub");
        assertEquals(List.of("two", "three"), texts(again, 2));
        assertNothingMore(again);
    }

    @Test
    void whatWasNotAcknowledgedComesBackToTheDurableSubscription() throws Exception {
        // Section 6.2: a durable subscriber must retain and redeliver unacknowledged messages.
        Connection connection = connection(clientId);
        MessageConsumer first =
                connection.createSession(Session.CLIENT_ACKNOWLEDGE).createDurableConsumer(topic, "sub");
        publish(topic, "one");
        assertEquals(List.of("one"), texts(first, 1));
        connection.close();
        Message again = session(clientId).createDurableConsumer(topic, "sub").receive(10_000);
        assertEquals("one", again.getBody(String.class));
        assertEquals(true, again.getJMSRedelivered());
    }

    @Test
    void anUnsharedDurableSubscriptionNeedsAClientId() throws Exception {
        // Section 8.3.3: the client identifier must be set.
        Session session = session(null);
        assertThrows(IllegalStateException.class, () -> session.createDurableConsumer(topic, "sub"));
        assertThrows(IllegalStateException.class, () -> session.createDurableSubscriber(topic, "sub"));
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            assertThrows(IllegalStateRuntimeException.class, () -> context.createDurableConsumer(topic, "sub"));
        }
    }

    @Test
    void anUnsharedDurableSubscriptionHasOneActiveConsumer() throws Exception {
        // Section 8.3.3.
        Connection connection = connection(clientId);
        Session session = connection.createSession();
        MessageConsumer active = session.createDurableConsumer(topic, "sub");
        Session another = connection.createSession();
        JMSException refused = assertThrows(JMSException.class, () -> another.createDurableConsumer(topic, "sub"));
        assertEquals("MILLRACE_IN_USE", refused.getErrorCode());
        assertThrows(JMSException.class, () -> another.createDurableSubscriber(topic, "sub"));
        active.close();
        MessageConsumer next = another.createDurableConsumer(topic, "sub");
        publish(topic, "a");
        assertEquals(List.of("a"), texts(next, 1));
    }

    @Test
    void sharedAndUnsharedDurableSubscriptionsHaveOneNamespace() throws Exception {
        // Sections 8.3.3 and 8.3.4, active or not.
        Connection connection = connection(clientId);
        Session session = connection.createSession();
        session.createDurableConsumer(topic, "unshared").close();
        session.createSharedDurableConsumer(topic, "shared").close();
        assertThrows(JMSException.class, () -> session.createSharedDurableConsumer(topic, "unshared"));
        assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, "shared"));
        assertNotNull(session.createDurableConsumer(topic, "unshared"));
        assertNotNull(session.createSharedDurableConsumer(topic, "shared"));
        assertThrows(JMSException.class, () -> session.createSharedDurableConsumer(topic, "unshared"));
        assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, "shared"));
    }

    @Test
    void anotherTopicReplacesAnInactiveDurableSubscription() throws Exception {
        // Section 8.3.3: equivalent to unsubscribing the old one and creating a new one.
        MillraceTopic other = new MillraceTopic(topic.getName() + "-other");
        Session session = session(clientId);
        session.createDurableConsumer(topic, "sub").close();
        publish(topic, "lost with the old one");
        publish(other, "before the new one");
        MessageConsumer replaced = session.createDurableConsumer(other, "sub");
        publish(topic, "no more");
        publish(other, "new");
        assertEquals(List.of("new"), texts(replaced, 1));
        assertNothingMore(replaced);
        replaced.close();
        MessageConsumer back = session.createDurableConsumer(topic, "sub");
        assertNothingMore(back);
    }

    @Test
    void anotherTopicIsRefusedWhileAMessageOfTheOldSubscriptionIsNotAcknowledged() throws Exception {
        // Section 8.3.3: replacing is deleting, which is erroneous then.
        MillraceTopic other = new MillraceTopic(topic.getName() + "-other");
        Session session = session(clientId, Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createDurableConsumer(topic, "sub");
        publish(topic, "a");
        Message held = consumer.receive(10_000);
        consumer.close();
        assertThrows(JMSException.class, () -> session.createDurableConsumer(other, "sub"));
        held.acknowledge();
        assertNotNull(session.createDurableConsumer(other, "sub"));
    }

    @Test
    void subscriptionsOfTheSameNameButAnotherClientIdAreOthers() throws Exception {
        // Section 8.3.3.
        MessageConsumer mine = session(clientId).createDurableConsumer(topic, "sub");
        MessageConsumer yours = session(clientId + "x").createDurableConsumer(topic, "sub");
        publish(topic, "a");
        assertEquals(List.of("a"), texts(mine, 1));
        assertEquals(List.of("a"), texts(yours, 1));
    }

    @Test
    void clientIdsAndNamesThatLookAlikeJoinedAreKeptApart() throws Exception {
        Session one = session("a/b-" + number);
        Session two = session("a");
        MessageConsumer ofOne = one.createDurableConsumer(topic, "c");
        MessageConsumer ofTwo = two.createDurableConsumer(topic, "b-" + number + "/c");
        publish(topic, "x");
        assertEquals(List.of("x"), texts(ofOne, 1));
        assertEquals(List.of("x"), texts(ofTwo, 1));
    }

    // ---- 8.3.4 shared durable

    @Test
    void aSharedDurableSubscriptionOutlivesItsConsumersAndNeedsNoClientId() throws Exception {
        // Section 8.3.4.
        String name = "shared-" + number;
        Connection connection = connection(null);
        Session session = connection.createSession();
        MessageConsumer one = session.createSharedDurableConsumer(topic, name);
        MessageConsumer two = connection.createSession().createSharedDurableConsumer(topic, name);
        publish(topic, "a");
        Message got = one.receive(500);
        assertEquals("a", (got == null ? two.receive(10_000) : got).getBody(String.class));
        connection.close();
        publish(topic, "b");
        MessageConsumer later = session(null).createSharedDurableConsumer(topic, name);
        assertEquals(List.of("b"), texts(later, 1));
        assertNothingMore(later);
    }

    @Test
    void anotherTopicIsRefusedWhileASharedDurableSubscriptionHasConsumersAndReplacesItAfterwards() throws Exception {
        // Section 8.3.4.
        String name = "shared-" + number;
        MillraceTopic other = new MillraceTopic(topic.getName() + "-other");
        MessageConsumer active = session(null).createSharedDurableConsumer(topic, name);
        assertThrows(JMSException.class, () -> session(null).createSharedDurableConsumer(other, name));
        active.close();
        MessageConsumer replaced = session(null).createSharedDurableConsumer(other, name);
        publish(topic, "old");
        publish(other, "new");
        assertEquals(List.of("new"), texts(replaced, 1));
        assertNothingMore(replaced);
    }

    // ---- unsubscribe

    @Test
    void unsubscribingDeletesWhatWasCollected() throws Exception {
        // Section 8.3.3; from another session than the one that subscribed (section 6.2).
        Connection connection = connection(clientId);
        connection.createSession().createDurableConsumer(topic, "sub").close();
        publish(topic, "deleted");
        connection.createSession().unsubscribe("sub");
        MessageConsumer anew = connection.createSession().createDurableConsumer(topic, "sub");
        assertNothingMore(anew);
    }

    @Test
    void unsubscribingWhatDoesNotExistIsAnInvalidDestination() throws Exception {
        Session session = session(clientId);
        session.createDurableConsumer(topic, "mine").close();
        assertThrows(InvalidDestinationException.class, () -> session.unsubscribe("unknown"));
        assertThrows(InvalidDestinationException.class, () -> session.unsubscribe(""));
        Session other = session(clientId + "x");
        assertThrows(InvalidDestinationException.class, () -> other.unsubscribe("mine"));
        session.unsubscribe("mine");
        assertThrows(InvalidDestinationException.class, () -> session.unsubscribe("mine"));
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            assertThrows(InvalidDestinationRuntimeException.class, () -> context.unsubscribe("mine"));
        }
    }

    @Test
    void anActiveSubscriptionIsNotDeleted() throws Exception {
        // Section 8.3.3: erroneous while it has an active consumer.
        Connection connection = connection(clientId);
        Session session = connection.createSession();
        MessageConsumer active = session.createDurableConsumer(topic, "sub");
        assertThrows(IllegalStateException.class, () -> session.unsubscribe("sub"));
        publish(topic, "a");
        assertEquals(List.of("a"), texts(active, 1));
        active.close();
        session.unsubscribe("sub");
    }

    @Test
    void aSubscriptionWithAnUnacknowledgedMessageIsNotDeleted() throws Exception {
        // Section 8.3.3: erroneous while a message received from it has not been acknowledged in the session.
        Session session = session(clientId, Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createDurableConsumer(topic, "sub");
        publish(topic, "a");
        Message held = consumer.receive(10_000);
        consumer.close();
        assertThrows(IllegalStateException.class, () -> session.unsubscribe("sub"));
        held.acknowledge();
        session.unsubscribe("sub");
    }

    @Test
    void aSubscriptionWithAMessageInATransactionIsNotDeleted() throws Exception {
        // Section 8.3.3: erroneous while a message received from it is part of a current transaction.
        Session session = session(clientId, Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createDurableConsumer(topic, "sub");
        publish(topic, "a");
        assertNotNull(consumer.receive(10_000));
        consumer.close();
        assertThrows(IllegalStateException.class, () -> session.unsubscribe("sub"));
        session.commit();
        session.unsubscribe("sub");
    }

    @Test
    void aSharedDurableSubscriptionIsDeletedByItsName() throws Exception {
        // Section 8.3.4.
        String name = "shared-" + number;
        session(null).createSharedDurableConsumer(topic, name).close();
        publish(topic, "deleted");
        session(null).unsubscribe(name);
        MessageConsumer anew = session(null).createSharedDurableConsumer(topic, name);
        assertNothingMore(anew);
    }

    // ---- 4.2.4 names

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "Sub_1.x-y",
                "with space",
                "a/b",
                "a%2fb",
                "a#1",
                "ü",
                "\uD83D\uDE80",
                "a\nb",
                "..",
                "%",
                "a,b=c",
                "queue:///x"
            })
    void subscriptionsOfAnyNameAreKeptApart(String name) throws Exception {
        // Section 4.2.4 asks for letters, digits, underscore, dot and minus.
        Session session = session(clientId);
        session.createDurableConsumer(topic, name).close();
        session.createDurableConsumer(topic, name + "2").close();
        publish(topic, "a");
        session.unsubscribe(name + "2");
        MessageConsumer durable = session.createDurableConsumer(topic, name);
        assertEquals(List.of("a"), texts(durable, 1));
        MessageConsumer shared = session.createSharedConsumer(topic, name);
        publish(topic, "b");
        assertEquals(List.of("b"), texts(shared, 1));
        durable.close();
        session.unsubscribe(name);
    }

    @Test
    void namesMayHave128CharactersAndMore() throws Exception {
        // Section 4.2.4: up to 128 characters must be allowed.
        Session session = session(clientId);
        for (int length : List.of(128, 1_000)) {
            String name = "n".repeat(length);
            assertNotNull(session.createSharedConsumer(topic, name));
            session.createDurableConsumer(topic, name).close();
            session.unsubscribe(name);
        }
    }

    @Test
    void aSubscriptionMustHaveANameAndATopic() throws Exception {
        Session session = session(clientId);
        assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, ""));
        assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, null));
        assertThrows(JMSException.class, () -> session.createSharedConsumer(topic, null));
        assertThrows(JMSException.class, () -> session.createSharedDurableConsumer(topic, ""));
        assertThrows(InvalidDestinationException.class, () -> session.createDurableConsumer(null, "x"));
        assertThrows(InvalidDestinationException.class, () -> session.createSharedConsumer(null, "x"));
        assertThrows(
                InvalidDestinationException.class,
                () -> session.createSharedConsumer(new MillraceTopic("not a topic name"), "x"));
    }

    @Test
    void aTemporaryTopicHasNoDurableSubscription() throws Exception {
        // Section 4.2.7: an error that a provider may find.
        Session session = session(clientId);
        Topic temporary = session.createTemporaryTopic();
        assertThrows(InvalidDestinationException.class, () -> session.createDurableConsumer(temporary, "sub"));
        assertThrows(InvalidDestinationException.class, () -> session.createSharedDurableConsumer(temporary, "sub"));
        MessageConsumer shared = session.createSharedConsumer(temporary, "sub");
        publish(session, temporary, "a");
        assertEquals(List.of("a"), texts(shared, 1));
    }

    // ---- the other APIs

    @Test
    void aTopicSubscriberTellsItsTopicAndSelector() throws Exception {
        // Domain-specific API, sections 8.3.1 and 8.3.3.
        TopicConnection connection = new MillraceConnectionFactory(broker.url()).createTopicConnection();
        open.add(connection);
        connection.setClientID(clientId);
        connection.start();
        TopicSession session = connection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicSubscriber durable = session.createDurableSubscriber(topic, "sub");
        assertEquals(topic, durable.getTopic());
        assertNull(durable.getMessageSelector());
        assertEquals(false, durable.getNoLocal());
        publish(topic, "a");
        assertEquals("a", ((TextMessage) durable.receive(10_000)).getText());
        durable.close();
        session.unsubscribe("sub");
    }

    @Test
    void aQueueSessionHasNoSubscriptions() throws Exception {
        // Section 9.2, table 9-1.
        QueueConnection connection = new MillraceConnectionFactory(broker.url()).createQueueConnection();
        open.add(connection);
        QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThrows(IllegalStateException.class, () -> session.createDurableSubscriber(topic, "s"));
        assertThrows(IllegalStateException.class, () -> session.createDurableSubscriber(topic, "s", null, false));
        assertThrows(IllegalStateException.class, () -> session.createDurableConsumer(topic, "s"));
        assertThrows(IllegalStateException.class, () -> session.createDurableConsumer(topic, "s", null, false));
        assertThrows(IllegalStateException.class, () -> session.createSharedConsumer(topic, "s"));
        assertThrows(IllegalStateException.class, () -> session.createSharedConsumer(topic, "s", null));
        assertThrows(IllegalStateException.class, () -> session.createSharedDurableConsumer(topic, "s"));
        assertThrows(IllegalStateException.class, () -> session.createSharedDurableConsumer(topic, "s", null));
        assertThrows(IllegalStateException.class, () -> session.createTopic("s"));
        assertThrows(IllegalStateException.class, () -> session.unsubscribe("s"));
    }

    @Test
    void theSimplifiedApiHasAllSubscriptions() {
        // Section 8.3, JMSContext.
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext();
                JMSContext publisher = new MillraceConnectionFactory(broker.url()).createContext()) {
            context.setClientID(clientId);
            var durable = context.createDurableConsumer(topic, "durable");
            var shared = context.createSharedConsumer(topic, "shared");
            var both = context.createSharedDurableConsumer(topic, "both");
            publisher.createProducer().send(topic, "a");
            for (var consumer : List.of(durable, shared, both)) {
                assertEquals("a", consumer.receiveBody(String.class, 10_000));
            }
            assertThrows(JMSRuntimeException.class, () -> context.createDurableConsumer(topic, "durable"));
            assertThrows(IllegalStateRuntimeException.class, () -> context.unsubscribe("durable"));
            durable.close();
            both.close();
            context.unsubscribe("durable");
            context.unsubscribe("both");
        }
    }

    @Test
    void anInvalidSelectorIsRefusedAtCreation() throws Exception {
        // Section 3.8.1.1.
        Session session = session(clientId);
        assertThrows(InvalidSelectorException.class, () -> session.createConsumer(topic, "price >"));
        assertThrows(InvalidSelectorException.class, () -> session.createDurableConsumer(topic, "s", "price >", false));
        assertThrows(InvalidSelectorException.class, () -> session.createSharedConsumer(topic, "s", "price >"));
        assertThrows(InvalidSelectorException.class, () -> session.createSharedDurableConsumer(topic, "s", "price >"));
    }

    @Test
    void anEmptySelectorIsNone() throws Exception {
        // Section 3.8.1.1.
        Session session = session(clientId);
        session.createDurableConsumer(topic, "sub", "", false).close();
        publish(topic, "a");
        MessageConsumer same = session.createDurableConsumer(topic, "sub", null, false);
        assertEquals(List.of("a"), texts(same, 1));
    }

    // ---- selectors and noLocal

    private void publishColours(String... colours) throws JMSException {
        Session session = session(null);
        for (String colour : colours) {
            TextMessage message = session.createTextMessage(colour);
            message.setStringProperty("colour", colour);
            session.createProducer(topic).send(message);
        }
    }

    @Test
    void onlyMatchingMessagesAreAddedToASubscription() throws Exception {
        // Sections 4.2.2 and 8.3.1 to 8.3.4.
        Session session = session(clientId);
        String red = "colour = 'red'";
        List<MessageConsumer> consumers = List.of(
                session.createConsumer(topic, red),
                session.createSharedConsumer(topic, "shared", red),
                session.createDurableConsumer(topic, "durable", red, false),
                session.createSharedDurableConsumer(topic, "both", red));
        publishColours("blue", "red", "green");
        for (MessageConsumer consumer : consumers) {
            assertEquals(red, consumer.getMessageSelector());
            assertEquals(List.of("red"), texts(consumer, 1));
            assertNothingMore(consumer);
        }
    }

    @Test
    void theSameSelectorResumesADurableSubscription() throws Exception {
        // Section 8.3.3.
        Session session = session(clientId);
        session.createDurableConsumer(topic, "sub", "colour = 'red'", false).close();
        publishColours("blue", "red");
        MessageConsumer again = session.createDurableConsumer(topic, "sub", "colour = 'red'", false);
        assertEquals(List.of("red"), texts(again, 1));
        assertNothingMore(again);
    }

    @Test
    void anotherSelectorReplacesAnInactiveDurableSubscription() throws Exception {
        // Sections 8.3.3 and 8.3.4.
        Session session = session(clientId);
        session.createDurableConsumer(topic, "sub", "colour = 'red'", false).close();
        session.createSharedDurableConsumer(topic, "shared", "colour = 'red'").close();
        publishColours("red", "blue");
        List<MessageConsumer> replaced = List.of(
                session.createDurableConsumer(topic, "sub", "colour = 'blue'", false),
                session.createSharedDurableConsumer(topic, "shared"));
        publishColours("blue");
        for (MessageConsumer consumer : replaced) {
            assertEquals(List.of("blue"), texts(consumer, 1));
            assertNothingMore(consumer);
        }
    }

    @Test
    void anotherSelectorIsRefusedWhileASharedSubscriptionHasConsumers() throws Exception {
        // Sections 8.3.2 and 8.3.4.
        Session session = session(clientId);
        session.createSharedConsumer(topic, "memory", "colour = 'red'");
        session.createSharedDurableConsumer(topic, "durable", "colour = 'red'");
        assertThrows(JMSException.class, () -> session.createSharedConsumer(topic, "memory", "colour = 'blue'"));
        assertThrows(JMSException.class, () -> session.createSharedConsumer(topic, "memory"));
        assertThrows(JMSException.class, () -> session.createSharedDurableConsumer(topic, "durable"));
        assertNotNull(session.createSharedConsumer(topic, "memory", "colour = 'red'"));
        assertNotNull(session.createSharedDurableConsumer(topic, "durable", "colour = 'red'"));
    }

    @Test
    void noLocalHidesWhatTheOwnConnectionSends() throws Exception {
        // Section 8.3.1.
        Session own = session(null);
        MessageConsumer others = own.createConsumer(topic, null, true);
        MessageConsumer all = own.createConsumer(topic, null, false);
        publish(own, topic, "own");
        publish(topic, "other");
        assertEquals(List.of("own", "other"), texts(all, 2));
        assertEquals(List.of("other"), texts(others, 1));
        assertNothingMore(others);
    }

    @Test
    void noLocalOfADurableSubscriptionHidesWhatItsClientIdSends() throws Exception {
        // Section 8.3.3: by its own connection, or any other connection with the same client identifier.
        Connection first = connection(clientId);
        Session session = first.createSession();
        TopicSubscriber subscriber = session.createDurableSubscriber(topic, "sub", null, true);
        assertEquals(true, subscriber.getNoLocal());
        publish(session, topic, "own");
        first.close();
        Connection second = connection(clientId);
        publish(second.createSession(), topic, "same id");
        second.close();
        publish(topic, "other");
        MessageConsumer again = session(clientId).createDurableConsumer(topic, "sub", null, true);
        assertEquals(List.of("other"), texts(again, 1));
        assertNothingMore(again);
    }

    @Test
    void anotherNoLocalReplacesAnInactiveDurableSubscription() throws Exception {
        // Section 8.3.3.
        Session session = session(clientId);
        session.createDurableConsumer(topic, "sub", null, true).close();
        publish(topic, "old");
        MessageConsumer replaced = session.createDurableConsumer(topic, "sub", null, false);
        publish(session, topic, "own");
        assertEquals(List.of("own"), texts(replaced, 1));
        assertNothingMore(replaced);
    }

    // ---- where a subscription starts

    @Test
    void aNewSubscriptionMayStartAtTheEarliestMessage() throws Exception {
        publish(topic, "old");
        Session session = session(clientId);
        Topic earliest = session.createTopic("topic:///" + topic.getName() + "?from=earliest");
        assertEquals(topic, earliest);
        for (MessageConsumer consumer : List.of(
                session.createConsumer(earliest),
                session.createSharedConsumer(earliest, "shared"),
                session.createDurableConsumer(earliest, "durable"))) {
            assertEquals(List.of("old"), texts(consumer, 1));
        }
    }

    @Test
    void aNewSubscriptionMayStartAtATime() throws Exception {
        publish(topic, "old");
        Session session = session(clientId);
        TextMessage second = session.createTextMessage("second");
        MessageConsumer all =
                session.createConsumer(session.createTopic("topic:///" + topic.getName() + "?from=earliest"));
        long old = all.receive(10_000).getJMSTimestamp();
        while (second.getJMSTimestamp() <= old) {
            session.createProducer(topic).send(second);
        }
        String from = java.time.Instant.ofEpochMilli(second.getJMSTimestamp()).toString();
        Topic replayed = session.createTopic("topic:///" + topic.getName() + "?from=" + from);
        MessageConsumer consumer = session.createDurableConsumer(replayed, "durable");
        Message first = consumer.receive(10_000);
        assertEquals(second.getJMSTimestamp(), first.getJMSTimestamp());
        assertEquals("second", first.getBody(String.class));
    }

    @Test
    void aTimeAfterAllMessagesStartsAtTheEnd() throws Exception {
        publish(topic, "old");
        Session session = session(clientId);
        MessageConsumer consumer = session.createDurableConsumer(
                session.createTopic("topic:///" + topic.getName() + "?from=2100-01-01T00:00:00Z"), "durable");
        publish(topic, "new");
        assertEquals(List.of("new"), texts(consumer, 1));
        assertNothingMore(consumer);
    }

    @Test
    void anExistingSubscriptionGoesOnWhateverStartIsAskedFor() throws Exception {
        Session session = session(clientId);
        MessageConsumer durable = session.createDurableConsumer(topic, "sub");
        publish(topic, "one");
        assertEquals(List.of("one"), texts(durable, 1));
        durable.close();
        publish(topic, "two");
        MessageConsumer again = session.createDurableConsumer(
                new MillraceTopic("topic:///" + topic.getName() + "?from=earliest"), "sub");
        assertEquals(List.of("two"), texts(again, 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "topic:///t?from=",
                "topic:///t?from=yesterday",
                "topic:///t?to=earliest",
                "topic:///t?from=earliest&from=latest",
                "queue:///t",
                "topic:///t?from=%zz",
                "http://t"
            })
    void aTopicUriThatCannotBeReadIsAnInvalidDestination(String uri) throws Exception {
        Session session = session(null);
        JMSException refused = assertThrows(InvalidDestinationException.class, () -> session.createTopic(uri));
        assertInstanceOf(IllegalArgumentException.class, refused.getCause());
    }

    @Test
    void aQueueUriHasNoOptions() throws Exception {
        Session session = session(null);
        assertEquals(new MillraceQueue("q"), session.createQueue("queue:///q"));
        assertThrows(InvalidDestinationException.class, () -> session.createQueue("queue:///q?from=earliest"));
        assertThrows(InvalidDestinationException.class, () -> session.createQueue("topic:///q"));
    }
}
