// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import io.millrace.broker.cli.BrokerProcess;
import io.millrace.broker.delivery.MillraceTestClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;

/**
 * A broker process that is killed again and again on one data directory, under stock clients that go on through the
 * kills. The clients live for a leg of some rounds; then they settle and all logs are read and held against the history.
 */
final class TortureRun implements AutoCloseable {
    private static final int ROUNDS_OF_A_LEG = 25;
    private static final int MOST_RECORDS_BETWEEN_KILLS = 400;
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final String GROUP = "readers";
    private static final String PLAIN = "plain";
    private static final List<TopicPartition> PLAIN_PARTITIONS = partitions(PLAIN, 2);
    private static final List<TopicPartition> PACKED_PARTITIONS = partitions("packed", 3);
    private static final List<TopicPartition> LOOSE_PARTITIONS = partitions("loose", 1);
    private static final List<TopicPartition> QUEUES =
            List.of(new TopicPartition("queue-a", 0), new TopicPartition("queue-b", 0));

    private final Path directory;
    private final List<String> settings;
    private final int port;
    private final long deadlineNs;
    private final Random random;
    private final Payloads payloads;
    private final History history = new History();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private int processes;
    private int senders;
    private int killedStarts;
    private long startMs = 1_000;
    private BrokerProcess broker;

    /**
     * @param settings of the broker, each {@code key=value}
     * @param most time after which no further round begins
     */
    TortureRun(Path directory, long seed, List<String> settings, Duration most) throws IOException {
        this.directory = directory;
        this.settings = settings;
        this.deadlineNs = System.nanoTime() + most.toNanos();
        this.random = new Random(seed);
        this.payloads = new Payloads(seed);
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
    }

    private static List<TopicPartition> partitions(String topic, int count) {
        return IntStream.range(0, count)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    History history() {
        return history;
    }

    Payloads payloads() {
        return payloads;
    }

    AtomicReference<Throwable> failure() {
        return failure;
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** What was done, for the reader of a test's output. */
    String summary() {
        return processes + " processes, " + killedStarts + " of them killed while they started, "
                + history.acknowledged() + " records acknowledged";
    }

    /** Kills the broker so many times, or fewer when time runs out; the violations found, none when all is well. */
    List<String> run(int rounds) throws Exception {
        serve();
        createLogs();
        for (int done = 0; done < rounds && !late(); ) {
            done += leg(Math.min(ROUNDS_OF_A_LEG, rounds - done));
            List<String> violations = HistoryChecker.check(history.events(), readLogs());
            System.out.println(done + " rounds, " + summary() + ", violations: " + violations.size());
            if (!violations.isEmpty()) {
                return violations;
            }
        }
        return List.of();
    }

    private boolean late() {
        return System.nanoTime() - deadlineNs > 0;
    }

    /** The rounds that were done. */
    private int leg(int rounds) throws Exception {
        int done = 0;
        List<Client> clients = clients();
        try {
            clients.forEach(Client::start);
            for (; done < rounds && !late(); done++) {
                long began = System.nanoTime();
                int before = history.acknowledged();
                round();
                System.out.printf(
                        "round: %d records, %d ms, the last start took %d ms%n",
                        history.acknowledged() - before, (System.nanoTime() - began) / 1_000_000, startMs);
            }
            int settled = history.acknowledged();
            await(settled + 500);
        } finally {
            for (Client client : clients) {
                client.finish();
            }
        }
        throwFailure();
        // What is read next comes from the disk.
        broker.kill();
        serve();
        return done;
    }

    private List<Client> clients() {
        List<TopicPartition> all = new ArrayList<>(PLAIN_PARTITIONS);
        all.addAll(PACKED_PARTITIONS);
        all.addAll(LOOSE_PARTITIONS);
        all.addAll(QUEUES);
        return List.of(
                writer(true, PLAIN_PARTITIONS, 50, Map.of("batch.size", 1_000)),
                writer(true, PLAIN_PARTITIONS, 300, Map.of("compression.type", "lz4", "linger.ms", 3)),
                writer(
                        true,
                        PACKED_PARTITIONS,
                        400,
                        Map.of("compression.type", "zstd", "linger.ms", 10, "batch.size", 200_000)),
                writer(
                        true,
                        PACKED_PARTITIONS,
                        1,
                        Map.of("compression.type", "snappy", "max.in.flight.requests.per.connection", 1)),
                writer(false, LOOSE_PARTITIONS, 100, Map.of("compression.type", "gzip")),
                new BundleWriter(sender(true), QUEUES, this),
                new TailReader("tail-" + senders, all, this),
                new GroupReader(GROUP, PLAIN, this));
    }

    private Sender sender(boolean exactlyOnce) {
        return new Sender(senders++, exactlyOnce);
    }

    private RecordWriter writer(
            boolean exactlyOnce, List<TopicPartition> partitions, int inFlight, Map<String, Object> producer) {
        return new RecordWriter(sender(exactlyOnce), partitions, producer, inFlight, this);
    }

    /** Under load, right after the start, or while it starts; now and then a start that ends well stands between. */
    private void round() throws Exception {
        if (random.nextInt(4) > 0) {
            await(history.acknowledged() + 1 + random.nextInt(MOST_RECORDS_BETWEEN_KILLS));
        }
        broker.kill();
        while (random.nextInt(4) == 0) {
            launch();
            broker.awaitExit(Duration.ofMillis((long) (random.nextDouble() * startMs * 1.2)));
            broker.kill();
            killedStarts++;
        }
        if (random.nextInt(10) == 0) {
            serve();
            broker.terminate();
            broker.awaitExit();
        }
        serve();
        look();
    }

    private void await(int acknowledged) {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .atMost(PATIENCE)
                .until(() -> failure.get() != null || history.acknowledged() >= acknowledged);
        throwFailure();
    }

    private void throwFailure() {
        if (failure.get() != null) {
            throw new AssertionError("a client failed", failure.get());
        }
    }

    private void launch() throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("start", "--data", directory.resolve("data").toString(), "--port", Integer.toString(port)));
        List<String> all = new ArrayList<>(settings);
        // Small files, so that rolling and recycling take part; the sizes may change at each start.
        all.add("storage.journal.bytes=" + (1 << (18 + random.nextInt(4))));
        all.add("storage.segment.bytes=" + (1 << (16 + random.nextInt(5))));
        all.add("owner.threads=" + (random.nextBoolean() ? 4 : 0));
        all.add("group.initial.rebalance.delay.ms=0");
        all.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        broker = new BrokerProcess(
                directory.resolve("broker-" + processes++ + ".err"), arguments.toArray(String[]::new));
    }

