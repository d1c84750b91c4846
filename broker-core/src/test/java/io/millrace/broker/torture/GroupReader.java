// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A stock consumer that is a member of a group and commits after each poll. */
final class GroupReader extends Client {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration COMMIT = Duration.ofSeconds(5);

    private final String group;
    private final String topic;
    private final TortureRun run;

    GroupReader(String group, String topic, TortureRun run) {
        super("group-reader", run.failure());
        this.group = group;
        this.topic = topic;
        this.run = run;
    }

    @Override
    void work() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                run.address(),
                "group.id",
                group,
                "enable.auto.commit",
                false,
                "auto.offset.reset",
                "earliest",
                "reconnect.backoff.max.ms",
                "250");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (!finishing()) {
                Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
                consumer.poll(POLL)
                        .forEach(record -> positions.put(
                                new TopicPartition(record.topic(), record.partition()),
                                new OffsetAndMetadata(record.offset() + 1)));
                if (!positions.isEmpty()) {
                    commit(consumer, positions);
                }
            }
        }
    }

    private void commit(KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, OffsetAndMetadata> positions) {
        positions.forEach((partition, at) -> run.history().add(new Event.CommitSent(group, partition, at.offset())));
        try {
            consumer.commitSync(positions, COMMIT);
        } catch (CommitFailedException | RetriableException unknown) {
            // Cut by a kill: whether the broker has it nobody knows.
            return;
        }
        positions.forEach(
                (partition, at) -> run.history().add(new Event.CommitAcknowledged(group, partition, at.offset())));
    }
}
