// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Subscriptions over a restart of the broker (Jakarta Messaging 3.1, sections 8.3.2 to 8.3.4). */
@Timeout(120)
class SubscriptionRestartTest {
    private final MillraceTopic topic = new MillraceTopic("prices");

    @TempDir
    Path directory;

    private static JMSContext context(EmbeddedBroker broker, @Nullable String clientId) {
        return context(broker, clientId, JMSContext.AUTO_ACKNOWLEDGE);
    }

    private static JMSContext context(EmbeddedBroker broker, @Nullable String clientId, int mode) {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(broker.url());
        factory.setClientId(clientId);
        return factory.createContext(mode);
    }

    private static void send(EmbeddedBroker broker, MillraceTopic to, String text) {
        try (JMSContext context = context(broker, null)) {
            context.createProducer().send(to, text);
        }
    }

    @Test
    void durableSubscriptionsGoOnWhereTheyWereAndOthersAreGone() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory)) {
            // Given
            try (JMSContext context = context(broker, "me")) {
                JMSConsumer unshared = context.createDurableConsumer(topic, "unshared");
                JMSConsumer shared = context.createSharedDurableConsumer(topic, "shared");
                context.createSharedConsumer(topic, "memory");
                context.createDurableConsumer(topic, "deleted").close();
                context.unsubscribe("deleted");
                send(broker, topic, "one");
                assertEquals("one", unshared.receiveBody(String.class, 10_000));
                assertEquals("one", shared.receiveBody(String.class, 10_000));
            }
            send(broker, topic, "two");
            // When
            broker.restart();
            // Then
            send(broker, topic, "three");
            try (JMSContext context = context(broker, "me")) {
                assertThrows(JMSRuntimeException.class, () -> context.createSharedDurableConsumer(topic, "unshared"));
                for (JMSConsumer consumer : new JMSConsumer[] {
                    context.createDurableConsumer(topic, "unshared"),
                    context.createSharedDurableConsumer(topic, "shared")
                }) {
                    assertEquals("two", consumer.receiveBody(String.class, 10_000));
                    assertEquals("three", consumer.receiveBody(String.class, 10_000));
                    assertNull(consumer.receiveNoWait());
                }
                assertNull(context.createSharedConsumer(topic, "memory").receiveNoWait());
                assertThrows(InvalidDestinationRuntimeException.class, () -> context.unsubscribe("deleted"));
            }
        }
    }

    @Test
    void selectorAndNoLocalAreOfTheSubscriptionAfterARestart() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory)) {
            // Given
            try (JMSContext context = context(broker, "me")) {
                context.createDurableConsumer(topic, "kept", "colour = 'red'", true);
                context.createDurableConsumer(topic, "changed", "colour = 'red'", true);
                context.createProducer().setProperty("colour", "red").send(topic, "own");
            }
            try (JMSContext context = context(broker, null)) {
                context.createProducer().setProperty("colour", "blue").send(topic, "blue");
                context.createProducer().setProperty("colour", "red").send(topic, "red");
            }
            // When
            broker.restart();
            // Then
            try (JMSContext context = context(broker, "me")) {
                JMSConsumer kept = context.createDurableConsumer(topic, "kept", "colour = 'red'", true);
                assertEquals("red", kept.receiveBody(String.class, 10_000));
                assertNull(kept.receiveNoWait());
                JMSConsumer changed = context.createDurableConsumer(topic, "changed", "colour = 'red'", false);
                assertNull(changed.receiveNoWait());
            }
        }
    }

    @Test
    void openConsumersAndTheirClientIdGoOnOverARestart() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory);
                JMSContext context = context(broker, "me", JMSContext.SESSION_TRANSACTED)) {
            // Given
            JMSConsumer unshared = context.createDurableConsumer(topic, "unshared");
            JMSConsumer shared = context.createSharedDurableConsumer(topic, "shared");
            send(broker, topic, "before");
            assertEquals("before", unshared.receiveBody(String.class, 10_000));
            assertEquals("before", shared.receiveBody(String.class, 10_000));
            context.commit();
            // When
            broker.restart();
            send(broker, topic, "after");
            // Then
            assertEquals("after", unshared.receiveBody(String.class, 30_000));
            assertEquals("after", shared.receiveBody(String.class, 30_000));
            assertThrows(InvalidClientIDRuntimeException.class, () -> context(broker, "me"));
            assertThrows(JMSRuntimeException.class, () -> context.createDurableConsumer(topic, "unshared"));
        }
    }

    @Test
    void aReplacementAfterARestartLeavesNothingOfTheOldSubscription() {
        MillraceTopic other = new MillraceTopic("other");
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory)) {
            try (JMSContext context = context(broker, "me")) {
                context.createDurableConsumer(topic, "sub");
            }
            send(broker, topic, "old");
            send(broker, other, "before");
            broker.restart();
            try (JMSContext context = context(broker, "me")) {
                JMSConsumer replaced = context.createDurableConsumer(other, "sub");
                send(broker, other, "new");
                assertEquals("new", replaced.receiveBody(String.class, 10_000));
            }
            broker.restart();
            try (JMSContext context = context(broker, "me")) {
                assertNull(context.createDurableConsumer(topic, "sub").receiveNoWait());
            }
        }
    }
}