    private void serve() throws IOException {
        launch();
        startMs = Long.parseLong(broker.awaitReady().group(2));
    }

    private void createLogs() throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(
                            new NewTopic(PLAIN, PLAIN_PARTITIONS.size(), (short) 1),
                            new NewTopic("packed", PACKED_PARTITIONS.size(), (short) 1),
                            new NewTopic("loose", LOOSE_PARTITIONS.size(), (short) 1)))
                    .all()
                    .get();
        }
        try (MillraceTestClient client = MillraceTestClient.connected(port)) {
            QUEUES.forEach(queue -> client.openQueue(queue.topic()));
        }
    }

    private Admin admin() {
        return Admin.create(Map.of(
                "bootstrap.servers",
                address(),
                "reconnect.backoff.max.ms",
                "100",
                "default.api.timeout.ms",
                Long.toString(PATIENCE.toMillis())));
    }

    /** Asks for the ends of all logs and for the group's offsets, as a new client sees them. */
    private void look() throws Exception {
        int askedAt = history.size();
        try (Admin admin = admin()) {
            ends(admin).forEach((partition, end) -> history.add(new Event.EndSeen(partition, end, askedAt)));
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get();
            for (TopicPartition partition : PLAIN_PARTITIONS) {
                OffsetAndMetadata at = committed.get(partition);
                history.add(new Event.CommitSeen(GROUP, partition, at == null ? 0 : at.offset(), askedAt));
            }
        }
    }

    private static Map<TopicPartition, Long> ends(Admin admin) throws Exception {
        List<TopicPartition> all = new ArrayList<>(PLAIN_PARTITIONS);
        all.addAll(PACKED_PARTITIONS);
        all.addAll(LOOSE_PARTITIONS);
        all.addAll(QUEUES);
        Map<TopicPartition, ListOffsetsResultInfo> found = admin.listOffsets(
                        all.stream().collect(Collectors.toMap(each -> each, each -> OffsetSpec.latest())))
                .all()
                .get();
        Map<TopicPartition, Long> ends = new HashMap<>();
        found.forEach((partition, end) -> ends.put(partition, end.offset()));
        return ends;
    }

    private Map<TopicPartition, List<Found>> readLogs() throws Exception {
        Map<TopicPartition, List<Found>> logs = new HashMap<>();
        Map<TopicPartition, Long> ends;
        try (Admin admin = admin()) {
            ends = ends(admin);
        }
        Map<String, Object> settings =
                Map.of("bootstrap.servers", address(), "auto.offset.reset", "none", "default.api.timeout.ms", (int)
                        PATIENCE.toMillis());
        for (Map.Entry<TopicPartition, Long> log : ends.entrySet()) {
            TopicPartition partition = log.getKey();
            List<Found> records = new ArrayList<>();
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                consumer.assign(List.of(partition));
                consumer.seek(partition, 0);
                long giveUp = System.nanoTime() + PATIENCE.toNanos();
                while (consumer.position(partition) < log.getValue()) {
                    if (System.nanoTime() > giveUp) {
                        throw new AssertionError(partition + " cannot be read from " + consumer.position(partition)
                                + " to " + log.getValue());
                    }
                    consumer.poll(Duration.ofSeconds(1))
                            .forEach(record -> records.add(payloads.found(partition, record.offset(), record.value())));
                }
            }
            logs.put(partition, records);
        }
        return logs;
    }

    /** What the last broker process wrote to its standard error. */
    String errors() throws IOException {
        return broker == null ? "" : broker.errors();
    }

    @Override
    public void close() {
        if (broker != null) {
            broker.close();
        }
    }
}
