// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Stock kafka-clients' transactions (KIP-98, KIP-447, KIP-664, KIP-890). */
@Timeout(120)
class StockTransactionsTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension()
            .set("transaction.abort.timed.out.transaction.cleanup.interval.ms", "100")
            .set("transaction.aborted.index.size", "3");

    private static final String COMMITTED = "read_committed";
    private static final String UNCOMMITTED = "read_uncommitted";

    private Transactional clients;

    @BeforeEach
    void connect(EmbeddedBroker broker) {
        clients = new Transactional(broker);
    }

    @Test
    void readCommittedSeesWhatWasCommittedAndNothingElse() {
        try (KafkaProducer<String, String> producer = clients.started("simple")) {
            Transactional.commit(producer, "simple", "a", "b");
            Transactional.abort(producer, "simple", "x");
            Transactional.commit(producer, "simple", "c");
        }

        assertEquals(List.of("a", "b", "c"), clients.read("simple", COMMITTED));
        assertEquals(List.of("a", "b", "x", "c"), clients.read("simple", UNCOMMITTED));
    }

    @Test
    void whatComesAfterAnUndecidedTransactionWaitsForItInOrder() {
        try (KafkaProducer<String, String> producer = clients.started("waits");
                KafkaProducer<String, String> plain = clients.plainProducer();
                KafkaConsumer<String, String> consumer = clients.consumer("waits", COMMITTED)) {
            Transactional.send(plain, "waits", "before");
            producer.beginTransaction();
            Transactional.send(producer, "waits", "within");
            Transactional.send(plain, "waits", "after");
            TopicPartition partition = new TopicPartition("waits", 0);
            consumer.assign(List.of(partition));
            List<String> seen = new ArrayList<>();
            await().until(() -> poll(consumer, seen).equals(List.of("before")));
            assertEquals(1, consumer.endOffsets(List.of(partition)).get(partition), "the last stable offset");
            poll(consumer, seen);
            assertEquals(List.of("before"), seen);

            producer.commitTransaction();

            await().until(() -> poll(consumer, seen).size() == 3);
            assertEquals(List.of("before", "within", "after"), seen);
        }
    }

    private static List<String> poll(KafkaConsumer<String, String> consumer, List<String> seen) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
            seen.add(record.value());
        }
        return seen;
    }

    @Test
    void moreAbortedTransactionsThanAreKeptInMemoryStayUnseenAlsoAfterARestart(EmbeddedBroker broker) {
        List<String> kept = new ArrayList<>();
        try (KafkaProducer<String, String> one = clients.started("many-1");
                KafkaProducer<String, String> other = clients.started("many-2")) {
            for (int i = 0; i < 12; i++) {
                one.beginTransaction();
                other.beginTransaction();
                Transactional.send(one, "many", "x" + i);
                Transactional.send(other, "many", "k" + i);
                kept.add("k" + i);
                one.abortTransaction();
                other.commitTransaction();
            }
        }
        assertEquals(kept, clients.read("many", COMMITTED));

        broker.restart();

        assertEquals(kept, clients.read("many", COMMITTED));
    }

    @Test
    void eachTransactionHasAnEpochOfItsOwn() throws Exception {
        try (KafkaProducer<String, String> producer = clients.started("epochs");
                Admin admin = clients.admin()) {
            short before = describe(admin, "epochs").producerEpoch() < 0
                    ? 0
                    : (short) describe(admin, "epochs").producerEpoch();
            for (int i = 0; i < 5; i++) {
                Transactional.commit(producer, "epochs", "v" + i);
            }

            TransactionDescription after = describe(admin, "epochs");

            assertEquals(before + 5, after.producerEpoch());
            assertEquals(TransactionState.COMPLETE_COMMIT, after.state());
        }
    }

    private static TransactionDescription describe(Admin admin, String id) throws Exception {
        return admin.describeTransactions(List.of(id)).description(id).get();
    }

    @Test
    void offsetsAreCommittedWithTheTransactionOrNotAtAll() {
        try (KafkaProducer<String, String> plain = clients.plainProducer()) {
            Transactional.send(plain, "ctp-in", "1", "2", "3");
        }
        TopicPartition input = new TopicPartition("ctp-in", 0);
        try (KafkaProducer<String, String> producer = clients.started("ctp");
                KafkaConsumer<String, String> consumer = clients.consumer("ctp", COMMITTED)) {
            consumer.subscribe(List.of("ctp-in"));
            List<String> seen = new ArrayList<>();
            await().until(() -> poll(consumer, seen).size() == 3);

            producer.beginTransaction();
            Transactional.send(producer, "ctp-out", "aborted");
            producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(2)), consumer.groupMetadata());
            producer.abortTransaction();
            assertEquals(null, consumer.committed(Set.of(input)).get(input));

            producer.beginTransaction();
            Transactional.send(producer, "ctp-out", "1'", "2'", "3'");
            producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(3)), consumer.groupMetadata());
            producer.commitTransaction();

            assertEquals(3, consumer.committed(Set.of(input)).get(input).offset());
        }
        assertEquals(List.of("1'", "2'", "3'"), clients.read("ctp-out", COMMITTED));
    }

    @Test
    void offsetsOfAnUndecidedTransactionAreUnstable() throws Exception {
        try (KafkaProducer<String, String> plain = clients.plainProducer()) {
            Transactional.send(plain, "unstable", "1");
        }
        TopicPartition input = new TopicPartition("unstable", 0);
        try (KafkaProducer<String, String> producer = clients.started("unstable");
                KafkaConsumer<String, String> consumer = clients.consumer("unstable", COMMITTED);
                Admin admin = clients.admin()) {
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(Map.of(input, new OffsetAndMetadata(1)), consumer.groupMetadata());

            assertThrows(TimeoutException.class, () -> consumer.committed(Set.of(input), Duration.ofMillis(500)));
            assertEquals(
                    null,
                    admin.listConsumerGroupOffsets("unstable")
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .get(input),
                    "who does not ask for stable offsets is told what is committed");

            producer.commitTransaction();
            assertEquals(1, consumer.committed(Set.of(input)).get(input).offset());
        }
    }

    @Test
    void aProducerWithTheSameIdFencesTheOneBeforeAndAbortsItsTransaction() {
        try (KafkaProducer<String, String> old = clients.started("fence")) {
            old.beginTransaction();
            Transactional.send(old, "fence", "old");
            try (KafkaProducer<String, String> successor = clients.started("fence")) {
                Transactional.commit(successor, "fence", "new");

                KafkaException failure = assertThrows(KafkaException.class, () -> {
                    var unused = old.send(new ProducerRecord<>("fence", 0, null, "zombie"));
                    old.commitTransaction();
                });

                assertTrue(isFencing(failure) || isFencing(failure.getCause()), () -> "not fenced but " + failure);
            }
        }
        assertEquals(List.of("new"), clients.read("fence", COMMITTED));
        assertEquals(List.of("old", "new"), clients.read("fence", UNCOMMITTED));
    }

    private static boolean isFencing(Throwable failure) {
        return failure instanceof ProducerFencedException || failure instanceof InvalidProducerEpochException;
    }

    @Test
    void aTransactionWhoseTimeIsOverIsAbortedAndItsProducerFenced() throws Exception {
        try (KafkaProducer<String, String> producer = clients.producer("slow", Map.of("transaction.timeout.ms", 300));
                Admin admin = clients.admin()) {
            producer.initTransactions();
            producer.beginTransaction();
            Transactional.send(producer, "slow", "late");

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> describe(admin, "slow").state() == TransactionState.COMPLETE_ABORT);

            assertThrows(KafkaException.class, producer::commitTransaction);
        }
        assertEquals(List.of(), clients.read("slow", COMMITTED));
    }

    @Test
    void aTimeOutAboveTheLargestIsRefused() {
        try (KafkaProducer<String, String> producer =
                clients.producer("too-long", Map.of("transaction.timeout.ms", 900_001))) {
            KafkaException refused = assertThrows(KafkaException.class, producer::initTransactions);

            assertTrue(refused.getMessage().contains("timeout"), refused.getMessage());
        }
    }

    @Test
    void operatorsSeeTransactionsAndTheirProducers() throws Exception {
        try (KafkaProducer<String, String> producer = clients.started("seen");
                Admin admin = clients.admin()) {
            producer.beginTransaction();
            Transactional.send(producer, "seen", "v");

            TransactionDescription description = describe(admin, "seen");
            assertEquals(TransactionState.ONGOING, description.state());
            assertEquals(Set.of(new TopicPartition("seen", 0)), description.topicPartitions());
            assertEquals(60_000, description.transactionTimeoutMs());
            assertTrue(description.transactionStartTimeMs().isPresent());
            List<String> ongoing = admin
                    .listTransactions(new ListTransactionsOptions()
                            .filterStates(List.of(TransactionState.ONGOING))
                            .filterOnTransactionalIdPattern("see."))
                    .all()
                    .get()
                    .stream()
                    .map(listing -> listing.transactionalId())
                    .toList();
            assertEquals(List.of("seen"), ongoing);
            ProducerState state = onlyProducer(admin, "seen");
            assertEquals(description.producerId(), state.producerId());
            assertEquals(0, state.currentTransactionStartOffset().getAsLong());

            producer.commitTransaction();
            assertTrue(
                    onlyProducer(admin, "seen").currentTransactionStartOffset().isEmpty());
            ExecutionException unknown =
                    assertThrows(ExecutionException.class, () -> describe(admin, "never-heard-of"));
            assertInstanceOf(TransactionalIdNotFoundException.class, unknown.getCause());
        }
    }

    private static ProducerState onlyProducer(Admin admin, String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<ProducerState> producers = admin.describeProducers(List.of(partition))
                .partitionResult(partition)
                .get()
                .activeProducers();
        assertEquals(1, producers.size());
        return producers.get(0);
    }

    @Test
    void anOperatorAbortsATransactionInOnePartition() throws Exception {
        try (KafkaProducer<String, String> producer = clients.started("hangs");
                Admin admin = clients.admin()) {
            Transactional.commit(producer, "hangs", "a");
            producer.beginTransaction();
            Transactional.send(producer, "hangs", "x");
            assertEquals(List.of("a"), clients.read("hangs", COMMITTED));
            ProducerState state = onlyProducer(admin, "hangs");

            admin.abortTransaction(new AbortTransactionSpec(
                            new TopicPartition("hangs", 0),
                            state.producerId(),
                            (short) state.producerEpoch(),
                            state.coordinatorEpoch().orElse(0)))
                    .all()
                    .get();

            assertTrue(
                    onlyProducer(admin, "hangs").currentTransactionStartOffset().isEmpty());
            assertEquals(List.of("a"), clients.read("hangs", COMMITTED));
        }
    }

    @Test
    void anOperatorFencesAProducer() throws Exception {
        try (KafkaProducer<String, String> producer = clients.started("fenced-out");
                Admin admin = clients.admin()) {
            producer.beginTransaction();
            Transactional.send(producer, "fenced-out", "x");

            admin.fenceProducers(List.of("fenced-out")).all().get();

            assertThrows(KafkaException.class, producer::commitTransaction);
        }
        assertEquals(List.of(), clients.read("fenced-out", COMMITTED));
    }

    @Test
    void aShareGroupThatIsToldSoReadsCommittedRecordsOnly(EmbeddedBroker broker) throws Exception {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "share-tx");
        try (KafkaProducer<String, String> producer = clients.started("share");
                Admin admin = clients.admin()) {
            admin.incrementalAlterConfigs(Map.of(
                            group,
                            List.of(
                                    set("share.isolation.level", "read_committed"),
                                    set("share.auto.offset.reset", "earliest"))))
                    .all()
                    .get();
            Transactional.abort(producer, "share-tx", "x");
            Transactional.commit(producer, "share-tx", "a");
            producer.beginTransaction();
            Transactional.send(producer, "share-tx", "b");
            List<String> seen = new ArrayList<>();
            try (KafkaShareConsumer<String, String> consumer = new KafkaShareConsumer<>(
                    Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", "share-tx"),
                    new StringDeserializer(),
                    new StringDeserializer())) {
                consumer.subscribe(List.of("share-tx"));
                await().until(() -> pollShare(consumer, seen).equals(List.of("a")));
                assertEquals(List.of("a"), pollShare(consumer, seen));

                producer.commitTransaction();

                await().until(() -> pollShare(consumer, seen).equals(List.of("a", "b")));
            }
        }
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }

    private static List<String> pollShare(KafkaShareConsumer<String, String> consumer, List<String> seen) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> seen.add(record.value()));
        return seen;
    }

    @Test
    void aTransactionGoesOnAcrossARestartOfTheBroker(EmbeddedBroker broker) {
        try (KafkaProducer<String, String> producer = clients.started("restart")) {
            producer.beginTransaction();
            Transactional.send(producer, "restart", "before");

            broker.restart();

            assertEquals(List.of(), clients.read("restart", COMMITTED));
            Transactional.send(producer, "restart", "after");
            producer.commitTransaction();
        }
        assertEquals(List.of("before", "after"), clients.read("restart", COMMITTED));
        broker.restart();
        assertEquals(List.of("before", "after"), clients.read("restart", COMMITTED));
    }

    @Test
    void aTransactionOverSeveralPartitionsAndTopicsIsOneWhole() throws Exception {
        try (Admin admin = clients.admin();
                KafkaProducer<String, String> producer = clients.started("wide")) {
            admin.createTopics(List.of(new NewTopic("wide", 5, (short) 1)))
                    .all()
                    .get();
            for (boolean commit : new boolean[] {false, true}) {
                producer.beginTransaction();
                for (int i = 0; i < 20; i++) {
                    var unused = producer.send(new ProducerRecord<>("wide", i % 5, null, commit + "-" + i));
                }
                Transactional.send(producer, "wide-too", String.valueOf(commit));
                if (commit) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
            try (KafkaConsumer<String, String> consumer = clients.consumer("wide", COMMITTED)) {
                consumer.subscribe(List.of("wide", "wide-too"));
                List<String> seen = new ArrayList<>();
                await().until(() -> poll(consumer, seen).size() == 21);
                assertFalse(seen.stream().anyMatch(value -> value.startsWith("false")));
            }
        }
    }
}
