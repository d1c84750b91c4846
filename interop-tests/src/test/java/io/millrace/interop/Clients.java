// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** This build's own Kafka client, for the other end of a foreign program's topic. */
final class Clients {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Clients() {}

    /** Sends {@code value-0}, {@code value-1} and so on to partition 0. */
    static void produce(String broker, String topic, int count) {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < count; i++) {
                byte[] value = ("value-" + i).getBytes(StandardCharsets.UTF_8);
                var unused = producer.send(new ProducerRecord<>(topic, 0, null, value));
            }
        }
    }

    /** The first {@code count} values of a topic, their offsets committed for {@code group}. */
    static List<String> consume(String broker, String topic, String group, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker,
                        "group.id",
                        group,
                        "auto.offset.reset",
                        "earliest",
                        "max.poll.records",
                        Integer.toString(count)),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (values.size() < count) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("only " + values.size() + " of " + count + " records came: " + values);
                }
                for (ConsumerRecord<String, String> consumed : consumer.poll(Duration.ofMillis(200))) {
                    values.add(consumed.value());
                }
            }
            consumer.commitSync();
        }
        return values;
    }

    /** The last value of each key of a topic, once it is {@code awaited}, or what it is when patience ends. */
    static Map<String, String> latest(String broker, String topic, Map<String, String> awaited) {
        Map<String, String> latest = new HashMap<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition only = new TopicPartition(topic, 0);
            consumer.assign(List.of(only));
            consumer.seekToBeginning(List.of(only));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!latest.equals(awaited) && System.nanoTime() < deadline) {
                for (ConsumerRecord<String, String> consumed : consumer.poll(Duration.ofMillis(200))) {
                    latest.put(consumed.key(), consumed.value());
                }
            }
        }
        return latest;
    }
}
