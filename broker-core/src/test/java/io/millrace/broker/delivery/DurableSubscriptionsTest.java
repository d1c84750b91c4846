// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Partition;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.CloseSession;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.Disconnect;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.MillraceResponse;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import io.millrace.protocol.message.Unsubscribe;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Durable subscriptions in the broker: over several partitions, over crashes at any point, beside each other. */
@Timeout(60)
class DurableSubscriptionsTest {
    private DeliveryBroker broker;
    private MillraceTestClient client;
    private final List<String> topics = new ArrayList<>();
    private long consumers;

    @BeforeEach
    void start() {
        broker = new DeliveryBroker();
        connect();
    }

    @AfterEach
    void stop() {
        client.close();
        broker.close();
    }

    private void connect() {
        client = connected("client");
    }

    private MillraceTestClient connected(@Nullable String clientId) {
        return MillraceTestClient.connected(broker.port(), UUID.randomUUID(), clientId);
    }

    private void restart() {
        client.close();
        broker.crashAndRestart();
        connect();
        // Waits, as a client does, until their partitions serve.
        topics.forEach(client::openTopic);
    }

    private void topic(String name, int partitions) {
        broker.createTopic(name, partitions);
        topics.add(name);
        client.openTopic(name);
    }

    private Subscribe request(SubscriptionKind kind, String name, String topic, int partitions) {
        consumers++;
        return new Subscribe(
                1,
                consumers,
                kind,
                name,
                topic,
                IntStream.range(0, partitions).boxed().toList(),
                null,
                false,
                Subscribe.AT_DEFAULT);
    }

    private Subscribe durable(String name, String topic, int partitions) {
        return request(SubscriptionKind.DURABLE, name, topic, partitions);
    }

    private void send(String topic, int partition, String... texts) {
        client.ok(new Commit(
                0, UUID.randomUUID(), List.of(MillraceTestClient.batch(topic, partition, texts)), List.of()));
    }

    /** All that is there for the consumer opened last, in the order of the texts; accepts it. */
    private List<String> drain() {
        List<String> texts = new ArrayList<>();
        for (List<Message> got = client.pullNow(consumers, 100); !got.isEmpty(); got = client.pullNow(consumers, 100)) {
            client.acknowledge(1, consumers, AckType.ACCEPT, got.toArray(new Message[0]));
            got.forEach(message -> texts.add(message.text()));
        }
        return texts.stream().sorted().toList();
    }

    private void close() {
        client.ok(new CloseConsumer(consumers, List.of()));
    }

    private ErrorCode refused(Subscribe request) {
        return client.status(request).code();
    }

    @Test
    void overSeveralPartitionsItSurvivesACrashWithItsPosition() {
        topic("t", 3);
        client.ok(durable("sub", "t", 3));
        send("t", 0, "a0", "b0");
        send("t", 2, "a2", "b2");
        List<Message> first = client.pull(consumers, 1);
        client.acknowledge(1, consumers, AckType.ACCEPT, first.get(0));

        restart();
        client.ok(durable("sub", "t", 3));

        List<String> rest = drain();
        assertEquals(3, rest.size());
        assertTrue(!rest.contains(first.get(0).text()), rest + " with " + first);
    }

    @Test
    void itsKindAndTopicAreKnownAfterACrash() {
        topic("t", 2);
        topic("other", 2);
        client.ok(durable("sub", "t", 2));
        send("t", 1, "kept");

        restart();

        assertEquals(ErrorCode.IN_USE, refused(request(SubscriptionKind.SHARED_DURABLE, "sub", "t", 2)));
        client.ok(durable("sub", "other", 2));
        close();
        client.ok(durable("sub", "t", 2));
        assertEquals(List.of(), drain());
    }

    @Test
    void aCrashBeforeTheReplacementIsDurableLeavesTheOldOne() {
        topic("t", 2);
        topic("other", 2);
        client.ok(durable("sub", "t", 2));
        send("t", 0, "x");
        send("t", 1, "y");
        close();
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> replacing = client.send(durable("sub", "other", 2));
        await().until(() -> broker.store().pendingAppends() > 0);

        restart();
        broker.store().releaseAppends();

        assertTrue(!replacing.isDone() || replacing.isCompletedExceptionally(), replacing::toString);
        client.ok(durable("sub", "t", 2));
        assertEquals(List.of("x", "y"), drain());
    }

    @Test
    void aCrashAfterTheReplacementIsDurableLeavesTheNewOne() {
        topic("t", 2);
        topic("other", 2);
        client.ok(durable("sub", "t", 2));
        send("t", 0, "x");
        close();
        client.ok(durable("sub", "other", 2));
        send("other", 1, "y");

        restart();

        client.ok(durable("sub", "other", 2));
        assertEquals(List.of("y"), drain());
    }

