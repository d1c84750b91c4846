// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.SubscriptionKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Branches of distributed transactions over a real socket, and over a crash of the broker. */
@Timeout(60)
class BranchesOverSocketTest {
    private static final BranchId BRANCH = new BranchId(7, "01ff", "02");

    private DeliveryBroker broker = new DeliveryBroker();
    private MillraceTestClient client;

    @BeforeEach
    void connect() {
        client = MillraceTestClient.connected(broker.port());
        client.openQueue("in");
        client.openQueue("out");
        client.sendTexts("in", "a", "b");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "in");
    }

    @AfterEach
    void stop() {
        client.close();
        broker.close();
    }

    private static Prepare prepare(UUID bundle, List<Commit.Send> sends, Message... accepted) {
        return new Prepare(1, bundle, BRANCH, sends, MillraceTestClient.acks(1, AckType.ACCEPT, accepted));
    }

    private static List<Commit.Send> sends(String... texts) {
        return List.of(MillraceTestClient.batch("out", 0, texts));
    }

    /** Receives "a" and prepares its acknowledgement with a send of "x". */
    private Message prepareForward() {
        Message a = client.pull(1, 1).get(0);
        client.ok(prepare(UUID.randomUUID(), sends("x"), a));
        return a;
    }

    private Outcome end(Action action) {
        return ((EndBranch.Response) client.ok(new EndBranch(UUID.randomUUID(), BRANCH, action, false))).outcome();
    }

    private ErrorCode refusal(Action action) {
        return client.status(new EndBranch(UUID.randomUUID(), BRANCH, action, false))
                .code();
    }

    private List<ListBranches.Branch> branches() {
        return ((ListBranches.Response) client.ok(new ListBranches(true, false))).branches();
    }

    private List<String> texts(long session, long consumer, String queue) {
        client.subscribe(session, consumer, SubscriptionKind.QUEUE, queue);
        return client.pullNow(consumer, 10).stream().map(Message::text).toList();
    }

    private void crash() {
        broker.crashAndRestart();
        client.close();
        client = MillraceTestClient.connected(broker.port());
        client.openQueue("in");
        client.openQueue("out");
    }

    @Test
    void preparedIsNeitherSentNorRedeliveredNorAcknowledged() {
        prepareForward();

        client.close();

        client = MillraceTestClient.connected(broker.port());
        assertEquals(List.of("b"), texts(1, 1, "in"));
        assertEquals(List.of(), texts(1, 2, "out"));
        assertEquals(1, branches().size());
    }

    @Test
    void preparedSurvivesACrashAndCommits() {
        prepareForward();
        crash();
        assertEquals(List.of("b"), texts(1, 1, "in"));

        assertEquals(Outcome.DONE, end(Action.COMMIT));

        assertEquals(List.of("x"), texts(1, 2, "out"));
        crash();
        assertEquals(List.of("b"), texts(1, 1, "in"));
        assertEquals(List.of(), branches());
    }

    @Test
    void preparedSurvivesACrashAndRollsBack() {
        prepareForward();
        crash();

        assertEquals(Outcome.DONE, end(Action.ROLLBACK));

        client.subscribe(1, 1, SubscriptionKind.QUEUE, "in");
        List<Message> again = client.pull(1, 10);
        assertEquals(List.of("a", "b"), again.stream().map(Message::text).toList());
        assertTrue(again.get(0).redelivered());
        assertEquals(1, again.get(0).deliveryCount());
        assertEquals(List.of(), texts(1, 2, "out"));
        crash();
        assertEquals(List.of("a", "b"), texts(1, 1, "in"));
        assertEquals(List.of(), texts(1, 2, "out"));
    }

    @Test
    void commitWhileTheSessionLivesSettlesOnce() {
        prepareForward();

        assertEquals(Outcome.DONE, end(Action.COMMIT));

        client.ok(new RecoverSession(1, 1, List.of()));
        assertEquals(
                List.of("b"),
                MillraceTestClient.await(client.pullAsync(1, 1, 10, 0)).stream()
                        .map(Message::text)
                        .toList());
    }

    @Test
    void prepareAndDecisionSentAgainGetTheRecordedOutcome() {
        Message a = client.pull(1, 1).get(0);
        UUID bundle = UUID.randomUUID();
        client.ok(prepare(bundle, sends("x"), a));
        assertEquals(Status.OK, client.status(prepare(bundle, sends("x"), a)));
        EndBranch commit = new EndBranch(UUID.randomUUID(), BRANCH, Action.COMMIT, false);
        client.ok(commit);

        crash();

        assertEquals(Status.OK, client.call(commit).status());
        assertEquals(List.of("x"), texts(1, 2, "out"));
        assertEquals(ErrorCode.UNKNOWN_BRANCH, refusal(Action.COMMIT));
        assertEquals(ErrorCode.UNKNOWN_BRANCH, refusal(Action.ROLLBACK));
    }

    /** A transaction manager forgets its decision on that answer, and a crash could still undo the first end. */
    @Test
    void thatThereIsNoSuchBranchIsNotSaidBeforeItsEndIsDurable() {
        prepareForward();
        broker.store().holdAppends();
        EndBranch commit = new EndBranch(UUID.randomUUID(), BRANCH, Action.COMMIT, false);
        CompletableFuture<MillraceResponse> first = client.send(commit);
        Awaitility.await().until(() -> broker.store().pendingAppends() == 1);

        try (MillraceTestClient other = MillraceTestClient.connected(broker.port())) {
            CompletableFuture<MillraceResponse> again =
                    other.send(new EndBranch(UUID.randomUUID(), BRANCH, Action.COMMIT, false));

            Awaitility.await().during(Duration.ofMillis(300)).until(() -> !again.isDone());
            broker.store().releaseAppends();
            assertEquals(Status.OK, MillraceTestClient.await(first).status());
            assertEquals(
                    ErrorCode.UNKNOWN_BRANCH,
                    MillraceTestClient.await(again).status().code());
        }
    }

    @Test
    void anotherBundleUnderAKnownBranchIsRefused() {
        prepareForward();

        Status status = client.status(prepare(UUID.randomUUID(), sends("y")));

        assertEquals(ErrorCode.DUPLICATE_BRANCH, status.code());
    }

    @Test
    void staleLeaseRefusesAllOfIt() {
        Message a = client.pull(1, 1).get(0);
        client.ok(new RecoverSession(1, 1, List.of()));

        Status status = client.status(prepare(UUID.randomUUID(), sends("x"), a));

        assertEquals(ErrorCode.TRANSACTION_ABORTED, status.code());
        assertEquals(List.of(), branches());
        assertEquals(List.of(), texts(2, 2, "out"));
    }

    @Test
    void preparedRecordCannotBeAcknowledgedUnderItsOldLease() {
        Message a = prepareForward();

        Status status = client.acknowledge(1, 1, AckType.ACCEPT, a);

        assertEquals(ErrorCode.STALE_LEASE, status.code());
    }

    @Test
    void rejectedRecordOfACommittedBranchIsDead() {
        Message a = client.pull(1, 1).get(0);
        client.ok(new Prepare(1, UUID.randomUUID(), BRANCH, List.of(), MillraceTestClient.acks(1, AckType.REJECT, a)));
        crash();

        end(Action.COMMIT);

        client.openQueue("DLQ");
        client.subscribe(1, 3, SubscriptionKind.QUEUE, "DLQ");
        assertEquals("a", client.pull(3, 1).get(0).text());
    }

    @Test
    void rollbackEndsRecordsThatReachedTheirDeliveryLimit() {
        broker.configure("in", Map.of("millrace.max.deliveries", "1"));
        prepareForward();

        end(Action.ROLLBACK);

        client.openQueue("DLQ");
        client.subscribe(1, 3, SubscriptionKind.QUEUE, "DLQ");
        assertEquals("a", client.pull(3, 1).get(0).text());
    }

    @Test
    void heuristicOutcomeIsToldUntilItIsForgotten() {
        prepareForward();
        client.ok(new EndBranch(UUID.randomUUID(), BRANCH, Action.COMMIT, true));
        crash();
        assertEquals(List.of("x"), texts(1, 2, "out"));

        assertEquals(Outcome.HEURISTICALLY_COMMITTED, end(Action.ROLLBACK));
        assertEquals(
                ListBranches.State.HEURISTICALLY_COMMITTED, branches().get(0).state());
        assertEquals(Outcome.DONE, end(Action.FORGET));

        assertEquals(ErrorCode.UNKNOWN_BRANCH, refusal(Action.FORGET));
        crash();
        assertEquals(List.of(), branches());
    }

    @Test
    void preparedBranchCannotBeForgotten() {
        prepareForward();

        assertEquals(ErrorCode.WRONG_BRANCH_STATE, refusal(Action.FORGET));
    }

    @Test
    void nonDurableSubscribersRecordStaysPinnedWhenItsConsumerCloses() {
        client.openTopic("prices");
        client.subscribe(1, 5, SubscriptionKind.NON_DURABLE, "prices");
        client.sendTexts("prices", "p");
        Message p = client.pull(5, 1).get(0);
        client.ok(new Prepare(1, UUID.randomUUID(), BRANCH, sends("x"), MillraceTestClient.acks(5, AckType.ACCEPT, p)));
        client.ok(new CloseConsumer(5, List.of()));

        end(Action.COMMIT);

        assertEquals(List.of("x"), texts(1, 2, "out"));
    }

    @Test
    void kafkaReaderIsNotStalledByAPreparedBranch() {
        prepareForward();
        client.sendTexts("out", "later");
        try (KafkaConsumer<String, String> reader = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        "127.0.0.1:" + broker.port(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new StringDeserializer(),
                new StringDeserializer())) {
            TopicPartition out = new TopicPartition("out", 0);
            reader.assign(List.of(out));
            reader.seekToBeginning(List.of(out));

            var records = reader.poll(java.time.Duration.ofSeconds(20));

            assertEquals("later", records.iterator().next().value());
        }
    }

    @Test
    void topicOfAPreparedBranchCannotBeDeleted() throws Exception {
        prepareForward();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port()))) {
            Throwable refused = org.junit.jupiter.api.Assertions.assertThrows(
                            java.util.concurrent.ExecutionException.class,
                            () -> admin.deleteTopics(List.of("out")).all().get())
                    .getCause();
            assertTrue(refused.getMessage().contains("tx list"), refused.getMessage());
            end(Action.COMMIT);

            admin.deleteTopics(List.of("out")).all().get();
        }
    }

    @Test
    void queueWithPreparedMessagesCannotBeReset() {
        prepareForward();

        Status status = client.status(new ManageGroup(
                "in", SubscriptionKind.QUEUE, "in", ManageGroup.Action.RESET, "", ManageGroup.EARLIEST));

        assertEquals(ErrorCode.IN_USE, status.code());
    }

    @Test
    void prepareBeyondTheBoundOfTheDiskIsRefusedAndTakesNothing() {
        broker.close();
        broker = new DeliveryBroker(new DeliverySettings(
                30_000, 10_000, 1_000, 1 << 20, 100, 1_000, 1 << 20, 1_000, 2_000, 2_000, 1 << 26, 100, 100));
        client.close();
        client = MillraceTestClient.connected(broker.port());
        client.openQueue("out");

        Status status = client.status(prepare(UUID.randomUUID(), sends("x".repeat(2_500))));

        assertEquals(ErrorCode.TOO_LARGE, status.code());
        assertTrue(status.message().contains("jms.transaction.spill.max.bytes"), status.message());
        assertEquals(Status.OK, client.status(prepare(UUID.randomUUID(), sends("x"))));
    }

    @Test
    void pinsOutliveTheSnapshotOfTheirPartition() {
        Message a = client.pull(1, 1).get(0);
        client.ok(prepare(UUID.randomUUID(), sends("x"), a));
        client.openTopic("filler");
        // Then so much state that a snapshot is due
        client.openQueue("in");
        for (int i = 0; i < 40; i++) {
            client.ok(new Commit(1, UUID.randomUUID(), List.of(bulk()), List.of()));
        }
        crash();

        client.subscribe(1, 1, SubscriptionKind.QUEUE, "in");

        assertTrue(client.pull(1, 1_000).stream()
                .noneMatch(message -> message.text().equals("a")));
        assertEquals(Outcome.DONE, end(Action.COMMIT));
        assertEquals(List.of("x"), texts(1, 2, "out"));
    }

    private static Commit.Send bulk() {
        return MillraceTestClient.batch("in", 0, "f".repeat(500_000));
    }

    @Test
    void requestsOnAnotherConnectionEndABranch() {
        prepareForward();
        try (MillraceTestClient operator = new MillraceTestClient(broker.port())) {
            operator.ok(new EndBranch(UUID.randomUUID(), BRANCH, Action.COMMIT, false));
        }

        assertEquals(List.of("x"), texts(1, 2, "out"));
    }

    @Test
    void recordsOfTwoSessionsOfALinkPrepareTogether() {
        client.ok(new OpenDestination("second", DestinationKind.QUEUE));
        client.sendTexts("second", "s");
        client.subscribe(2, 9, SubscriptionKind.QUEUE, "second");
        Message a = client.pull(1, 1).get(0);
        Message s = client.pull(9, 1).get(0);
        var acks = new java.util.ArrayList<>(MillraceTestClient.acks(1, AckType.ACCEPT, a));
        acks.addAll(MillraceTestClient.acks(9, AckType.ACCEPT, s));
        client.ok(new Prepare(1, UUID.randomUUID(), BRANCH, List.of(), acks));

        end(Action.COMMIT);

        client.close();
        client = MillraceTestClient.connected(broker.port());
        assertEquals(List.of("b"), texts(1, 1, "in"));
        assertEquals(List.of(), texts(1, 2, "second"));
    }
}
