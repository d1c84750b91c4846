// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Retention, compaction and timestamps as stock clients see them, on files. */
class TopicPoliciesTest {
    private static EmbeddedBroker broker;
    private static Admin admin;
    private static KafkaProducer<String, String> producer;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.builder()
                .set("log.retention.check.interval.ms", "100")
                .set("log.cleaner.backoff.ms", "100")
                .start();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "compression.type", "lz4"),
                new StringSerializer(),
                new StringSerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
        admin.close();
        broker.close();
    }

    @Test
    void oldRecordsGo() throws Exception {
        create("old", Map.of("retention.ms", "1000"));
        long longAgo = System.currentTimeMillis() - 3_600_000;
        producer.send(new ProducerRecord<>("old", 0, longAgo, "a", "1")).get();

        try (KafkaConsumer<String, String> consumer = consumer("old")) {
            TopicPartition partition = new TopicPartition("old", 0);
            Awaitility.await()
                    .until(() -> consumer.beginningOffsets(List.of(partition)).get(partition) == 1);
        }
    }

    @Test
    void whatAProducerWasAnsweredForIsSeenWithoutWaiting() throws Exception {
        create("seen", Map.of());
        TopicPartition partition = new TopicPartition("seen", 0);
        for (int i = 1; i <= 50; i++) {
            producer.send(new ProducerRecord<>("seen", "a")).get();

            long end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();

            assertEquals(i, end);
        }
    }

    @Test
    void aCompactedTopicKeepsTheLastValueOfEachKey() throws Exception {
        create(
                "compacted",
                Map.of("cleanup.policy", "compact", "segment.bytes", "4096", "min.cleanable.dirty.ratio", "0.01"));
        Map<String, String> last = new HashMap<>();
        for (int i = 0; i < 2_000; i++) {
            String key = "key-" + i % 40;
            last.put(key, "value-" + i);
            var unused = producer.send(new ProducerRecord<>("compacted", key, "value-" + i));
        }
        producer.flush();

        Awaitility.await().until(() -> readAll("compacted").size() < 1_000);
        Map<String, String> read = new HashMap<>();
        readAll("compacted").forEach(record -> read.put(record.key(), record.value()));
        assertEquals(last, read);
        ExecutionException refused = assertThrows(
                ExecutionException.class,
                () -> producer.send(new ProducerRecord<>("compacted", "no key")).get());
        assertInstanceOf(InvalidRecordException.class, refused.getCause());
    }

    @Test
    void theBrokersTimeReachesProducerAndConsumer() throws Exception {
        create("stamped", Map.of("message.timestamp.type", "LogAppendTime"));
        long before = System.currentTimeMillis();

        RecordMetadata sent =
                producer.send(new ProducerRecord<>("stamped", 0, 1L, "a", "1")).get();

        assertTrue(sent.timestamp() >= before);
        assertEquals(sent.timestamp(), readAll("stamped").get(0).timestamp());
    }

    private static void create(String topic, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(configs)))
                .all()
                .get();
    }

    private static KafkaConsumer<String, String> consumer(String topic) {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer());
        TopicPartition partition = new TopicPartition(topic, 0);
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        return consumer;
    }

    private static List<ConsumerRecord<String, String>> readAll(String topic) {
        try (KafkaConsumer<String, String> consumer = consumer(topic)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<ConsumerRecord<String, String>> all = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(all::add);
            }
            return all;
        }
    }
}
