// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.broker.cli.BrokerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A broker process whose data directory is a small file system of its own, until that is full. Needs the right to mount a
 * tmpfs; skipped without.
 */
class FullDiskTest {
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);
    private static final int RECORD_BYTES = 20_000;
    private static final int MOST_RECORDS = 4_000;
    private static final String PATIENCE_MS = "300000";

    @TempDir
    Path directory;

    private Path data;
    private boolean mounted;
    private BrokerProcess broker;
    private int port;
    private int processes;

    @BeforeEach
    void mount() throws Exception {
        data = Files.createDirectory(directory.resolve("data"));
        int code = -1;
        String said;
        try {
            Process mount = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", data.toString())
                    .redirectErrorStream(true)
                    .start();
            said = new String(mount.getInputStream().readAllBytes(), UTF_8);
            code = mount.waitFor();
        } catch (IOException absent) {
            said = absent.getMessage();
        }
        mounted = code == 0;
        assumeTrue(mounted, "a small file system cannot be mounted here: " + said);
    }

    @AfterEach
    void unmount() throws Exception {
        if (broker != null) {
            broker.kill();
        }
        if (mounted) {
            assertEquals(
                    0, new ProcessBuilder("umount", data.toString()).start().waitFor());
        }
    }

    private void start(String flush) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("start", "--data", data.toString(), "--port", "0"));
        for (String setting :
                List.of("flush=" + flush, "storage.journal.bytes=1048576", "storage.segment.bytes=262144")) {
            arguments.addAll(List.of("--set", setting));
        }
        broker = new BrokerProcess(
                directory.resolve("broker-" + processes++ + ".err"), arguments.toArray(String[]::new));
        port = Integer.parseInt(broker.awaitReady().group(1));
    }

    private Map<String, Object> client(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", "127.0.0.1:" + port);
        return settings;
    }

    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                client(Map.of(
                        "acks",
                        "all",
                        "enable.idempotence",
                        false,
                        "retries",
                        0,
                        "batch.size",
                        2 * RECORD_BYTES,
                        "max.block.ms",
                        PATIENCE_MS,
                        "delivery.timeout.ms",
                        PATIENCE_MS,
                        "request.timeout.ms",
                        PATIENCE_MS,
                        "linger.ms",
                        0)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static byte[] value(int number) {
        byte[] bytes = new byte[RECORD_BYTES];
        new Random(number).nextBytes(bytes);
        bytes[0] = (byte) (number >>> 8);
        bytes[1] = (byte) number;
        return bytes;
    }

    /** Sends until one is refused; the numbers that were acknowledged, by offset, and why the first was refused. */
    private Throwable fill(Map<Long, Integer> acknowledged) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            for (int number = 0; number < MOST_RECORDS; number++) {
                Future<RecordMetadata> answer =
                        producer.send(new ProducerRecord<>(ORDERS.topic(), 0, null, value(number)));
                try {
                    acknowledged.put(answer.get().offset(), number);
                } catch (ExecutionException refused) {
                    return refused.getCause();
                }
            }
        }
        throw new AssertionError("the disk took " + MOST_RECORDS + " records of " + RECORD_BYTES + " bytes");
    }

    private Map<Long, byte[]> readAll() {
        Map<Long, byte[]> found = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                client(Map.of("auto.offset.reset", "none", "default.api.timeout.ms", PATIENCE_MS)),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(ORDERS));
            long end = consumer.endOffsets(List.of(ORDERS)).get(ORDERS);
            consumer.seek(ORDERS, 0);
            while (consumer.position(ORDERS) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(each -> found.put(each.offset(), each.value()));
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"commit", "os"})
    void fullDiskIsToldAndOnceThereIsSpaceAllThatWasAcknowledgedIsThere(String flush) throws Exception {
        start(flush);
        try (Admin admin = Admin.create(client(Map.of("default.api.timeout.ms", PATIENCE_MS)))) {
            admin.createTopics(List.of(new NewTopic(ORDERS.topic(), 1, (short) 1)))
                    .all()
                    .get();
        }
        Map<Long, Integer> acknowledged = new HashMap<>();

        Throwable refused = fill(acknowledged);

        assertTrue(acknowledged.size() > 100, acknowledged.size() + " acknowledged");
        System.out.println(flush + ": " + acknowledged.size() + " records acknowledged, then " + refused);
        assertTrue(refused.getMessage().contains("disk is full"), refused.toString());
        assertTrue(broker.errors().contains("the disk is full; free space and restart the broker"), broker.errors());
        broker.kill();
        Process more = new ProcessBuilder("mount", "-o", "remount,size=64m", data.toString()).start();
        assertEquals(0, more.waitFor());
        start(flush);
        Map<Long, byte[]> found = readAll();
        acknowledged.forEach(
                (offset, number) -> assertArrayEquals(value(number), found.get(offset), "offset " + offset));
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            RecordMetadata next = producer.send(new ProducerRecord<>(ORDERS.topic(), 0, null, value(1)))
                    .get();
            assertTrue(!found.containsKey(next.offset()), "offset " + next.offset() + " is given out again");
        }
    }
}
