// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    @TempDir
    Path directory;

    @Test
    void theExtensionHandsItsBrokerToTests(EmbeddedBroker broker) {
        assertSame(MILLRACE.broker(), broker);
        assertEquals("millrace://" + broker.bootstrapServers(), broker.url());
        assertEquals("127.0.0.1:" + broker.port(), broker.bootstrapServers());
    }

    @Test
    void aRestartKeepsPortsRecordsAndGroupOffsets() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory)) {
            // Given
            String addresses = broker.bootstrapServers() + broker.zookeeperConnect();
            produce(broker, "one", "two");
            assertEquals(List.of("one", "two"), consume(broker, 2));
            // When
            broker.restart();
            produce(broker, "three");
            // Then
            assertEquals(List.of("three"), consume(broker, 1));
            assertEquals(addresses, broker.bootstrapServers() + broker.zookeeperConnect());
        }
        assertTrue(Files.exists(directory.resolve("directory.id")));
    }

    @Test
    void aSecondBrokerOnTheSameDirectoryIsRefused() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory)) {
            // When
            BrokerStartException refused =
                    assertThrows(BrokerStartException.class, () -> EmbeddedBroker.start(directory));
            // Then
            assertTrue(refused.getMessage().contains(directory.toString()), broker.url());
        }
    }

    @Test
    void aTwoBrokerClusterSharesAnotherBrokersZooKeeper() throws Exception {
        // Given
        String zookeeper = MILLRACE.broker().zookeeperConnect() + "/two";
        try (EmbeddedBroker first = EmbeddedBroker.builder()
                        .set("zookeeper.connect", zookeeper)
                        .set("broker.id", "1")
                        .start();
                EmbeddedBroker second = EmbeddedBroker.builder()
                        .set("zookeeper.connect", zookeeper)
                        .set("broker.id", "2")
                        .start()) {
            // When
            produce(first, "over two");
            // Then
            assertEquals(List.of("over two"), consume(second, 1));
        }
    }

    @Test
    void anUnknownSettingIsRefused() {
        assertThrows(
                ConfigException.class,
                () -> EmbeddedBroker.builder().set("no.such.key", "1").start());
    }

    private static void produce(EmbeddedBroker broker, String... values) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>("t", value.getBytes(StandardCharsets.UTF_8)))
                        .get();
            }
        }
    }

    private static List<String> consume(EmbeddedBroker broker, int count) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "group.id",
                        "g",
                        "auto.offset.reset",
                        "earliest",
                        "max.poll.records",
                        count),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("t"));
            List<ConsumerRecord<byte[], byte[]>> records = new java.util.ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            consumer.commitSync();
            return records.stream()
                    .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                    .toList();
        }
    }
}