    @Test
    void creatingIsAnsweredWhenItIsDurable() {
        topic("t", 2);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> creating = client.send(durable("sub", "t", 2));
        await().until(() -> broker.store().pendingAppends() > 0);
        assertTrue(!creating.isDone());

        broker.store().releaseAppends();

        assertEquals(Status.OK, MillraceTestClient.await(creating).status());
    }

    @Test
    void deletingOverAllPartitionsSurvivesACrash() {
        topic("t", 3);
        client.ok(durable("sub", "t", 3));
        send("t", 0, "a");
        send("t", 2, "b");
        close();
        client.ok(new Unsubscribe("sub"));

        restart();

        assertEquals(
                ErrorCode.INVALID_DESTINATION,
                client.status(new Unsubscribe("sub")).code());
        client.ok(durable("sub", "t", 3));
        assertEquals(List.of(), drain());
    }

    @Test
    void deletingOneLeavesThoseOfOtherNamesTopicsAndClientsAlone() {
        topic("t", 1);
        topic("other", 1);
        client.ok(durable("one", "t", 1));
        close();
        client.ok(durable("two", "t", 1));
        close();
        client.ok(durable("three", "other", 1));
        close();
        try (MillraceTestClient another = connected("another")) {
            another.ok(durable("one", "t", 1));
            another.ok(new CloseConsumer(consumers, List.of()));
            send("t", 0, "x");
            send("other", 0, "y");

            client.ok(new Unsubscribe("one"));

            client.ok(durable("two", "t", 1));
            assertEquals(List.of("x"), drain());
            client.ok(durable("three", "other", 1));
            assertEquals(List.of("y"), drain());
            another.ok(durable("one", "t", 1));
            assertEquals("x", another.pullNow(consumers, 10).get(0).text());
        }
    }

    @Test
    void aPartitionAddedLaterIsInItFromTheEarliestRecordOn() {
        topic("t", 1);
        client.ok(durable("sub", "t", 1));
        close();
        broker.addPartitions("t", 2);
        send("t", 1, "b");
        send("t", 2, "c");

        client.ok(durable("sub", "t", 3));

        assertEquals(List.of("b", "c"), drain());
    }

    @Test
    void aPartitionAddedLaterKeepsItsRecordsForItBeforeAnyConsumerComes() {
        topic("t", 1);
        client.ok(durable("sub", "t", 1));
        close();
        broker.addPartitions("t", 1);
        Partition added = broker.partition("t", 1);
        GroupKey key = GroupKey.ofSubscription(SubscriptionKind.DURABLE, "client", "sub");

        await().until(() -> Calls.on(
                        added::execute,
                        () -> CompletableFuture.completedFuture(
                                DeliveryMachines.of(added).find(key) != null))
                .join());

        send("t", 1, "x");
        restart();
        client.ok(durable("sub", "t", 2));
        assertEquals(List.of("x"), drain());
    }

    @Test
    void ofTwoOfOneNameTheOneMadeLastCountsAndTheOtherGoes() {
        // As a partition that was late at recovery may bring it to light.
        topic("old", 1);
        topic("new", 1);
        GroupKey key = GroupKey.ofSubscription(SubscriptionKind.DURABLE, "client", "sub");
        put("old", new SubscriptionSpec(key, null, false, 5));
        put("new", new SubscriptionSpec(key, null, false, 9));
        send("old", 0, "o");
        send("new", 0, "n");

        client.ok(durable("sub", "new", 1));

        assertEquals(List.of("n"), drain());
        Partition old = broker.partition("old", 0);
        assertEquals(
                null,
                Calls.on(
                                old::execute,
                                () -> CompletableFuture.completedFuture(
                                        DeliveryMachines.of(old).find(key)))
                        .join());
    }

    private void put(String topic, SubscriptionSpec spec) {
        Partition partition = broker.partition(topic, 0);
        assertNotNull(Calls.on(
                        partition::execute,
                        () -> partition.append(
                                Append.ofState(DeliveryMachines.of(partition).creation(spec, 0))))
                .join());
    }

    @Test
    void twoThatAskForOneNameAtOnceShareIt() {
        topic("t", 2);
        CompletableFuture<MillraceResponse> one = client.send(request(SubscriptionKind.SHARED_DURABLE, "sub", "t", 2));
        CompletableFuture<MillraceResponse> two = client.send(request(SubscriptionKind.SHARED_DURABLE, "sub", "t", 2));

        assertEquals(Status.OK, MillraceTestClient.await(one).status());
        assertEquals(Status.OK, MillraceTestClient.await(two).status());
        send("t", 0, "a");
        assertEquals(1, client.pullNow(1, 1).size() + client.pullNow(2, 1).size());
    }

    @Test
    void ofTwoThatAskForAnUnsharedOneAtOnceOneGetsIt() {
        topic("t", 2);
        CompletableFuture<MillraceResponse> one = client.send(durable("sub", "t", 2));
        CompletableFuture<MillraceResponse> two = client.send(durable("sub", "t", 2));

        List<ErrorCode> codes = List.of(
                MillraceTestClient.await(one).status().code(),
                MillraceTestClient.await(two).status().code());
        assertEquals(
                List.of(ErrorCode.NONE, ErrorCode.IN_USE),
                codes.stream().sorted().toList());
    }

