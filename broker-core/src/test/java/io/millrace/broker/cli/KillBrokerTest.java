// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.protocol.message.Commit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL of the whole broker under load, several times; then what clients were told is held against what they read. */
class KillBrokerTest {
    private static final int ROUNDS = 3;
    private static final int PARTITIONS = 3;
    private static final int IN_FLIGHT = 400;
    private static final int MAX_VALUE_BYTES = 2_000;
    private static final int MAX_ACKNOWLEDGED_PER_ROUND = 4_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LOG = "log";
    private static final List<String> QUEUES = List.of("bundles-a", "bundles-b");

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final AtomicBoolean running = new AtomicBoolean(true);
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger bundles = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    /** Offset that a producer was told, by partition and position in sending order. */
    private final Map<String, Long> told = new ConcurrentHashMap<>();

    private final int[] sent = new int[PARTITIONS];

    @TempDir
    Path directory;

    private BrokerProcess broker(int port, int round) throws IOException {
        BrokerProcess broker = new BrokerProcess(
                directory.resolve("round-" + round + ".err"),
                "start",
                "--data",
                directory.resolve("data").toString(),
                "--port",
                Integer.toString(port));
        broker.awaitReady();
        return broker;
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    @Test
    void keepsWhatItAcknowledgedOnceInOrderAndWholeThroughKills() throws Exception {
        System.out.println("seed " + seed);
        int port = freePort();
        BrokerProcess broker = broker(port, 0);
        try {
            createLogs(port);
            Thread producers = new Thread(() -> guarded(() -> produce(port)), "producers");
            Thread committer = new Thread(() -> guarded(() -> commitBundles(port)), "committer");
            producers.start();
            committer.start();

            for (int round = 1; round <= ROUNDS; round++) {
                int untilRecords = acknowledged.get() + 1 + random.nextInt(MAX_ACKNOWLEDGED_PER_ROUND);
                int untilBundles = bundles.get() + 1;
                await(() -> acknowledged.get() >= untilRecords && bundles.get() >= untilBundles);
                broker.kill();
                broker.close();
                broker = broker(port, round);
            }
            int atEnd = acknowledged.get();
            int bundlesAtEnd = bundles.get();
            await(() -> acknowledged.get() > atEnd + IN_FLIGHT && bundles.get() > bundlesAtEnd);
            running.set(false);
            producers.join(PATIENCE.toMillis());
            committer.join(PATIENCE.toMillis());

            assertEquals(null, failure.get());
            checkRecords(port);
            checkBundles(port);
        } finally {
            running.set(false);
            broker.close();
        }
    }

    private void await(BooleanSupplier reached) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .atMost(PATIENCE)
                .until(() -> failure.get() != null || reached.getAsBoolean());
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | AssertionError broken) {
            failure.compareAndSet(null, broken);
        }
    }

    private static void createLogs(int port) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            admin.createTopics(List.of(new NewTopic(LOG, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        try (MillraceTestClient client = MillraceTestClient.connected(port)) {
            QUEUES.forEach(client::openQueue);
        }
    }

    /** A stock producer with its defaults, idempotent and acks=all; it must come through all kills by itself. */
    private void produce(int port) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", "127.0.0.1:" + port, "linger.ms", "2", "reconnect.backoff.max.ms", "100");
        Semaphore window = new Semaphore(IN_FLIGHT);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; running.get(); i++) {
                window.acquireUninterruptibly();
                int partition = i % PARTITIONS;
                int position = sent[partition]++;
                var unused = producer.send(
                        new ProducerRecord<>(LOG, partition, null, value(partition, position)), (written, failed) -> {
                            window.release();
                            if (failed != null) {
                                failure.compareAndSet(null, failed);
                            } else {
                                told.put(partition + "@" + position, written.offset());
                                acknowledged.incrementAndGet();
                            }
                        });
            }
        }
    }

    private byte[] value(int partition, int position) {
        Random bytes = new Random(seed + partition * 1_000_003L + position);
        byte[] value = new byte[bytes.nextInt(MAX_VALUE_BYTES)];
        bytes.nextBytes(value);
        return value;
    }

    /** One bundle after the other into both queues, each repeated under its id until its outcome is known. */
    private void commitBundles(int port) {
        MillraceTestClient client = null;
        while (running.get()) {
            UUID id = UUID.randomUUID();
            String text = "bundle " + bundles.get();
            long giveUp = System.nanoTime() + PATIENCE.toNanos();
            boolean done = false;
            while (!done) {
                if (System.nanoTime() > giveUp) {
                    throw new AssertionError("no outcome of " + text + " within " + PATIENCE);
                }
                try {
                    client = client == null ? MillraceTestClient.connected(port) : client;
                    done = commit(client, id, text);
                } catch (RuntimeException | AssertionError cut) {
                    client = closed(client);
                }
            }
            bundles.incrementAndGet();
        }
        closed(client);
    }

    private static boolean commit(MillraceTestClient client, UUID id, String text) {
        List<Commit.Send> sends = new ArrayList<>();
        QUEUES.forEach(queue -> sends.add(MillraceTestClient.batch(queue, 0, text)));
        try {
            CompletableFuture<?> answer = client.send(new Commit(0, id, sends, List.of()))
                    .thenAccept(response -> {
                        if (!response.status().isOk()) {
                            throw new AssertionError(text + " was answered with " + response.status());
                        }
                    });
            answer.orTimeout(2, TimeUnit.SECONDS).join();
            return true;
        } catch (CompletionException noOutcome) {
            if (noOutcome.getCause() instanceof AssertionError) {
                return false;
            }
            throw noOutcome;
        }
    }

    private static MillraceTestClient closed(MillraceTestClient client) {
        if (client != null) {
            client.close();
        }
        return null;
    }

    private List<ConsumerRecord<byte[], byte[]>> readAll(int port, TopicPartition partition) {
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + port),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long giveUp = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(partition) < end && System.nanoTime() < giveUp) {
                consumer.poll(Duration.ofSeconds(1)).forEach(all::add);
            }
            assertEquals(end, all.size(), "records of " + partition + ", seed " + seed);
        }
        return all;
    }

    /** All sends succeeded: the n-th record of a partition is the n-th that was sent, at offset n, byte for byte. */
    private void checkRecords(int port) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<ConsumerRecord<byte[], byte[]>> read = readAll(port, new TopicPartition(LOG, partition));
            assertEquals(sent[partition], read.size(), "partition " + partition + ", seed " + seed);
            for (int position = 0; position < read.size(); position++) {
                String where = partition + "@" + position;
                assertEquals(position, read.get(position).offset(), where + ", seed " + seed);
                assertEquals(position, told.get(where), where + ", seed " + seed);
                assertArrayEquals(value(partition, position), read.get(position).value(), where + ", seed " + seed);
            }
        }
    }

    /** Each bundle is in both queues, once, in order. */
    private void checkBundles(int port) {
        for (String queue : QUEUES) {
            List<ConsumerRecord<byte[], byte[]>> read = readAll(port, new TopicPartition(queue, 0));
            for (int i = 0; i < read.size(); i++) {
                assertEquals(
                        "bundle " + i, new String(read.get(i).value(), StandardCharsets.UTF_8), queue + " " + seed);
            }
            assertEquals(bundles.get(), read.size(), queue + ", seed " + seed);
        }
    }
}
