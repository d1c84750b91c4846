// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.cluster.zookeeper.EmbeddedZooKeeper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two brokers with stores of their own on one ZooKeeper. */
@Timeout(90)
class TwoBrokersTest {
    private static final int PARTITIONS = 4;

    @TempDir
    Path directory;

    private EmbeddedZooKeeper zooKeeper;
    private EmbeddedBroker first;
    private EmbeddedBroker second;

    @BeforeEach
    void start() {
        zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zk"), 0);
        first = broker(1);
        second = broker(2);
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
        zooKeeper.close();
    }

    private EmbeddedBroker broker(int id) {
        return EmbeddedBroker.builder()
                .directory(directory.resolve("broker-" + id))
                .set("zookeeper.connect", zooKeeper.connectString() + "/millrace")
                .set("broker.id", Integer.toString(id))
                .start();
    }

    @Test
    void clientsWriteAndReadThePartitionsOfBothThroughEither() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()))) {
            // Given
            createTopic(admin);
            assertEquals(Set.of(1, 2), leaders(admin));
            // When
            produce(second, 0, 40);
            // Then
            assertEquals(numbers(0, 40), consume(first, "g", 40));
        }
    }

    @Test
    void everyGroupFindsItsCoordinatorFromEitherBroker() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()))) {
            createTopic(admin);
            produce(first, 0, 8);
            Set<Integer> coordinators = new HashSet<>();
            for (String group : List.of("a", "b", "c", "d")) {
                // When
                assertEquals(numbers(0, 8), consume(first, group, 8));
                coordinators.add(admin.describeConsumerGroups(List.of(group))
                        .describedGroups()
                        .get(group)
                        .get()
                        .coordinator()
                        .id());
            }
            // Then
            assertEquals(Set.of(1, 2), coordinators);
        }
    }

    @Test
    void aRestartedBrokerServesItsPartitionsAgain() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()))) {
            // Given
            createTopic(admin);
            produce(first, 0, 20);
            assertEquals(numbers(0, 20), consume(first, "g", 20));
            // When
            second.restart();
            // Then
            Awaitility.await().until(() -> leaders(admin).equals(Set.of(1, 2)));
            produce(first, 20, 40);
            assertEquals(numbers(20, 40), consume(first, "g", 20));
        }
    }

    @Test
    void partitionsAddedLaterAreSpreadAndRunningConsumersReadThem() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()));
                KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                first.bootstrapServers(),
                                "group.id",
                                "g",
                                "auto.offset.reset",
                                "earliest",
                                "metadata.max.age.ms",
                                300),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            // Given
            admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
            consumer.subscribe(List.of("t"));
            Awaitility.await().until(() -> {
                consumer.poll(Duration.ofMillis(100));
                return consumer.assignment().size() == 1;
            });
            // When
            admin.createPartitions(Map.of("t", NewPartitions.increaseTo(PARTITIONS)))
                    .all()
                    .get();
            // Then
            Awaitility.await().until(() -> leaders(admin).equals(Set.of(1, 2)));
            produce(second, 0, 40);
            Set<String> got = new TreeSet<>();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> got.add(record.value()));
                return got.size() == 40;
            });
        }
    }

    private static void createTopic(Admin admin) throws Exception {
        admin.createTopics(List.of(new NewTopic("t", PARTITIONS, (short) 1)))
                .all()
                .get();
    }

    private static Set<Integer> leaders(Admin admin) throws Exception {
        Set<Integer> leaders = new HashSet<>();
        admin.describeTopics(List.of("t")).allTopicNames().get().get("t").partitions().stream()
                .map(partition -> partition.leader() == null ? Node.noNode() : partition.leader())
                .forEach(node -> leaders.add(node.id()));
        return leaders;
    }

    private static void produce(EmbeddedBroker broker, int from, int to) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "delivery.timeout.ms",
                        30_000,
                        "request.timeout.ms",
                        10_000,
                        "linger.ms",
                        0),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>("t", i % PARTITIONS, null, Integer.toString(i)))
                        .get();
            }
        }
    }

    private static Set<String> consume(EmbeddedBroker broker, String group, int count) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrapServers(),
                        "group.id",
                        group,
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of("t"));
            List<String> got = new ArrayList<>();
            Set<TopicPartition> seen = new HashSet<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (got.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    got.add(record.value());
                    seen.add(new TopicPartition(record.topic(), record.partition()));
                });
            }
            assertEquals(count, got.size(), () -> "from " + seen + ": " + got);
            consumer.commitSync();
            return new TreeSet<>(got);
        }
    }

    private static Set<String> numbers(int from, int to) {
        Set<String> numbers = new TreeSet<>();
        IntStream.range(from, to).forEach(i -> numbers.add(Integer.toString(i)));
        return numbers;
    }
}
