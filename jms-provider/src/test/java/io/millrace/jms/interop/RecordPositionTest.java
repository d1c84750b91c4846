// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A received message says where its record lies: there a Kafka consumer finds it. */
@Timeout(60)
class RecordPositionTest {
    private static final int MESSAGES = 40;

    private record Position(int partition, long offset) {}

    @Test
    void aMessageCarriesThePartitionAndOffsetThatAKafkaConsumerSees() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Map<String, Position> received = receive(broker);

            assertEquals(consume(broker), received);
            assertEquals(MESSAGES, received.size());
        }
    }

    private static Map<String, Position> receive(EmbeddedBroker broker) throws Exception {
        Map<String, Position> positions = new TreeMap<>();
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            var queue = context.createQueue("positions");
            for (int i = 0; i < MESSAGES; i++) {
                context.createProducer()
                        .setProperty("JMSXGroupID", "group-" + i % 7)
                        .send(queue, "message-" + i);
            }
            var consumer = context.createConsumer(queue);
            for (int i = 0; i < MESSAGES; i++) {
                Message message = assertNotNullMessage(consumer.receive(10_000));
                positions.put(
                        message.getBody(String.class),
                        new Position(
                                message.getIntProperty("JMS_Millrace_Partition"),
                                message.getLongProperty("JMS_Millrace_Offset")));
            }
        }
        return positions;
    }

    private static Message assertNotNullMessage(Message message) {
        assertNotNull(message);
        return message;
    }

    private static Map<String, Position> consume(EmbeddedBroker broker) {
        Map<String, Position> positions = new TreeMap<>();
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "group.id",
                "positions",
                "auto.offset.reset",
                "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("positions"));
            while (positions.size() < MESSAGES) {
                for (ConsumerRecord<String, String> found : consumer.poll(Duration.ofSeconds(1))) {
                    positions.put(found.value(), new Position(found.partition(), found.offset()));
                }
            }
        }
        return positions;
    }
}
