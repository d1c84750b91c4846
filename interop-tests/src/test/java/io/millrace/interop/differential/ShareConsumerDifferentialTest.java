// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.peers.KafkaServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** One program with Kafka's own KafkaShareConsumer, run against both brokers: it must observe the same. */
@ExtendWith(Peers.class)
@Timeout(180)
class ShareConsumerDifferentialTest {

    /** What is run against a broker; says what it sees. */
    interface Program {
        void run(Run run) throws Exception;
    }

    private static void compare(EmbeddedBroker millrace, KafkaServer kafka, String name, Program program)
            throws Exception {
        assertEquals(
                observed(kafka.bootstrapServers(), name, program),
                observed(millrace.bootstrapServers(), name, program),
                "Kafka's observations are the expected ones");
    }

    private static String observed(String bootstrapServers, String name, Program program) throws Exception {
        try (Run run = new Run(bootstrapServers, name)) {
            program.run(run);
            return run.seen.toString();
        }
    }

    @Test
    void implicitAcknowledgement(EmbeddedBroker millrace, KafkaServer kafka) throws Exception {
        compare(millrace, kafka, "share-implicit", run -> {
            run.send("a", "b", "c");
            var first = run.consumer(Map.of());
            run.poll(first);
            run.commit(first);
            first.close();
            run.send("d");
            var second = run.consumer(Map.of());
            run.poll(second);
            run.commit(second);
            run.lag();
        });
    }

    @Test
    void acceptReleaseReject(EmbeddedBroker millrace, KafkaServer kafka) throws Exception {
        compare(millrace, kafka, "share-explicit", run -> {
            run.send("accepted", "released", "rejected", "released too");
            var consumer = run.consumer(Map.of("share.acknowledgement.mode", "explicit"));
            List<ConsumerRecord<String, String>> got = run.poll(consumer);
            consumer.acknowledge(got.get(0), AcknowledgeType.ACCEPT);
            consumer.acknowledge(got.get(1), AcknowledgeType.RELEASE);
            consumer.acknowledge(got.get(2), AcknowledgeType.REJECT);
            consumer.acknowledge(got.get(3), AcknowledgeType.RELEASE);
            run.commit(consumer);
            List<ConsumerRecord<String, String>> again = run.poll(consumer);
            again.forEach(record -> consumer.acknowledge(record, AcknowledgeType.ACCEPT));
            run.commit(consumer);
            run.lag();
        });
    }

    @Test
    void deliveryLimit(EmbeddedBroker millrace, KafkaServer kafka) throws Exception {
        compare(millrace, kafka, "share-limit", run -> {
            run.configure("share.delivery.count.limit", "2");
            run.send("poison");
            var consumer = run.consumer(Map.of("share.acknowledgement.mode", "explicit"));
            for (int i = 0; i < 2; i++) {
                consumer.acknowledge(run.poll(consumer).get(0), AcknowledgeType.RELEASE);
                run.commit(consumer);
            }
            run.send("next");
            consumer.acknowledge(run.poll(consumer).get(0), AcknowledgeType.ACCEPT);
            run.commit(consumer);
            run.lag();
        });
    }

    @Test
    void lockTimeout(EmbeddedBroker millrace, KafkaServer kafka) throws Exception {
        compare(millrace, kafka, "share-timeout", run -> {
            run.configure("share.record.lock.duration.ms", "1000");
            run.send("slow");
            var slow = run.consumer(Map.of("share.acknowledgement.mode", "explicit"));
            ConsumerRecord<String, String> held = run.poll(slow).get(0);
            run.see("lock " + slow.acquisitionLockTimeoutMs());
            var other = run.consumer(Map.of());
            run.pollAgain(other);
            run.commit(other);
            slow.acknowledge(held, AcknowledgeType.ACCEPT);
            run.commit(slow);
            run.lag();
        });
    }