    @Test
    void aConsumerThatIsClosedWhileItIsMadeLeavesItsSubscriptionInactive() {
        topic("t", 2);
        broker.store().holdAppends();
        CompletableFuture<MillraceResponse> creating = client.send(durable("sub", "t", 2));
        await().until(() -> broker.store().pendingAppends() > 0);
        CompletableFuture<MillraceResponse> closing = client.send(new CloseConsumer(consumers, List.of()));

        broker.store().releaseAppends();

        assertEquals(
                ErrorCode.UNAVAILABLE,
                MillraceTestClient.await(creating).status().code());
        assertEquals(Status.OK, MillraceTestClient.await(closing).status());
        client.ok(durable("sub", "t", 2));
    }

    @Test
    void aCutConnectionLeavesItsSubscriptionInactive() {
        topic("t", 1);
        client.ok(durable("sub", "t", 1));
        client.close();
        client = await().until(
                        () -> {
                            MillraceTestClient again = new MillraceTestClient(broker.port());
                            boolean free = again.call(new Connect(UUID.randomUUID(), "client", 30_000))
                                    .status()
                                    .isOk();
                            if (!free) {
                                again.close();
                            }
                            return free ? again : null;
                        },
                        Objects::nonNull);

        client.ok(durable("sub", "t", 1));
    }

    @Test
    void closingTheSessionSettlesWhatHindersDeletion() {
        topic("t", 1);
        client.ok(durable("sub", "t", 1));
        send("t", 0, "a");
        Message got = client.pull(consumers, 1).get(0);
        client.acknowledge(1, consumers, AckType.RECEIPT, got);
        close();
        assertEquals(ErrorCode.IN_USE, client.status(new Unsubscribe("sub")).code());

        client.ok(new CloseSession(1, List.of()));

        client.ok(new Unsubscribe("sub"));
    }

    @Test
    void aClientIdIsOfOneClientUntilItDisconnects() {
        MillraceTestClient second = new MillraceTestClient(broker.port());
        Connect connect = new Connect(UUID.randomUUID(), "client", 30_000);
        assertEquals(ErrorCode.IN_USE, second.status(connect).code());

        client.ok(new Disconnect());

        second.ok(connect);
        second.close();
    }

    @Test
    void theSameClientMayComeAgainAndItsEarlierLinkEnds() {
        topic("t", 1);
        UUID incarnation = UUID.randomUUID();
        MillraceTestClient first = MillraceTestClient.connected(broker.port(), incarnation, "mobile");
        first.ok(durable("sub", "t", 1));

        MillraceTestClient second = MillraceTestClient.connected(broker.port(), incarnation, "mobile");

        second.ok(durable("sub", "t", 1));
        first.close();
        // The end of the first connection does not free the id.
        try (MillraceTestClient thief = new MillraceTestClient(broker.port())) {
            assertEquals(
                    ErrorCode.IN_USE,
                    thief.status(new Connect(UUID.randomUUID(), "mobile", 30_000))
                            .code());
        }
        second.close();
    }

    @Test
    void aRequestBeforeTheClientIdIsItsOwnIsRefused() {
        try (MillraceTestClient second = new MillraceTestClient(broker.port())) {
            var connecting = second.send(new Connect(UUID.randomUUID(), "client", 30_000));
            var early = second.send(new Unsubscribe("sub"));

            assertEquals(
                    ErrorCode.IN_USE,
                    MillraceTestClient.await(connecting).status().code());
            assertEquals(
                    ErrorCode.BAD_REQUEST,
                    MillraceTestClient.await(early).status().code());
        }
    }

    @Test
    void badNamesAreRefused() {
        topic("t", 1);
        assertEquals(ErrorCode.INVALID_DESTINATION, refused(durable("", "t", 1)));
        assertEquals(ErrorCode.INVALID_DESTINATION, refused(durable("n".repeat(1_025), "t", 1)));
        // Refused ones leave nothing behind.
        client.ok(durable("sub", "t", 1));
    }

    @Test
    void whatAClientNeverAsksForIsRefusedAndEndsItsConnection() {
        topic("t", 1);
        for (SubscriptionKind kind : List.of(SubscriptionKind.NON_DURABLE, SubscriptionKind.SHARED_DURABLE)) {
            Subscribe badStart = new Subscribe(1, 99, kind, "sub", "t", List.of(0), null, false, -3);
            try (MillraceTestClient bad = connected(null)) {
                assertEquals(ErrorCode.BAD_REQUEST, bad.status(badStart).code());
            }
        }
        try (MillraceTestClient nameless = connected(null)) {
            assertEquals(
                    ErrorCode.BAD_REQUEST,
                    nameless.status(durable("sub", "t", 1)).code());
        }
        client.ok(request(SubscriptionKind.SHARED_DURABLE, "sub", "t", 1));
    }
}
