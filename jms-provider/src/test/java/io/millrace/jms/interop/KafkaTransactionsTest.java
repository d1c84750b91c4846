// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueBrowser;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** JMS consumers read what Kafka producers committed: never what was aborted, never what is undecided, in the log's order. */
class KafkaTransactionsTest {
    private static final long PATIENCE_MS = 20_000;

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension().set("transaction.aborted.index.size", "2");

    private final EmbeddedBroker broker = MILLRACE.broker();

    private KafkaProducer<String, String> transactional(String id) {
        KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", id),
                new StringSerializer(),
                new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    private static void send(KafkaProducer<String, String> producer, String topic, String... values) {
        for (String value : values) {
            var unused = producer.send(new ProducerRecord<>(topic, value));
        }
        producer.flush();
    }

    private static void end(KafkaProducer<String, String> producer, boolean commit) {
        if (commit) {
            producer.commitTransaction();
        } else {
            producer.abortTransaction();
        }
    }

    private static List<String> receive(JMSConsumer consumer, int count) {
        List<String> received = new ArrayList<>();
        while (received.size() < count) {
            String next = consumer.receiveBody(String.class, PATIENCE_MS);
            assertNotNull(next, () -> "only " + received);
            received.add(next);
        }
        return received;
    }

    @Test
    void aQueueHoldsCommittedMessagesOnly() {
        List<String> committed = new ArrayList<>();
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext();
                KafkaProducer<String, String> producer = transactional("queue")) {
            JMSConsumer consumer = context.createConsumer(context.createQueue("tx-queue"));
            for (int i = 0; i < 10; i++) {
                boolean commit = i % 2 == 1;
                producer.beginTransaction();
                send(producer, "tx-queue", i + "a", i + "b");
                if (commit) {
                    Collections.addAll(committed, i + "a", i + "b");
                }
                end(producer, commit);
            }

            List<String> received = receive(consumer, committed.size());

            assertEquals(committed, received);
            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void anUndecidedTransactionIsWaitedForAndSoIsWhatCameAfterIt() {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext();
                KafkaProducer<String, String> producer = transactional("waits")) {
            JMSConsumer consumer = context.createConsumer(context.createQueue("tx-waits"));
            context.createProducer().send(context.createQueue("tx-waits"), "before");
            producer.beginTransaction();
            send(producer, "tx-waits", "within");
            context.createProducer().send(context.createQueue("tx-waits"), "after");
            assertEquals(List.of("before"), receive(consumer, 1));
            assertNull(consumer.receive(300));

            producer.commitTransaction();

            assertEquals(List.of("within", "after"), receive(consumer, 2));
        }
    }

    @Test
    void aBrowserShowsCommittedMessagesOnly() throws JMSException {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext();
                KafkaProducer<String, String> producer = transactional("browse")) {
            context.createProducer().send(context.createQueue("tx-browse"), "plain");
            for (boolean commit : new boolean[] {false, true}) {
                producer.beginTransaction();
                send(producer, "tx-browse", "commit=" + commit);
                end(producer, commit);
            }
            producer.beginTransaction();
            send(producer, "tx-browse", "undecided");

            List<String> shown = new ArrayList<>();
            try (QueueBrowser browser = context.createBrowser(context.createQueue("tx-browse"))) {
                Enumeration<?> messages = browser.getEnumeration();
                while (messages.hasMoreElements()) {
                    shown.add(((TextMessage) messages.nextElement()).getText());
                }
            }

            assertEquals(List.of("plain", "commit=true"), shown);
            producer.abortTransaction();
        }
    }

    @Test
    void aSubscriberGetsATransactionThatWasOpenWhenItSubscribedAndCommittedThen() {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext();
                KafkaProducer<String, String> producer = transactional("topic")) {
            context.createProducer().send(context.createTopic("tx-topic"), "past");
            producer.beginTransaction();
            send(producer, "tx-topic", "open");
            JMSConsumer subscriber = context.createConsumer(context.createTopic("tx-topic"));

            producer.commitTransaction();

            assertEquals(List.of("open"), receive(subscriber, 1));
            producer.beginTransaction();
            send(producer, "tx-topic", "aborted");
            producer.abortTransaction();
            context.createProducer().send(context.createTopic("tx-topic"), "last");
            assertEquals(List.of("last"), receive(subscriber, 1));
        }
    }
}