    @Test
    void recordLimit(EmbeddedBroker millrace, KafkaServer kafka) throws Exception {
        compare(millrace, kafka, "share-record-limit", run -> {
            run.send("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
            var strict = run.consumer(Map.of("share.acquire.mode", "record_limit", "max.poll.records", "3"));
            run.poll(strict);
            run.commit(strict);
            run.poll(strict);
            run.commit(strict);
            strict.close();
            var whole = run.consumer(Map.of("share.acquire.mode", "batch_optimized", "max.poll.records", "2"));
            run.poll(whole);
            run.commit(whole);
            run.lag();
        });
    }

    @Test
    void renewal(EmbeddedBroker millrace, KafkaServer kafka) throws Exception {
        compare(millrace, kafka, "share-renew", run -> {
            run.send("long work");
            var consumer = run.consumer(Map.of("share.acknowledgement.mode", "explicit"));
            ConsumerRecord<String, String> held = run.poll(consumer).get(0);
            consumer.acknowledge(held, AcknowledgeType.RENEW);
            run.commit(consumer);
            ConsumerRecord<String, String> again = run.poll(consumer).get(0);
            consumer.acknowledge(again, AcknowledgeType.ACCEPT);
            run.commit(consumer);
            run.lag();
        });
    }

    @Test
    void whatAClosedMemberHeld(EmbeddedBroker millrace, KafkaServer kafka) throws Exception {
        compare(millrace, kafka, "share-close", run -> {
            run.send("a", "b");
            var first = run.consumer(Map.of("share.acknowledgement.mode", "explicit"));
            first.acknowledge(run.poll(first).get(0), AcknowledgeType.ACCEPT);
            first.close();
            var second = run.consumer(Map.of());
            run.poll(second);
            run.commit(second);
            run.lag();
        });
    }

    @Test
    void administration(EmbeddedBroker millrace, KafkaServer kafka) throws Exception {
        compare(millrace, kafka, "share-admin", run -> {
            run.send("0", "1", "2", "3", "4");
            var consumer = run.consumer(Map.of());
            run.poll(consumer);
            run.commit(consumer);
            ShareGroupDescription group = run.described();
            run.see(group.groupState() + " " + group.members().size() + " "
                    + group.members().iterator().next().assignment().topicPartitions());
            run.attempt(
                    "alter with a member",
                    () -> run.admin
                            .alterShareGroupOffsets(run.group, Map.of(run.partition, 3L))
                            .all());
            run.attempt(
                    "delete with a member",
                    () -> run.admin.deleteShareGroups(List.of(run.group)).all());
            consumer.close();
            run.awaitEmpty();
            run.attempt(
                    "alter",
                    () -> run.admin
                            .alterShareGroupOffsets(run.group, Map.of(run.partition, 3L))
                            .all());
            run.whereItStands();
            var back = run.consumer(Map.of());
            run.poll(back);
            run.commit(back);
            back.close();
            run.awaitEmpty();
            run.attempt(
                    "forget",
                    () -> run.admin
                            .deleteShareGroupOffsets(run.group, Set.of(run.partition.topic()))
                            .all());
            run.whereItStands();
            run.attempt(
                    "delete",
                    () -> run.admin.deleteShareGroups(List.of(run.group)).all());
            run.attempt(
                    "describe what is deleted",
                    () -> run.admin.describeShareGroups(List.of(run.group)).all());
        });
    }

    /** The program's clients of one broker, and what it saw. */
    static final class Run implements AutoCloseable {
        private static final Duration POLL = Duration.ofMillis(200);
        private static final Duration PATIENCE = Duration.ofSeconds(40);

        final StringBuilder seen = new StringBuilder();
        final String group;
        final TopicPartition partition;
        final Admin admin;
        private final String bootstrapServers;
        private final List<KafkaShareConsumer<String, String>> consumers = new ArrayList<>();

        Run(String bootstrapServers, String name) throws Exception {
            this.bootstrapServers = bootstrapServers;
            this.group = name;
            this.partition = new TopicPartition(name, 0);
            this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
            configure("share.auto.offset.reset", "earliest");
        }

        void see(String what) {
            seen.append(what).append('\n');
        }

        void configure(String key, String value) throws Exception {
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.GROUP, group),
                            List.of(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();
        }

        /** In one batch. */
        void send(String... values) {
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", bootstrapServers, "linger.ms", "1000"),
                    new StringSerializer(),
                    new StringSerializer())) {
                for (String value : values) {
                    var unused = producer.send(new ProducerRecord<>(partition.topic(), 0, null, value));
                }
                producer.flush();
            }
        }

