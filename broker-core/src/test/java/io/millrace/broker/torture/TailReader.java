// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A stock consumer that follows the ends of all partitions. An end that went back below what it read fails it. */
final class TailReader extends Client {
    private static final Duration POLL = Duration.ofMillis(200);

    private final String name;
    private final List<TopicPartition> partitions;
    private final TortureRun run;

    /** @param name unique in the run: each reader begins at offset 0 */
    TailReader(String name, List<TopicPartition> partitions, TortureRun run) {
        super(name, run.failure());
        this.name = name;
        this.partitions = partitions;
        this.run = run;
    }

    @Override
    void work() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", run.address(), "auto.offset.reset", "none", "reconnect.backoff.max.ms", "250");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(partitions);
            partitions.forEach(partition -> consumer.seek(partition, 0));
            while (!finishing()) {
                consumer.poll(POLL).forEach(record -> {
                    TopicPartition in = new TopicPartition(record.topic(), record.partition());
                    Found found = run.payloads().found(in, record.offset(), record.value());
                    run.history().add(new Event.Seen(name, in, found));
                });
            }
        }
    }
}
