// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.ChildProcess;
import io.millrace.peers.KafkaServer;
import io.millrace.peers.KafkaTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** MirrorMaker 2, from Kafka to Millrace. */
@Tag("heavy")
@ExtendWith(Peers.class)
class MirrorMakerTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    @Test
    void recordsAndGroupOffsetsAreMirrored(KafkaServer kafka, EmbeddedBroker millrace) throws Exception {
        // Given
        Clients.produce(kafka.bootstrapServers(), "mirror-orders", 20);
        Clients.consume(kafka.bootstrapServers(), "mirror-orders", "mirror-readers", 12);

        // When
        try (ChildProcess mirror = KafkaTool.start(
                        directory.resolve("mirror.log"),
                        "org.apache.kafka.connect.mirror.MirrorMaker",
                        configuration(kafka, millrace).toString());
                Admin admin = Admin.create(Map.of("bootstrap.servers", millrace.bootstrapServers()))) {
            TopicPartition mirrored = new TopicPartition("kafka.mirror-orders", 0);
            await().atMost(PATIENCE).until(() -> {
                OffsetAndMetadata offset = admin.listConsumerGroupOffsets("mirror-readers")
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .get(mirrored);
                return offset != null && offset.offset() == 12;
            });
            mirror.stop();
        }

        // Then
        List<String> expected =
                IntStream.range(0, 20).mapToObj(i -> "value-" + i).toList();
        assertEquals(
                expected, Clients.consume(millrace.bootstrapServers(), "kafka.mirror-orders", "mirror-others", 20));
        assertEquals(
                expected.subList(12, 20),
                Clients.consume(millrace.bootstrapServers(), "kafka.mirror-orders", "mirror-readers", 8));
    }

    private Path configuration(KafkaServer kafka, EmbeddedBroker millrace) throws IOException {
        return Files.write(
                directory.resolve("mirror.properties"),
                List.of(
                        "clusters = kafka, millrace",
                        "kafka.bootstrap.servers = " + kafka.bootstrapServers(),
                        "millrace.bootstrap.servers = " + millrace.bootstrapServers(),
                        "kafka->millrace.enabled = true",
                        "kafka->millrace.topics = mirror-orders",
                        "kafka->millrace.groups = mirror-readers",
                        "replication.factor = 1",
                        "checkpoints.topic.replication.factor = 1",
                        "heartbeats.topic.replication.factor = 1",
                        "offset-syncs.topic.replication.factor = 1",
                        "offset.storage.replication.factor = 1",
                        "status.storage.replication.factor = 1",
                        "config.storage.replication.factor = 1",
                        // Every record's offset is translated exactly.
                        "offset.lag.max = 0",
                        "sync.topic.acls.enabled = false",
                        "sync.group.offsets.enabled = true",
                        "sync.group.offsets.interval.seconds = 1",
                        "emit.checkpoints.interval.seconds = 1",
                        "refresh.topics.interval.seconds = 2",
                        "refresh.groups.interval.seconds = 2",
                        "scheduled.rebalance.max.delay.ms = 0"));
    }
}
