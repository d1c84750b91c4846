// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/** Kafka's own clients of one broker, with a topic and a share group of their own that starts at the earliest record. */
final class ShareClients implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    final String topic = "topic-" + UUID.randomUUID();
    final String group = "group-" + UUID.randomUUID();
    final Admin admin;
    private final String bootstrapServers;
    private final List<KafkaShareConsumer<String, String>> consumers = new ArrayList<>();

    ShareClients(String bootstrapServers, int partitions) {
        this.bootstrapServers = bootstrapServers;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
        await(() -> {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all()
                    .get();
            return true;
        });
        configure("share.auto.offset.reset", "earliest");
    }

    interface Attempt {
        boolean done() throws ExecutionException, InterruptedException;
    }

    static void await(Attempt attempt) {
        Awaitility.await().atMost(PATIENCE).until(attempt::done);
    }

    void configure(String key, String value) {
        await(() -> {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.GROUP, group),
                            List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
            return true;
        });
    }

    /** Whether the group stands somewhere on partition 0. */
    boolean started() throws ExecutionException, InterruptedException {
        var offsets = admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                .partitionsToOffsetInfo(group)
                .get();
        return offsets.get(new TopicPartition(topic, 0)) != null;
    }

    /** Sends values to partition 0, all in one batch. */
    void send(String... values) {
        send(0, values);
    }

    void send(int partition, String... values) {
        send(partition, "none", values);
    }

    void send(int partition, String compression, String[] values) {
        Map<String, Object> config = new HashMap<>();
        config.put("compression.type", compression);
        config.put("bootstrap.servers", bootstrapServers);
        config.put("linger.ms", "1000");
        config.put("key.serializer", StringSerializer.class.getName());
        config.put("value.serializer", StringSerializer.class.getName());
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(config)) {
            for (String value : values) {
                var unused = producer.send(new ProducerRecord<>(topic, partition, null, value));
            }
            producer.flush();
        }
    }

    /** A member that acknowledges what it was given with its next poll. */
    KafkaShareConsumer<String, String> implicit() {
        return consumer(Map.of());
    }

    /** A member that says of each record what shall become of it. */
    KafkaShareConsumer<String, String> explicit() {
        return consumer(Map.of("share.acknowledgement.mode", "explicit"));
    }

    KafkaShareConsumer<String, String> consumer(Map<String, Object> settings) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrapServers);
        config.put("group.id", group);
        config.put("key.deserializer", StringDeserializer.class.getName());
        config.put("value.deserializer", StringDeserializer.class.getName());
        config.putAll(settings);
        KafkaShareConsumer<String, String> consumer = new KafkaShareConsumer<>(config);
        consumers.add(consumer);
        consumer.subscribe(List.of(topic));
        return consumer;
    }

    /** Polls until there is something. */
    static List<ConsumerRecord<String, String>> poll(KafkaShareConsumer<String, String> consumer) {
        List<ConsumerRecord<String, String>> got = new ArrayList<>();
        await(() -> {
            consumer.poll(POLL).forEach(got::add);
            return !got.isEmpty();
        });
        return got;
    }

    /** Polls, with implicit acknowledgement, until what came satisfies the caller. */
    static List<String> pollUntil(KafkaShareConsumer<String, String> consumer, Predicate<List<String>> enough) {
        List<String> got = new ArrayList<>();
        await(() -> {
            consumer.poll(POLL).forEach(record -> got.add(record.value()));
            return enough.test(got);
        });
        return got;
    }

    static List<String> values(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }

    static List<Short> counts(List<ConsumerRecord<String, String>> records) {
        return records.stream()
                .map(record -> record.deliveryCount().orElse((short) -1))
                .toList();
    }

    @Override
    public void close() {
        consumers.forEach(consumer -> consumer.close(Duration.ofSeconds(2)));
        admin.close(Duration.ofSeconds(2));
    }
}
