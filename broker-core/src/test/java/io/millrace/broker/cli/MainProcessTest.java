// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.SubscriptionKind;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as its user sees it: one line, exit codes, signals. */
class MainProcessTest {
    @TempDir
    Path directory;

    private BrokerProcess run(String name, String... arguments) throws Exception {
        return new BrokerProcess(directory.resolve(name + ".err"), arguments);
    }

    private BrokerProcess start(String name) throws Exception {
        return run(name, "start", "--data", directory.resolve("data").toString(), "--port", "0");
    }

    private static Admin admin(String port) {
        return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port));
    }

    /** Runs to the end, which must be a failure told in one sentence; returns the sentence. */
    private String refusal(String... arguments) throws Exception {
        try (BrokerProcess process = run("refused", arguments)) {
            int exit = process.awaitExit();
            String errors = process.errors();
            assertEquals(1, exit, errors);
            List<String> lines = errors.lines().toList();
            assertEquals(1, lines.size(), errors);
            return lines.get(0);
        }
    }

    @Test
    void printsOneLineThenStopsCleanlyOnSigterm() throws Exception {
        try (BrokerProcess broker = start("broker")) {
            // Given
            broker.awaitReady();
            // When
            broker.terminate();
            // Then
            assertEquals(0, broker.awaitExit(), broker.errors());
            assertEquals(List.of(), broker.restOfOutput());
        }
    }

    @Test
    void servesItsTopicsAgainAfterKillAndRestart() throws Exception {
        // Given
        try (BrokerProcess killed = start("killed")) {
            try (Admin admin = admin(killed.awaitReady().group(1))) {
                admin.createTopics(List.of(new NewTopic("kept", 3, (short) 1)))
                        .all()
                        .get();
            }
            killed.kill();
        }
        // When
        try (BrokerProcess broker = start("again")) {
            String port = broker.awaitReady().group(1);
            // Then
            try (Admin admin = admin(port)) {
                assertEquals(Set.of("kept"), admin.listTopics().names().get());
            }
        }
    }

    @Test
    void keepsOffsetsAndQueueStateOverAKill() throws Exception {
        // Given
        TopicPartition partition = new TopicPartition("log", 0);
        try (BrokerProcess killed = start("killed")) {
            String port = killed.awaitReady().group(1);
            try (Admin admin = admin(port);
                    MillraceTestClient client = MillraceTestClient.connected(Integer.parseInt(port))) {
                admin.createTopics(List.of(new NewTopic("log", 1, (short) 1)))
                        .all()
                        .get();
                admin.alterConsumerGroupOffsets("g", Map.of(partition, new OffsetAndMetadata(17)))
                        .all()
                        .get();
                client.openQueue("orders");
                client.sendTexts("orders", "acknowledged", "received", "never seen");
                client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
                List<Message> got = client.pull(1, 2);
                client.acknowledge(1, 1, AckType.RECEIPT, got.get(1));
                client.acknowledge(1, 1, AckType.ACCEPT, got.get(0));
                killed.kill();
            }
        }
        // When
        try (BrokerProcess broker = start("again")) {
            String port = broker.awaitReady().group(1);
            try (Admin admin = admin(port);
                    MillraceTestClient client = MillraceTestClient.connected(Integer.parseInt(port))) {
                // Then
                assertEquals(
                        17,
                        admin.listConsumerGroupOffsets("g")
                                .partitionsToOffsetAndMetadata()
                                .get()
                                .get(partition)
                                .offset());
                client.openQueue("orders");
                client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
                List<Message> got = client.pull(1, 10);
                assertEquals(
                        List.of("received", "never seen"),
                        got.stream().map(Message::text).toList());
                assertTrue(got.get(0).redelivered());
            }
        }
    }

    @Test
    void stopsCleanlyWithinSecondsUnderBusyClients() throws Exception {
        try (BrokerProcess broker = start("busy")) {
            // Given: a producer that never pauses, a fetch and a pull that wait
            String port = broker.awaitReady().group(1);
            Map<String, Object> config = Map.of(
                    "bootstrap.servers",
                    "127.0.0.1:" + port,
                    "group.id",
                    "g",
                    "delivery.timeout.ms",
                    2_000,
                    "request.timeout.ms",
                    1_000,
                    "max.block.ms",
                    1_000,
                    "fetch.max.wait.ms",
                    20_000,
                    "fetch.min.bytes",
                    1 << 20,
                    "linger.ms",
                    0);
            AtomicBoolean busy = new AtomicBoolean(true);
            AtomicInteger stored = new AtomicInteger();
            try (MillraceTestClient client = MillraceTestClient.connected(Integer.parseInt(port));
                    KafkaProducer<byte[], byte[]> producer =
                            new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
                    KafkaConsumer<byte[], byte[]> consumer =
                            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                client.openQueue("orders");
                client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
                var waiting = client.pullAsync(1, 0, 10, 30_000);
                consumer.subscribe(List.of("t"));
                consumer.poll(Duration.ofMillis(100));
                Thread sender = new Thread(() -> {
                    while (busy.get()) {
                        var unused = producer.send(new ProducerRecord<>("t", new byte[1_000]), (metadata, failure) -> {
                            if (failure == null) {
                                stored.incrementAndGet();
                            }
                        });
                    }
                });
                sender.start();
                Awaitility.await().until(() -> stored.get() > 1_000);
                // When
                long startNanos = System.nanoTime();
                broker.terminate();
                int exit = broker.awaitExit();
                long tookMs = (System.nanoTime() - startNanos) / 1_000_000;
                busy.set(false);
                sender.join();
                // Then
                assertEquals(0, exit, broker.errors());
                assertTrue(tookMs < 5_000, "took " + tookMs + " ms\n" + broker.errors());
                Awaitility.await().until(waiting::isDone);
            }
        }
    }

    @Test
    void stopsCleanlyWhileItStarts() throws Exception {
        // Given: a ZooKeeper that takes the connection and never answers
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                BrokerProcess broker = run(
                        "starting",
                        "start",
                        "--data",
                        directory.resolve("data").toString(),
                        "--port",
                        "0",
                        "--set",
                        "zookeeper.connect=127.0.0.1:" + silent.getLocalPort(),
                        "--set",
                        "zookeeper.connection.timeout.ms=60000");
                var connected = silent.accept()) {
            // When
            long startNanos = System.nanoTime();
            broker.terminate();
            // Then
            assertEquals(0, broker.awaitExit(), () -> connected.toString());
            assertEquals(List.of(), broker.restOfOutput());
            assertTrue(System.nanoTime() - startNanos < 5_000_000_000L);
        }
    }

    @Test
    void refusesADirectoryInUse() throws Exception {
        try (BrokerProcess holder = start("holder")) {
            // Given
            holder.awaitReady();
            // When
            String message =
                    refusal("start", "--data", directory.resolve("data").toString(), "--port", "0");
            // Then
            assertTrue(message.contains(directory.resolve("data").toString()), message);
        }
    }

    @Test
    void refusesATakenPort() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            // When
            String message = refusal("start", "--data", directory.resolve("d").toString(), "--port", port);
            // Then
            assertTrue(message.contains("127.0.0.1:" + port), message);
        }
    }

    @Test
    void refusesUnknownKeysBadValuesAndUnreadableFiles() throws Exception {
        assertEquals(
                "millrace: Unknown setting 'listen.prot' (option --set): did you mean listen.port?",
                refusal("start", "--set", "listen.prot=1"));
        assertEquals(
                "millrace: Bad value '70000' for listen.port (option --set): allowed is 0 to 65535",
                refusal("start", "--port", "70000"));
        Path missing = directory.resolve("none.properties");
        assertEquals(
                "millrace: There is no configuration file " + missing,
                refusal("start", "--config", missing.toString()));
        Path file = Files.writeString(directory.resolve("a-file"), "");
        assertTrue(refusal("start", "--data", file.toString()).contains(file.toString()));
    }
}
