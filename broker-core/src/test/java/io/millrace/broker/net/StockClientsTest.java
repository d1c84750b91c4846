// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stock kafka-clients against the data APIs. */
class StockClientsTest {
    private static TestBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() {
        broker = new TestBroker();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    @AfterAll
    static void stop() {
        admin.close(Duration.ofSeconds(1));
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void consumerReadsWhatTheProducerWrote(String compression) throws Exception {
        String topic = "compressed-" + compression;
        List<String> sent = IntStream.range(0, 500).mapToObj(i -> "value-" + i).toList();

        produce(topic, compression, sent);

        assertEquals(sent, consume(topic, sent.size()));
    }

    @Test
    void adminCreatesDescribesAndDeletesTopics() throws Exception {
        admin.createTopics(List.of(new NewTopic("made", 3, (short) 1).configs(Map.of("retention.ms", "1000"))))
                .all()
                .get();

        assertEquals(
                3,
                admin.describeTopics(List.of("made"))
                        .allTopicNames()
                        .get()
                        .get("made")
                        .partitions()
                        .size());
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "made");
        assertEquals(
                "1000",
                admin.describeConfigs(List.of(resource))
                        .all()
                        .get()
                        .get(resource)
                        .get("retention.ms")
                        .value());
        admin.deleteTopics(List.of("made")).all().get();
        assertFalse(admin.listTopics().names().get().contains("made"));
        assertEquals(1, admin.describeCluster().nodes().get().size());
    }

    @Test
    void adminIsToldWhyATopicIsRefused() throws Exception {
        admin.createTopics(List.of(new NewTopic("taken", 1, (short) 1))).all().get();

        assertInstanceOf(TopicExistsException.class, createFailure(new NewTopic("taken", 1, (short) 1)));
        assertInstanceOf(InvalidTopicException.class, createFailure(new NewTopic("bad/name", 1, (short) 1)));
        assertInstanceOf(
                InvalidConfigurationException.class,
                createFailure(new NewTopic("odd", 1, (short) 1).configs(Map.of("no.such.key", "1"))));
    }

    @Test
    void listsOffsetsByPositionAndTime() throws Exception {
        produce("listed", "none", List.of("a", "b", "c"));
        TopicPartition partition = new TopicPartition("listed", 0);

        assertEquals(0, offset(partition, OffsetSpec.earliest()));
        assertEquals(3, offset(partition, OffsetSpec.latest()));
        assertEquals(0, offset(partition, OffsetSpec.forTimestamp(1)));
        assertEquals(-1, offset(partition, OffsetSpec.forTimestamp(System.currentTimeMillis() + 60_000)));
        assertTrue(offset(partition, OffsetSpec.maxTimestamp()) >= 0);
    }

    private static long offset(TopicPartition partition, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static Throwable createFailure(NewTopic topic) {
        return assertThrows(
                        ExecutionException.class,
                        () -> admin.createTopics(List.of(topic)).all().get())
                .getCause();
    }

    private static void produce(String topic, String compression, List<String> values) throws Exception {
        Map<String, Object> config =
                Map.of("bootstrap.servers", broker.bootstrap(), "compression.type", compression, "linger.ms", 5);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> answers = new ArrayList<>();
            for (String value : values) {
                answers.add(producer.send(new ProducerRecord<>(topic, null, value)));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertEquals(i, answers.get(i).get().offset());
            }
        }
    }

    private static List<String> consume(String topic, int count) {
        List<String> received = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.seekToBeginning(consumer.assignment());
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (received.size() < count && System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    received.add(record.value());
                }
            }
        }
        return received;
    }
}
