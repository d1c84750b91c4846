// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.server.EmbeddedBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Stock clients with and without transactions against one broker. */
final class Transactional {
    private final EmbeddedBroker broker;

    Transactional(EmbeddedBroker broker) {
        this.broker = broker;
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    /** Not initialized. */
    KafkaProducer<String, String> producer(String transactionalId, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", broker.bootstrapServers());
        settings.put("transactional.id", transactionalId);
        settings.putIfAbsent("transaction.timeout.ms", 60_000);
        settings.put("linger.ms", 0);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    KafkaProducer<String, String> started(String transactionalId) {
        KafkaProducer<String, String> producer = producer(transactionalId, Map.of());
        producer.initTransactions();
        return producer;
    }

    KafkaProducer<String, String> plainProducer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "linger.ms", 0),
                new StringSerializer(),
                new StringSerializer());
    }

    KafkaConsumer<String, String> consumer(String groupId, String isolation) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "group.id",
                        groupId,
                        "isolation.level",
                        isolation,
                        "enable.auto.commit",
                        false,
                        "auto.offset.reset",
                        "earliest",
                        "fetch.max.wait.ms",
                        100),
                new StringDeserializer(),
                new StringDeserializer());
    }

    /** What a fresh consumer reads of partition 0 up to the end that it is told. */
    List<String> read(String topic, String isolation) {
        try (KafkaConsumer<String, String> consumer = consumer("reader", isolation)) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<String> values = new ArrayList<>();
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value());
                }
            }
            return values;
        }
    }

    static void send(KafkaProducer<String, String> producer, String topic, String... values) {
        for (String value : values) {
            var unused = producer.send(new ProducerRecord<>(topic, 0, null, value));
        }
        producer.flush();
    }

    static void commit(KafkaProducer<String, String> producer, String topic, String... values) {
        producer.beginTransaction();
        send(producer, topic, values);
        producer.commitTransaction();
    }

    static void abort(KafkaProducer<String, String> producer, String topic, String... values) {
        producer.beginTransaction();
        send(producer, topic, values);
        producer.abortTransaction();
    }
}
