// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.jms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.connection.SingleConnectionFactory;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring's JmsTemplate on Millrace's connections: bare ones, a shared one, and one with cached sessions. */
@Timeout(120)
class SpringTemplateTest {
    private static final long PATIENCE_MS = 30_000;

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    /** What Spring puts around the provider's factory. */
    enum Around {
        NOTHING {
            @Override
            ConnectionFactory wrap(ConnectionFactory factory) {
                return factory;
            }
        },
        SINGLE {
            @Override
            ConnectionFactory wrap(ConnectionFactory factory) {
                SingleConnectionFactory single = new SingleConnectionFactory(factory);
                single.setReconnectOnException(true);
                return single;
            }
        },
        CACHING {
            @Override
            ConnectionFactory wrap(ConnectionFactory factory) {
                CachingConnectionFactory caching = new CachingConnectionFactory(factory);
                caching.setSessionCacheSize(4);
                return caching;
            }
        };

        abstract ConnectionFactory wrap(ConnectionFactory factory);

        /** Runs {@code test} with a template that sends to and receives from a queue of its own. */
        void with(EmbeddedBroker broker, Consumer<JmsTemplate> test) {
            MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.url());
            factory.setDeserializationAllow("java.lang.*,java.math.*,java.util.*,io.millrace.interop.jms.*");
            ConnectionFactory wrapped = wrap(factory);
            JmsTemplate template = new JmsTemplate(wrapped);
            template.setDefaultDestinationName("spring-" + UUID.randomUUID());
            template.setReceiveTimeout(PATIENCE_MS);
            try {
                test.accept(template);
            } finally {
                if (wrapped instanceof SingleConnectionFactory shared) {
                    shared.destroy();
                }
            }
        }
    }

    record Order(String customer, BigDecimal price) implements Serializable {}

    /** What is in the queue now. */
    private static Message poll(JmsTemplate template) {
        template.setReceiveTimeout(JmsTemplate.RECEIVE_TIMEOUT_NO_WAIT);
        try {
            return template.receive();
        } finally {
            template.setReceiveTimeout(PATIENCE_MS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyConvertedTypeArrivesAsItWasSent(Around around, EmbeddedBroker broker) {
        around.with(broker, template -> {
            // Given
            Map<String, Object> map = Map.of("customer", "c-17", "pieces", 3, "fragile", true, "weight", 2.5);
            Order order = new Order("c-17", new BigDecimal("12.50"));
            List<Object> sent = List.of("3 x hops", map, order, new ArrayList<>(List.of(BigDecimal.ONE, "two")), 42L);
            // When
            sent.forEach(template::convertAndSend);
            template.convertAndSend(new byte[] {1, 2, 3});
            // Then
            for (Object each : sent) {
                assertEquals(each, template.receiveAndConvert());
            }
            assertArrayEquals(new byte[] {1, 2, 3}, (byte[]) template.receiveAndConvert());
            assertNull(poll(template));
        });
    }

    @ParameterizedTest
    @EnumSource
    void headersOfTheTemplateAndOfAPostProcessorArrive(Around around, EmbeddedBroker broker) {
        around.with(broker, template -> {
            // Given
            template.setExplicitQosEnabled(true);
            template.setPriority(7);
            template.setTimeToLive(600_000);
            template.setDeliveryPersistent(false);
            // When
            template.convertAndSend((Object) "3 x hops", message -> {
                message.setStringProperty("customer", "c-17");
                message.setIntProperty("pieces", 3);
                message.setJMSCorrelationID("order-1");
                message.setJMSType("order");
                return message;
            });
            // Then
            Message received = template.receive();
            template.execute(session -> {
                assertEquals("c-17", received.getStringProperty("customer"));
                assertEquals(3, received.getIntProperty("pieces"));
                assertEquals("order-1", received.getJMSCorrelationID());
                assertEquals("order", received.getJMSType());
                assertEquals(7, received.getJMSPriority());
                assertEquals(DeliveryMode.NON_PERSISTENT, received.getJMSDeliveryMode());
                assertEquals(received.getJMSTimestamp() + 600_000, received.getJMSExpiration());
                assertFalse(received.getJMSRedelivered());
                return null;
            });
        });
    }

    @ParameterizedTest
    @EnumSource
    void receiveSelectedTakesWhatMatchesAndLeavesTheRest(Around around, EmbeddedBroker broker) {
        around.with(broker, template -> {
            // Given
            for (String colour : List.of("red", "blue", "green")) {
                template.convertAndSend((Object) colour, message -> {
                    message.setStringProperty("colour", colour);
                    return message;
                });
            }
            // When
            Object selected = template.receiveSelectedAndConvert("colour LIKE 'b%'");
            // Then
            assertEquals("blue", selected);
            assertEquals("red", template.receiveAndConvert());
            assertEquals("green", template.receiveAndConvert());
            assertNull(poll(template));
        });
    }

    @ParameterizedTest
    @EnumSource
    void browsingShowsAllInOrderAndTakesNone(Around around, EmbeddedBroker broker) {
        around.with(broker, template -> {
            // Given
            for (int i = 0; i < 5; i++) {
                int number = i;
                template.convertAndSend((Object) Integer.toString(i), message -> {
                    message.setIntProperty("number", number);
                    return message;
                });
            }
            // When
            List<String> all = template.browse((session, browser) -> texts(browser));
            // Then
            assertEquals(List.of("0", "1", "2", "3", "4"), all);
            assertEquals(
                    List.of("3", "4"), template.browseSelected("number > 2", (session, browser) -> texts(browser)));
            assertEquals("0", template.receiveAndConvert());
        });
    }

    private static List<String> texts(QueueBrowser browser) throws JMSException {
        Enumeration<?> messages = browser.getEnumeration();
        return texts(Collections.list(messages));
    }

    private static List<String> texts(List<?> messages) {
        return messages.stream()
                .map(message -> {
                    try {
                        return ((TextMessage) message).getText();
                    } catch (JMSException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void sendAndReceiveGetsTheReplyThroughATemporaryQueue(Around around, EmbeddedBroker broker) {
        around.with(
                broker,
                template -> around.with(broker, server -> {
                    // Given
                    server.setDefaultDestinationName(template.getDefaultDestinationName());
                    CompletableFuture<Void> serving = CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < 3; i++) {
                            Message request = server.receive();
                            server.execute(session -> {
                                String text = ((TextMessage) request).getText();
                                try (var producer = session.createProducer(request.getJMSReplyTo())) {
                                    producer.send(session.createTextMessage(text.toUpperCase(Locale.ROOT)));
                                }
                                return null;
                            });
                        }
                    });
                    for (String text : List.of("a", "b", "c")) {
                        // When
                        Message reply = template.sendAndReceive(session -> session.createTextMessage(text));
                        // Then
                        assertEquals(List.of(text.toUpperCase(Locale.ROOT)), texts(List.of(reply)));
                    }
                    serving.orTimeout(PATIENCE_MS, TimeUnit.MILLISECONDS).join();
                }));
    }

    @ParameterizedTest
    @EnumSource
    void aCallbackThatFailsLeavesNothingSentAndNothingTaken(Around around, EmbeddedBroker broker) {
        around.with(broker, template -> {
            // Given
            String in = template.getDefaultDestinationName();
            String out = in + "-out";
            template.convertAndSend("3 x hops");
            TransactionTemplate transaction =
                    new TransactionTemplate(new JmsTransactionManager(assertConnects(template)));
            // When
            assertThrows(
                    UnsupportedOperationException.class,
                    () -> transaction.execute(status -> {
                        assertEquals("3 x hops", template.receiveAndConvert(in));
                        template.convertAndSend(out, "lost");
                        throw new UnsupportedOperationException("on purpose");
                    }));
            // Then
            Boolean redelivered = transaction.execute(status -> {
                Message again = template.receive(in);
                assertEquals(List.of("3 x hops"), texts(List.of(again)));
                template.convertAndSend(out, "kept");
                try {
                    assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
                    return again.getJMSRedelivered();
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            assertEquals(true, redelivered);
            assertEquals("kept", template.receiveAndConvert(out));
            assertNull(poll(template));
        });
    }

    private static ConnectionFactory assertConnects(JmsTemplate template) {
        ConnectionFactory factory = template.getConnectionFactory();
        assertNotNull(factory);
        return factory;
    }

    @ParameterizedTest
    @EnumSource
    void aTopicsSubscriberGetsWhatIsPublishedAfterItSubscribed(Around around, EmbeddedBroker broker) {
        around.with(broker, template -> {
            // Given
            template.setPubSubDomain(true);
            String topic = template.getDefaultDestinationName();
            template.convertAndSend("before");
            // When
            String received = template.execute(
                    session -> {
                        Topic prices = session.createTopic(topic);
                        try (MessageConsumer consumer = session.createConsumer(prices)) {
                            template.convertAndSend("after");
                            return consumer.receive(PATIENCE_MS).getBody(String.class);
                        }
                    },
                    true);
            // Then
            assertEquals("after", received);
        });
    }

    @ParameterizedTest
    @EnumSource
    void theSessionsModeIsTheTemplates(Around around, EmbeddedBroker broker) {
        around.with(broker, template -> {
            // Given
            template.setSessionAcknowledgeMode(Session.CLIENT_ACKNOWLEDGE);
            template.convertAndSend("3 x hops");
            // When
            Object received = template.receiveAndConvert();
            // Then
            assertEquals("3 x hops", received);
            assertNull(poll(template));
            assertEquals(Session.CLIENT_ACKNOWLEDGE, template.execute(Session::getAcknowledgeMode));
        });
    }
}
