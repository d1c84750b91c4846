// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Topic;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a connection does whose destinations are on several brokers. */
@Timeout(90)
class TwoBrokersTest {
    private static final int TOPICS = 4;

    private EmbeddedBroker first;
    private EmbeddedBroker second;

    @BeforeEach
    void start() {
        first = EmbeddedBroker.builder().set("broker.id", "1").start();
        second = EmbeddedBroker.builder()
                .set("broker.id", "2")
                .set("zookeeper.connect", first.zookeeperConnect())
                .start();
    }

    @AfterEach
    void stop() {
        second.close();
        first.close();
    }

    private JMSContext context(EmbeddedBroker of) {
        MillraceConnectionFactory factory = new MillraceConnectionFactory(of.url());
        factory.setClientId("billing");
        return factory.createContext();
    }

    private static Topic topic(int number) {
        return new MillraceTopic("prices-" + number);
    }

    private int leaderOf(Topic topic) throws Exception {
        try (MillraceConnection connection =
                (MillraceConnection) new MillraceConnectionFactory(first.url()).createConnection()) {
            return connection
                    .routes()
                    .open(MillraceDestination.of(topic))
                    .leaders()
                    .get(0)
                    .brokerId();
        }
    }

    @Test
    void aDurableSubscriptionIsDeletedThroughAnyBroker() throws Exception {
        // Section 8.3.3.
        Set<Integer> brokers = new HashSet<>();
        try (JMSContext subscriber = context(first)) {
            for (int i = 0; i < TOPICS; i++) {
                subscriber.createDurableConsumer(topic(i), "s" + i).close();
                brokers.add(leaderOf(topic(i)));
            }
        }
        assertEquals(Set.of(1, 2), brokers, "the topics are on both brokers");

        for (EmbeddedBroker through : new EmbeddedBroker[] {first, second}) {
            try (JMSContext context = context(through)) {
                int from = through == first ? 0 : TOPICS / 2;
                for (int i = from; i < from + TOPICS / 2; i++) {
                    context.unsubscribe("s" + i);
                    String deleted = "s" + i;
                    assertThrows(InvalidDestinationRuntimeException.class, () -> context.unsubscribe(deleted));
                }
            }
        }
    }

    @Test
    void whileItHasAConsumerItIsNotDeletedThroughAnotherBrokerEither() {
        try (JMSContext context = context(first)) {
            for (int i = 0; i < TOPICS; i++) {
                context.createDurableConsumer(topic(i), "s" + i);
                String active = "s" + i;
                assertThrows(JMSRuntimeException.class, () -> context.unsubscribe(active));
            }
        }
    }
}
