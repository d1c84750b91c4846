// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.BundleIds;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.CloseSession;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.Drain;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeliveryOverSocketTest {
    private final DeliveryBroker broker = new DeliveryBroker();
    private MillraceTestClient client;

    @BeforeEach
    void connect() {
        client = MillraceTestClient.connected(broker.port());
    }

    @AfterEach
    void stop() {
        client.close();
        broker.close();
    }

    @Test
    void queueKeepsWhatWasSentWithoutAConsumer() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        assertEquals(List.of("a", "b"), texts(client.pull(1, 10)));
    }

    @Test
    void parkedPullIsAnsweredWhenARecordComes() {
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        var parked = client.pullAsync(1, 0, 10, 20_000);
        assertFalse(parked.isDone());

        client.sendTexts("orders", "late");

        assertEquals(List.of("late"), texts(MillraceTestClient.await(parked)));
    }

    @Test
    void twoConsumersShareAQueueWithoutDuplicates() {
        client.openQueue("orders");
        MillraceTestClient other = MillraceTestClient.connected(broker.port());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        other.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        var first = client.pullAsync(1, 0, 100, 20_000);
        var second = other.pullAsync(1, 0, 100, 20_000);
        // Both pulls have reached the partition once a later request of each connection is answered.
        client.ok(new OpenDestination("orders", DestinationKind.QUEUE));
        other.ok(new OpenDestination("orders", DestinationKind.QUEUE));

        client.sendTexts("orders", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");

        List<String> one = texts(MillraceTestClient.await(first));
        List<String> two = texts(MillraceTestClient.await(second));
        assertEquals(5, one.size());
        assertEquals(5, two.size());
        TreeSet<String> all = new TreeSet<>(one);
        all.addAll(two);
        assertEquals(10, all.size());
        other.close();
    }

    @Test
    void closingAConsumerReturnsItsBufferInOrderAndKeepsWhatWasReceived() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b", "c", "d");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        List<Message> got = client.pull(1, 3);
        client.ok(new CloseConsumer(1, MillraceTestClient.acks(1, AckType.RECEIPT, got.get(0))));
        client.subscribe(1, 2, SubscriptionKind.QUEUE, "orders");

        List<Message> rest = client.pull(2, 10);
        assertEquals(List.of("b", "c", "d"), texts(rest));
        assertFalse(rest.get(0).redelivered());
        assertEquals(Status.OK, client.acknowledge(1, 1, AckType.ACCEPT, got.get(0)));
    }

    @Test
    void recoverRedeliversWithFlagAndCount() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        List<Message> got = client.pull(1, 10);

        client.ok(new RecoverSession(1, 1, MillraceTestClient.acks(1, AckType.RECEIPT, got.get(0))));
        List<Message> again = MillraceTestClient.await(client.pullAsync(1, 1, 10, 10_000));

        assertEquals(List.of("a", "b"), texts(again));
        assertTrue(again.get(0).redelivered());
        assertEquals(1, again.get(0).deliveryCount());
        assertFalse(again.get(1).redelivered());
        assertEquals(
                ErrorCode.STALE_LEASE,
                client.acknowledge(1, 1, AckType.ACCEPT, got.get(0)).code());
        assertEquals(
                ErrorCode.STALE_SESSION_EPOCH,
                client.status(new Pull(1, 0, 1, 100, 0, List.of())).code());
    }

    @Test
    void recoverEndsAParkedPull() {
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        var parked = client.send(new Pull(1, 0, 10, 1_000, 20_000, List.of()));

        client.ok(new RecoverSession(1, 1, List.of()));

        assertEquals(
                ErrorCode.STALE_SESSION_EPOCH,
                MillraceTestClient.await(parked).status().code());
    }

    @Test
    void acknowledgedRecordsStayGoneAfterACrashAndOthersComeBackFlagged() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b", "c");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        List<Message> got = client.pull(1, 2);
        assertEquals(Status.OK, client.acknowledge(1, 1, AckType.RECEIPT, got.get(0), got.get(1)));
        assertEquals(Status.OK, client.acknowledge(1, 1, AckType.ACCEPT, got.get(0)));

        broker.crashAndRestart();
        connect();
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        List<Message> after = client.pull(1, 10);
        assertEquals(List.of("b", "c"), texts(after));
        assertTrue(after.get(0).redelivered());
        assertEquals(1, after.get(0).deliveryCount());
        assertFalse(after.stream().filter(message -> message.text().equals("c")).anyMatch(Message::redelivered));
    }

    @Test
    void anAcceptThatNobodyWaitsForTakesEffectAndTellsWhatIsStale() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        List<Message> got = client.pull(1, 2);
        List<Acknowledgement> accept = MillraceTestClient.acks(1, AckType.ACCEPT, got.get(0));
        client.ok(new Acknowledge(1, accept, false));

        Acknowledge.Response again = (Acknowledge.Response) client.call(new Acknowledge(1, accept, false));

        assertEquals(List.of(0), again.refused());
        client.ok(new CloseSession(1, List.of()));
        client.subscribe(2, 2, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of("b"), texts(client.pull(2, 10)));
    }

    @Test
    void cutConnectionGivesEverythingToOthersFlagged() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b");
        MillraceTestClient doomed = MillraceTestClient.connected(broker.port());
        doomed.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        List<Message> got = doomed.pull(1, 10);
        doomed.acknowledge(1, 1, AckType.RECEIPT, got.get(0));
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        doomed.close();

        List<Message> all = new ArrayList<>(client.pull(1, 10));
        assertEquals(List.of("a", "b"), texts(all));
        assertEquals(1, all.get(0).deliveryCount());
        assertEquals(0, all.get(1).deliveryCount());
        // Its receipt may have been on its way.
        assertTrue(all.stream().allMatch(Message::redelivered));
    }

    @Test
    void newLinkOfTheSameClientTakesOver() {
        UUID incarnation = UUID.randomUUID();
        MillraceTestClient old = MillraceTestClient.connected(broker.port(), incarnation);
        old.openQueue("orders");
        old.sendTexts("orders", "a");
        old.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        old.pull(1, 10);

        MillraceTestClient renewed = MillraceTestClient.connected(broker.port(), incarnation);
        renewed.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        assertEquals(List.of("a"), texts(renewed.pullNow(1, 10)));
        old.close();
        renewed.close();
    }

    @Test
    void drainEndsTheParkedPullAndIsAnsweredAfterIt() {
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        var parked = client.pullAsync(1, 0, 10, 600_000);

        client.ok(new Drain(1));

        assertTrue(parked.isDone());
        assertEquals(List.of(), MillraceTestClient.await(parked));
    }

    @Test
    void pullWithoutWaitingTakesWhatIsThere() {
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of(), client.pullNow(1, 10));

        client.sendTexts("orders", "a");

        assertEquals(List.of("a"), texts(client.pullNow(1, 10)));
    }

    @Test
    void nonDurableSubscriptionStartsBeforeSubscribeIsAnswered() {
        client.openTopic("prices");
        client.sendTexts("prices", "before");
        client.subscribe(1, 1, SubscriptionKind.NON_DURABLE, "prices");
        client.subscribe(1, 2, SubscriptionKind.NON_DURABLE, "prices");

        client.sendTexts("prices", "after");

        List<Message> first = client.pull(1, 10);
        assertEquals(List.of("after"), texts(first));
        assertEquals(List.of("after"), texts(client.pull(2, 10)));
        assertEquals(Status.OK, client.acknowledge(1, 1, AckType.ACCEPT, first.get(0)));
    }

    @Test
    void receivedTopicMessageCanBeAcknowledgedAfterItsConsumerClosed() {
        client.openTopic("prices");
        client.subscribe(1, 1, SubscriptionKind.NON_DURABLE, "prices");
        client.sendTexts("prices", "a");
        List<Message> got = client.pull(1, 10);
        client.ok(new CloseConsumer(1, MillraceTestClient.acks(1, AckType.RECEIPT, got.get(0))));

        assertEquals(Status.OK, client.acknowledge(1, 1, AckType.ACCEPT, got.get(0)));
        assertEquals(
                ErrorCode.UNKNOWN_CONSUMER,
                client.status(new Pull(1, 0, 1, 100, 0, List.of())).code());
    }

    @Test
    void bundleTakesEffectOverSeveralDestinationsAndOnce() {
        client.openQueue("orders");
        client.openQueue("invoices");
        client.sendTexts("orders", "o1");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        client.subscribe(1, 2, SubscriptionKind.QUEUE, "invoices");
        Message order = client.pull(1, 1).get(0);
        UUID id = UUID.randomUUID();
        var accept = MillraceTestClient.acks(1, AckType.ACCEPT, order);

        var first = client.ok(new Commit(1, id, List.of(MillraceTestClient.batch("invoices", 0, "i1")), accept));
        var again = client.ok(new Commit(1, id, List.of(MillraceTestClient.batch("invoices", 0, "i1")), accept));

        assertEquals(first, again);
        assertEquals(List.of("i1"), texts(client.pullNow(2, 10)));
        assertEquals(List.of(), client.pullNow(1, 10));
        broker.crashAndRestart();
        connect();
        client.openQueue("orders");
        client.openQueue("invoices");
        assertEquals(
                first, client.ok(new Commit(1, id, List.of(MillraceTestClient.batch("invoices", 0, "i1")), accept)));
    }

    @Test
    void aSessionsBundleSentAgainTakesEffectOnceHoweverManyOthersWereCommittedMeanwhile() {
        client.openQueue("invoices");
        UUID id = BundleIds.ofNewSession().next();
        client.ok(new Commit(1, id, List.of(MillraceTestClient.batch("invoices", 0, "i1")), List.of()));
        int others = BrokerConfig.defaults().get(BrokerConfigKeys.JMS_REMEMBERED_BUNDLES) + 1;
        for (int i = 0; i < others; i++) {
            client.sendTexts("invoices", "other");
        }

        broker.crashAndRestart();
        connect();
        client.openQueue("invoices");
        client.ok(new Commit(1, id, List.of(MillraceTestClient.batch("invoices", 0, "i1")), List.of()));

        client.subscribe(1, 1, SubscriptionKind.QUEUE, "invoices");
        client.pull(1, 1);
        List<Message> rest = new ArrayList<>();
        for (List<Message> got = client.pullNow(1, 500); !got.isEmpty(); got = client.pullNow(1, 500)) {
            rest.addAll(got);
        }
        assertEquals(others, rest.size());
    }

    @Test
    void staleLeaseRefusesTheWholeBundle() {
        client.openQueue("orders");
        client.sendTexts("orders", "o1");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message order = client.pull(1, 1).get(0);
        client.ok(new RecoverSession(1, 1, List.of()));

        Status refused = client.status(new Commit(
                1,
                UUID.randomUUID(),
                List.of(MillraceTestClient.batch("orders", 0, "never")),
                MillraceTestClient.acks(1, AckType.ACCEPT, order)));

        assertEquals(ErrorCode.TRANSACTION_ABORTED, refused.code());
        assertEquals(List.of("o1"), texts(MillraceTestClient.await(client.pullAsync(1, 1, 10, 0))));
    }

    @Test
    void wrongRequestsAreAnsweredWithASentence() {
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        assertCode(
                ErrorCode.WRONG_DESTINATION_KIND, client.status(new OpenDestination("orders", DestinationKind.TOPIC)));
        assertCode(
                ErrorCode.INVALID_DESTINATION,
                client.status(new OpenDestination("no such/name", DestinationKind.QUEUE)));
        assertCode(
                ErrorCode.INVALID_SELECTOR,
                client.status(new Subscribe(
                        1,
                        9,
                        SubscriptionKind.QUEUE,
                        "",
                        "orders",
                        List.of(0),
                        "price >",
                        false,
                        Subscribe.AT_DEFAULT)));
        assertCode(
                ErrorCode.INVALID_DESTINATION,
                client.status(new Subscribe(
                        1, 9, SubscriptionKind.QUEUE, "", "orders", List.of(7), null, false, Subscribe.AT_DEFAULT)));
        assertCode(ErrorCode.UNKNOWN_CONSUMER, client.status(new Drain(77)));
        assertCode(ErrorCode.BAD_REQUEST, client.status(new Pull(1, 0, 0, 1, 0, List.of())));
    }

    @Test
    void reversedRangeIsABadRequest() {
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        assertCode(
                ErrorCode.BAD_REQUEST,
                client.status(new Acknowledge(1, List.of(new Acknowledgement(1, 0, 9, 3, 1, AckType.ACCEPT)), true)));
    }

    @Test
    void consumerOfSeveralPartitionsGetsAllInTurn() {
        broker.createTopic("spread", 3);
        client.openQueue("spread");
        client.ok(new Subscribe(
                1, 1, SubscriptionKind.QUEUE, "", "spread", List.of(0, 1, 2), null, false, Subscribe.AT_DEFAULT));
        for (int partition = 0; partition < 3; partition++) {
            client.ok(new Commit(
                    1,
                    UUID.randomUUID(),
                    List.of(MillraceTestClient.batch("spread", partition, "p" + partition)),
                    List.of()));
        }

        TreeSet<String> all = new TreeSet<>();
        for (int i = 0; i < 3; i++) {
            all.addAll(texts(client.pull(1, 1)));
        }

        assertEquals(new TreeSet<>(List.of("p0", "p1", "p2")), all);
    }

    @Test
    void stockKafkaClientsAndConsumersReadWhatTheOtherWrote() throws Exception {
        String servers = "127.0.0.1:" + broker.port();
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        try (var producer = new KafkaProducer<>(
                        Map.<String, Object>of(
                                "bootstrap.servers", servers, "enable.idempotence", false, "compression.type", "gzip"),
                        new StringSerializer(),
                        new StringSerializer());
                var consumer = new KafkaConsumer<>(
                        Map.<String, Object>of("bootstrap.servers", servers, "isolation.level", "read_uncommitted"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            producer.send(new ProducerRecord<>("orders", "from kafka")).get();

            assertEquals(List.of("from kafka"), texts(client.pull(1, 1)));
            client.sendTexts("orders", "from jms");
            TopicPartition partition = new TopicPartition("orders", 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            List<String> read = new ArrayList<>();
            while (read.size() < 2) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> read.add(record.value()));
            }
            assertEquals(List.of("from kafka", "from jms"), read);
        }
    }

    private static void assertCode(ErrorCode code, Status status) {
        assertEquals(code, status.code(), String.valueOf(status.message()));
        assertTrue(String.valueOf(status.message()).contains(" "));
    }

    private static List<String> texts(List<Message> messages) {
        return messages.stream().map(Message::text).toList();
    }
}
