// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kafka transactions over {@code kill -9} of the broker at random moments: who reads committed records sees each
 * transaction whole or not at all, in order; what was answered as committed is there, what was aborted is not. The rounds
 * are set by {@code -Dtransaction.rounds}, the seed, which each run prints, by {@code -Dtransaction.seed}.
 */
@Timeout(value = 4, unit = TimeUnit.HOURS)
class TransactionKillTest {
    private static final int ROUNDS = Integer.getInteger("transaction.rounds", 4);
    private static final int PARTITIONS = 3;
    private static final String TOPIC = "killed";

    @TempDir
    Path directory;

    private final Random random = new Random(seed());
    private final List<Integer> committed = new ArrayList<>();
    private final List<Integer> aborted = new ArrayList<>();
    private int number;

    private static long seed() {
        long seed = Long.getLong("transaction.seed", System.nanoTime());
        System.out.println("TransactionKillTest seed " + seed);
        return seed;
    }

    @Test
    void transactionsAreWholeAfterEachKill() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        for (int round = 0; round < ROUNDS; round++) {
            try (BrokerProcess broker = start(round, port)) {
                broker.awaitReady();
                if (round == 0) {
                    createTopic(port);
                }
                CompletableFuture<Void> killed = new CompletableFuture<>();
                CompletableFuture<Void> killing = CompletableFuture.runAsync(
                        () -> kill(broker, killed),
                        CompletableFuture.delayedExecutor(500 + random.nextInt(2_500), TimeUnit.MILLISECONDS));
                runTransactions(port, killed);
                killing.join();
            }
        }
        try (BrokerProcess broker = start(ROUNDS, port)) {
            broker.awaitReady();
            try (KafkaProducer<String, String> last = producer(port)) {
                last.initTransactions(); // ends what the last kill left open
            }
            check(port);
        }
    }

    private BrokerProcess start(int round, int port) throws Exception {
        return new BrokerProcess(
                directory.resolve(round + ".err"),
                "start",
                "--data",
                directory.resolve("data").toString(),
                "--port",
                Integer.toString(port));
    }

    private static void kill(BrokerProcess broker, CompletableFuture<Void> killed) {
        killed.complete(null);
        try {
            broker.kill();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void createTopic(int port) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
    }

    private static KafkaProducer<String, String> producer(int port) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", "127.0.0.1:" + port);
        settings.put("transactional.id", "killer");
        settings.put("delivery.timeout.ms", 3_000);
        settings.put("request.timeout.ms", 2_000);
        settings.put("max.block.ms", 20_000);
        settings.put("linger.ms", 0);
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    /** Until the broker was killed; the outcome of the transaction that the kill hits is not known. */
    private void runTransactions(int port, CompletableFuture<Void> killed) {
        KafkaProducer<String, String> producer = producer(port);
        try {
            producer.initTransactions();
            while (!killed.isDone()) {
                transaction(producer);
            }
        } catch (KafkaException cut) {
            assertTrue(killed.isDone(), () -> "the broker failed a transaction while it was up: " + cut);
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    private void transaction(KafkaProducer<String, String> producer) {
        int present = number++;
        producer.beginTransaction();
        int records = 1 + random.nextInt(12);
        for (int i = 0; i < records; i++) {
            var unused =
                    producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, present + ":" + i + "/" + records));
        }
        if (random.nextInt(4) == 0) {
            producer.abortTransaction();
            aborted.add(present);
        } else {
            producer.commitTransaction();
            committed.add(present);
        }
    }

    private void check(int port) {
        Map<Integer, Integer> seen = new TreeMap<>();
        Map<Integer, Integer> expected = new HashMap<>();
        Map<Integer, Integer> lastOf = new HashMap<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        "127.0.0.1:" + port,
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < PARTITIONS; i++) {
                all.add(new TopicPartition(TOPIC, i));
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    String[] parts = record.value().split("[:/]", -1);
                    int transaction = Integer.parseInt(parts[0]);
                    seen.merge(transaction, 1, Integer::sum);
                    expected.put(transaction, Integer.parseInt(parts[2]));
                    Integer before = lastOf.put(record.partition(), transaction);
                    assertTrue(before == null || before <= transaction, "transactions in order");
                }
            }
        }
        assertEquals(expected, seen, "each transaction whole and once");
        committed.forEach(transaction -> assertTrue(seen.containsKey(transaction), "committed: " + transaction));
        aborted.forEach(transaction -> assertTrue(!seen.containsKey(transaction), "aborted: " + transaction));
        assertTrue(committed.size() > ROUNDS, () -> "too few transactions to tell anything: " + committed);
    }
}
