// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.concurrent.ExecutionException;
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
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir
    Path directory;

    @Test
    void recordsAndGroupOffsetsAreMirrored(KafkaServer kafka, EmbeddedBroker millrace) throws Exception {
        // Given
        Clients.produce(kafka.bootstrapServers(), "mirror-orders", 20);
        Clients.consume(kafka.bootstrapServers(), "mirror-orders", "mirror-readers", 12);

        // When
        int offset;
        try (ChildProcess mirror = KafkaTool.start(
                        directory.resolve("mirror.log"),
                        "org.apache.kafka.connect.mirror.MirrorMaker",
                        configuration(kafka, millrace).toString());
                Admin admin = Admin.create(Map.of("bootstrap.servers", millrace.bootstrapServers()))) {
            await().atMost(PATIENCE).until(() -> offset(admin) > 0);
            mirror.stop();
            offset = offset(admin);
        }

        // Then
        List<String> expected =
                IntStream.range(0, 20).mapToObj(i -> "value-" + i).toList();
        assertEquals(
                expected, Clients.consume(millrace.bootstrapServers(), "kafka.mirror-orders", "mirror-others", 20));
        // MirrorMaker promises an offset at or before the group's own: it knows only some pairs of offsets.
        assertTrue(offset <= 12, "offset " + offset);
        assertEquals(
                expected.subList(offset, 20),
                Clients.consume(millrace.bootstrapServers(), "kafka.mirror-orders", "mirror-readers", 20 - offset));
    }

    /** What the group has committed in the mirrored topic; 0 for nothing yet. */
    private static int offset(Admin admin) throws ExecutionException, InterruptedException {
        OffsetAndMetadata committed = admin.listConsumerGroupOffsets("mirror-readers")
                .partitionsToOffsetAndMetadata()
                .get()
                .get(new TopicPartition("kafka.mirror-orders", 0));
        return committed == null ? 0 : Math.toIntExact(committed.offset());
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
                        // As exactly as it can.
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
