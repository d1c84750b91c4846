// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A program of its own, for Kafka's client libraries of several years ago: uses nothing that they lack. Makes a topic,
 * sends with each codec, reads all in a group that commits, and prints {@code read N} and what the group committed.
 */
final class OldClient {
    private static final int PER_CODEC = 50;

    private OldClient() {}

    /** Takes {@code host:port} and a name for topic and group. */
    public static void main(String[] args) throws Exception {
        Map<String, Object> broker = Map.of("bootstrap.servers", args[0]);
        String name = args[1];
        List<String> codecs = List.of("none", "gzip", "snappy", "lz4", "zstd");
        try (Admin admin = Admin.create(broker)) {
            admin.createTopics(Set.of(new NewTopic(name, 2, (short) 1))).all().get();
            for (String codec : codecs) {
                produce(broker, name, codec);
            }
            int read = consume(broker, name, PER_CODEC * codecs.size());
            long committed =
                    admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().values().stream()
                            .mapToLong(offset -> offset.offset())
                            .sum();
            System.out.println("read " + read + ", committed " + committed);
            System.out.println("copied " + copy(broker, name, PER_CODEC * codecs.size()));
            admin.deleteTopics(Set.of(name)).all().get();
        }
    }

    private static void produce(Map<String, Object> broker, String topic, String codec) throws Exception {
        Map<String, Object> settings = new HashMap<>(broker);
        settings.put("compression.type", codec);
        settings.put("enable.idempotence", true);
        settings.put("acks", "all");
        settings.put("linger.ms", 20);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            List<java.util.concurrent.Future<?>> sends = new ArrayList<>();
            for (int i = 0; i < PER_CODEC; i++) {
                sends.add(producer.send(new ProducerRecord<>(topic, "key-" + i, codec + "-" + i)));
            }
            for (java.util.concurrent.Future<?> send : sends) {
                send.get();
            }
        }
    }

    /**
     * Copies the topic in transactions, of which every second is aborted first; answers how many different records
     * readers of committed ones see, of how many.
     */
    private static String copy(Map<String, Object> broker, String topic, int count) throws Exception {
        Map<String, Object> settings = new HashMap<>(broker);
        settings.put("transactional.id", topic);
        String group = topic + "-copier";
        try (KafkaProducer<String, String> producer =
                        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
                KafkaConsumer<String, String> consumer = reader(broker, group)) {
            producer.initTransactions();
            consumer.subscribe(List.of(topic));
            int copied = 0;
            while (copied < count) {
                List<ConsumerRecord<String, String>> batch = new ArrayList<>();
                Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                for (ConsumerRecord<String, String> consumed : consumer.poll(Duration.ofMillis(200))) {
                    batch.add(consumed);
                    offsets.put(
                            new TopicPartition(consumed.topic(), consumed.partition()),
                            new OffsetAndMetadata(consumed.offset() + 1));
                }
                if (batch.isEmpty()) {
                    continue;
                }
                for (boolean commit : new boolean[] {false, true}) {
                    producer.beginTransaction();
                    for (ConsumerRecord<String, String> consumed : batch) {
                        var unused =
                                producer.send(new ProducerRecord<>(topic + "-copy", consumed.key(), consumed.value()));
                    }
                    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                    if (commit) {
                        producer.commitTransaction();
                    } else {
                        producer.abortTransaction();
                    }
                }
                copied += batch.size();
            }
        }
        int read = 0;
        Set<String> values = new java.util.HashSet<>();
        try (KafkaConsumer<String, String> consumer = reader(broker, group + "-reader")) {
            consumer.subscribe(List.of(topic + "-copy"));
            while (values.size() < count) {
                for (ConsumerRecord<String, String> consumed : consumer.poll(Duration.ofMillis(200))) {
                    values.add(consumed.value());
                    read++;
                }
            }
        }
        return values.size() + " of " + read;
    }

    private static KafkaConsumer<String, String> reader(Map<String, Object> broker, String group) {
        Map<String, Object> settings = new HashMap<>(broker);
        settings.put("group.id", group);
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private static int consume(Map<String, Object> broker, String topic, int count) {
        Map<String, Object> settings = new HashMap<>(broker);
        settings.put("group.id", topic);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        Set<String> values = new java.util.HashSet<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (values.size() < count) {
                for (ConsumerRecord<String, String> consumed : consumer.poll(Duration.ofMillis(200))) {
                    values.add(consumed.value());
                }
            }
            consumer.commitSync();
        }
        return values.size();
    }
}
