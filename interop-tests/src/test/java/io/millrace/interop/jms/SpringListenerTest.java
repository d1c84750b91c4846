// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.jms.listener.SimpleMessageListenerContainer;
import org.springframework.jms.listener.adapter.MessageListenerAdapter;
import org.springframework.util.backoff.FixedBackOff;

/** Spring's message listener containers on Millrace's connections. */
@Timeout(120)
class SpringListenerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final String name = "spring-" + UUID.randomUUID();
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();

    private static ConnectionFactory factory(EmbeddedBroker broker) {
        return new MillraceConnectionFactory(broker.url());
    }

    private static JmsTemplate template(EmbeddedBroker broker) {
        JmsTemplate template = new JmsTemplate(factory(broker));
        template.setReceiveTimeout(PATIENCE.toMillis());
        return template;
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private static int deliveryCount(Message message) {
        try {
            return message.getIntProperty("JMSXDeliveryCount");
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    /** A container on the queue {@link #name}, started. */
    private DefaultMessageListenerContainer listening(
            ConnectionFactory factory, MessageListener listener, Consumer<DefaultMessageListenerContainer> settings) {
        DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
        container.setReceiveTimeout(200); // which a shutdown waits for
        settings.accept(container);
        return started(container, factory, listener);
    }

    private <C extends AbstractMessageListenerContainer> C started(
            C container, ConnectionFactory factory, MessageListener listener) {
        container.setConnectionFactory(factory);
        container.setDestinationName(name);
        container.setMessageListener(listener);
        container.setErrorHandler(failure -> received.add("failed: " + failure.getMessage()));
        container.afterPropertiesSet();
        container.start();
        return container;
    }

    private static void send(EmbeddedBroker broker, String to, List<String> texts) {
        JmsTemplate template = template(broker);
        texts.forEach(text -> template.convertAndSend(to, text));
    }

    private List<String> awaitReceived(int count) {
        await().atMost(PATIENCE).until(() -> received.size() >= count);
        return new ArrayList<>(received);
    }

    /** After everything was received: the queue has nothing more. */
    private void assertQueueEmpty(EmbeddedBroker broker) {
        JmsTemplate template = template(broker);
        template.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        Message left = template.receive(name);
        assertTrue(left == null, () -> "left: " + text(left));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sessionTransacted", "transactionManager"})
    void aTransactedListenerThatThrowsGetsItsMessageAgain(String how, EmbeddedBroker broker) {
        // Given
        CachingConnectionFactory caching = new CachingConnectionFactory(factory(broker));
        JmsTemplate inTransaction = new JmsTemplate(caching);
        inTransaction.setSessionTransacted(true);
        MessageListener listener = message -> {
            int count = deliveryCount(message);
            received.add(text(message) + "#" + count);
            inTransaction.convertAndSend(name + "-out", text(message) + "#" + count);
            if (text(message).equals("bad") && count < 3) {
                throw new UnsupportedOperationException("on purpose");
            }
        };
        DefaultMessageListenerContainer container = listening(caching, listener, settings -> {
            settings.setSessionTransacted(true);
            if (how.equals("transactionManager")) {
                settings.setTransactionManager(new JmsTransactionManager(caching));
            }
        });
        try {
            // When
            send(broker, name, List.of("bad"));
            await().atMost(PATIENCE).until(() -> received.contains("bad#3"));
            send(broker, name, List.of("good"));
            // Then
            await().atMost(PATIENCE).until(() -> received.contains("good#1"));
            assertEquals(
                    List.of("bad#1", "bad#2", "bad#3", "good#1"),
                    received.stream().filter(each -> !each.startsWith("failed")).toList());
            JmsTemplate out = template(broker);
            assertEquals("bad#3", out.receiveAndConvert(name + "-out"));
            assertEquals("good#1", out.receiveAndConvert(name + "-out"));
        } finally {
            container.shutdown();
            caching.destroy();
        }
        assertQueueEmpty(broker);
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void aListenerThatReturnsHasAcknowledged(int mode, EmbeddedBroker broker) {
        // Given
        DefaultMessageListenerContainer container = listening(
                factory(broker),
                message -> received.add(text(message)),
                settings -> settings.setSessionAcknowledgeMode(mode));
        // When
        send(broker, name, numbers(0, 20));
        // Then
        assertEquals(numbers(0, 20), awaitReceived(20));
        container.shutdown();
        assertQueueEmpty(broker);
    }

    @Test
    void twoConsumersOfAContainerWorkAtTheSameTime(EmbeddedBroker broker) {
        // Given
        CountDownLatch bothBusy = new CountDownLatch(2);
        MessageListener listener = message -> {
            bothBusy.countDown();
            try {
                assertTrue(bothBusy.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS), "the other one is busy, too");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            received.add(text(message));
        };
        DefaultMessageListenerContainer container =
                listening(new MillraceConnectionFactory(broker.url() + "?prefetch=1"), listener, settings -> {
                    settings.setConcurrency("2");
                    settings.setSessionTransacted(true);
                    settings.setCacheLevel(DefaultMessageListenerContainer.CACHE_CONSUMER);
                });
        // When
        send(broker, name, numbers(0, 40));
        // Then
        List<String> all = awaitReceived(40);
        container.shutdown();
        assertEquals(
                numbers(0, 40),
                all.stream()
                        .sorted((a, b) -> Integer.parseInt(a) - Integer.parseInt(b))
                        .toList());
        assertQueueEmpty(broker);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                DefaultMessageListenerContainer.CACHE_NONE,
                DefaultMessageListenerContainer.CACHE_CONNECTION,
                DefaultMessageListenerContainer.CACHE_SESSION
            })
    void aContainerThatOpensAConsumerForEachReceiveMissesNothing(int cacheLevel, EmbeddedBroker broker) {
        // Given
        DefaultMessageListenerContainer container =
                listening(factory(broker), message -> received.add(text(message)), settings -> {
                    settings.setCacheLevel(cacheLevel);
                    settings.setSessionTransacted(true);
                });
        // When
        send(broker, name, numbers(0, 10));
        // Then
        assertEquals(numbers(0, 10), awaitReceived(10));
        container.shutdown();
        assertQueueEmpty(broker);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDurableSubscriptionKeepsWhatIsPublishedWhileItsContainerIsDown(boolean shared, EmbeddedBroker broker) {
        // Given
        JmsTemplate publisher = template(broker);
        publisher.setPubSubDomain(true);
        Consumer<DefaultMessageListenerContainer> settings = container -> {
            container.setPubSubDomain(true);
            container.setSubscriptionDurable(true);
            container.setSubscriptionShared(shared);
            container.setSubscriptionName("audit");
            container.setClientId("client-" + name);
            container.setConcurrency(shared ? "2" : "1");
            container.setMessageSelector("important = TRUE");
        };
        MessageListener listener = message -> received.add(text(message));
        DefaultMessageListenerContainer first = listening(factory(broker), listener, settings);
        await().atMost(PATIENCE).until(first::isRegisteredWithDestination);
        publish(publisher, "one", true);
        awaitReceived(1);
        // When
        first.shutdown();
        publish(publisher, "two", true);
        publish(publisher, "unimportant", false);
        DefaultMessageListenerContainer second = listening(factory(broker), listener, settings);
        publish(publisher, "three", true);
        // Then
        List<String> all = awaitReceived(3);
        second.shutdown();
        assertEquals(List.of("one", "three", "two"), all.stream().sorted().toList());
    }

    private void publish(JmsTemplate publisher, String text, boolean important) {
        publisher.convertAndSend(name, (Object) text, message -> {
            message.setBooleanProperty("important", important);
            return message;
        });
    }

    @Test
    void anAdaptersResultGoesToTheReplyQueue(EmbeddedBroker broker) {
        // Given
        MessageListenerAdapter adapter = new MessageListenerAdapter(new Greeter());
        adapter.setDefaultListenerMethod("greet");
        DefaultMessageListenerContainer server =
                listening(factory(broker), adapter, settings -> settings.setConcurrency("2"));
        try {
            JmsTemplate template = template(broker);
            // When
            Message reply = template.sendAndReceive(name, session -> {
                Message request = session.createTextMessage("world");
                request.setJMSCorrelationID("c-17");
                return request;
            });
            // Then
            assertEquals("hello world", text(reply));
            assertEquals("c-17", correlationId(reply));
        } finally {
            server.shutdown();
        }
    }

    private static String correlationId(Message message) {
        try {
            return message.getJMSCorrelationID();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    /** What a listener that is a plain object is like. */
    public static final class Greeter {
        public String greet(String name) {
            return "hello " + name;
        }
    }

    @Test
    void aSimpleContainerListensByTheSessionsOwnThreads(EmbeddedBroker broker) {
        // Given
        SimpleMessageListenerContainer container = new SimpleMessageListenerContainer();
        container.setConcurrency("2");
        container.setSessionTransacted(true);
        started(container, factory(broker), message -> {
            int count = deliveryCount(message);
            received.add(text(message) + "#" + count);
            if (text(message).equals("0") && count == 1) {
                throw new UnsupportedOperationException("on purpose");
            }
        });
        // When
        send(broker, name, numbers(0, 3));
        // Then
        await().atMost(PATIENCE).until(() -> received.containsAll(List.of("0#1", "0#2", "1#1", "2#1")));
        container.shutdown();
        assertQueueEmpty(broker);
    }

    /** @param reconnectTimeoutMs 0: the client gives up at once, so that the container must connect anew */
    @ParameterizedTest
    @ValueSource(ints = {120_000, 0})
    void aContainerGoesOnWhenItsBrokerRestartsOnItsData(int reconnectTimeoutMs, EmbeddedBroker broker) {
        // Given
        ConnectionFactory factory =
                new MillraceConnectionFactory(broker.url() + "?reconnectTimeoutMs=" + reconnectTimeoutMs);
        DefaultMessageListenerContainer container =
                listening(factory, message -> received.add(text(message)), settings -> {
                    settings.setSessionTransacted(true);
                    settings.setConcurrency("2");
                    settings.setBackOff(new FixedBackOff(100, FixedBackOff.UNLIMITED_ATTEMPTS));
                });
        send(broker, name, numbers(0, 10));
        awaitReceived(10);
        // When
        broker.restart();
        send(broker, name, numbers(10, 20));
        // Then
        List<String> all = awaitReceived(20);
        container.shutdown();
        assertEquals(
                numbers(0, 20),
                all.stream()
                        .sorted((a, b) -> Integer.parseInt(a) - Integer.parseInt(b))
                        .toList());
        assertQueueEmpty(broker);
    }

    @Test
    void aTransactionThatARestartOfTheBrokerCutIsDoneAgain(EmbeddedBroker broker) throws Exception {
        // Given
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch restarted = new CountDownLatch(1);
        CachingConnectionFactory caching = new CachingConnectionFactory(factory(broker));
        JmsTemplate inTransaction = new JmsTemplate(caching);
        inTransaction.setSessionTransacted(true);
        MessageListener listener = message -> {
            int count = deliveryCount(message);
            inTransaction.convertAndSend(name + "-out", text(message) + "#" + count);
            busy.countDown();
            try {
                assertTrue(restarted.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            received.add(text(message) + "#" + count);
        };
        DefaultMessageListenerContainer container = listening(caching, listener, settings -> {
            settings.setTransactionManager(new JmsTransactionManager(caching));
            settings.setBackOff(new FixedBackOff(100, FixedBackOff.UNLIMITED_ATTEMPTS));
        });
        try {
            send(broker, name, List.of("a"));
            assertTrue(busy.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
            // When
            broker.restart();
            restarted.countDown();
            // Then
            assertEquals("a#2", template(broker).receiveAndConvert(name + "-out"));
            await().atMost(PATIENCE).until(() -> received.containsAll(List.of("a#1", "a#2")));
        } finally {
            container.shutdown();
            caching.destroy();
        }
        assertQueueEmpty(broker);
    }

    @Test
    void aStoppedContainerLeavesMessagesUntilItStartsAgain(EmbeddedBroker broker) {
        // Given
        DefaultMessageListenerContainer container =
                listening(factory(broker), message -> received.add(text(message)), settings -> {});
        send(broker, name, List.of("before"));
        awaitReceived(1);
        // When
        CountDownLatch stopped = new CountDownLatch(1);
        container.stop(stopped::countDown);
        await().atMost(PATIENCE).until(() -> stopped.getCount() == 0);
        send(broker, name, List.of("while stopped"));
        assertFalse(container.isRunning());
        assertEquals(List.of("before"), new ArrayList<>(received));
        container.start();
        // Then
        assertEquals(List.of("before", "while stopped"), awaitReceived(2));
        container.shutdown();
    }
}