        KafkaShareConsumer<String, String> consumer(Map<String, Object> settings) {
            Map<String, Object> config = new HashMap<>(settings);
            config.put("bootstrap.servers", bootstrapServers);
            config.put("group.id", group);
            KafkaShareConsumer<String, String> consumer =
                    new KafkaShareConsumer<>(config, new StringDeserializer(), new StringDeserializer());
            consumers.add(consumer);
            consumer.subscribe(List.of(partition.topic()));
            return consumer;
        }

        /** What comes next. */
        List<ConsumerRecord<String, String>> poll(KafkaShareConsumer<String, String> consumer) {
            List<ConsumerRecord<String, String>> got = await(consumer);
            got.forEach(record -> see("got " + record.value() + " at " + record.offset() + " for the "
                    + record.deliveryCount().orElse((short) 0) + ". time"));
            return got;
        }

        /** What comes next and was delivered before: on a slow machine its lock may have ended more than once. */
        void pollAgain(KafkaShareConsumer<String, String> consumer) {
            await(consumer)
                    .forEach(record -> see("got " + record.value() + " at " + record.offset()
                            + (record.deliveryCount().orElse((short) 0) > 1 ? " again" : " for the first time")));
        }

        private static List<ConsumerRecord<String, String>> await(KafkaShareConsumer<String, String> consumer) {
            List<ConsumerRecord<String, String>> got = new ArrayList<>();
            Awaitility.await().atMost(PATIENCE).until(() -> {
                consumer.poll(POLL).forEach(got::add);
                return !got.isEmpty();
            });
            return got;
        }

        void commit(KafkaShareConsumer<String, String> consumer) {
            consumer.commitSync()
                    .forEach((where, failure) -> see("committed " + where.topicPartition() + " "
                            + failure.map(cause -> cause.getClass().getSimpleName())
                                    .orElse("well")));
        }

        /** Kafka tells the start as it last wrote it; how much is left to do it knows. */
        void lag() throws Exception {
            admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(group)
                    .get()
                    .forEach((where, offset) ->
                            see(where + " has a lag of " + (offset == null ? "nothing" : offset.lag())));
        }

        void whereItStands() throws Exception {
            var offsets = admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(group)
                    .get();
            offsets.forEach((where, offset) -> see(where + " stands at "
                    + (offset == null ? "nothing" : offset.startOffset() + " with a lag of " + offset.lag())));
        }

        ShareGroupDescription described() throws Exception {
            return admin.describeShareGroups(List.of(group)).all().get().get(group);
        }

        void awaitEmpty() {
            Predicate<ShareGroupDescription> empty =
                    description -> description.members().isEmpty();
            Awaitility.await().atMost(PATIENCE).until(() -> empty.test(described()));
        }

        interface Call {
            KafkaFuture<?> make();
        }

        void attempt(String what, Call call) throws InterruptedException {
            try {
                call.make().get();
                see(what + ": done");
            } catch (ExecutionException refused) {
                see(what + ": " + refused.getCause().getClass().getSimpleName());
            }
        }

        @Override
        public void close() {
            consumers.forEach(consumer -> consumer.close(Duration.ofSeconds(2)));
            admin.close(Duration.ofSeconds(2));
        }
    }
}
