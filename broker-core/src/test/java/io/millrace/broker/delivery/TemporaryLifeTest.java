// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.CreateTemporary;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How temporary destinations end, however their connection does, and who sees them (Jakarta Messaging 3.1, sections
 * 4.1.5 and 6.2.2).
 */
@Timeout(120)
class TemporaryLifeTest {
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.builder()
                .set("jms.heartbeat.timeout.ms", "60000")
                .set("jms.temporary.max", "50")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static MillraceTestClient client() {
        return MillraceTestClient.connected(broker.port());
    }

    private static String temporary(MillraceTestClient by) {
        return ((CreateTemporary.Response) by.ok(new CreateTemporary(DestinationKind.QUEUE))).name();
    }

    private static ErrorCode opening(MillraceTestClient by, String name) {
        return by.status(new OpenDestination(name, DestinationKind.QUEUE)).code();
    }

    private static void awaitEndOf(String name) {
        try (MillraceTestClient witness = client()) {
            Awaitility.await().until(() -> opening(witness, name) == ErrorCode.INVALID_DESTINATION);
        }
    }

    @Test
    void endsWhenItsSocketIsCutWithoutAWord() {
        MillraceTestClient owner = client();
        String name = temporary(owner);
        owner.subscribe(1, 1, SubscriptionKind.QUEUE, name);
        var pull = owner.pullAsync(1, 0, 1, 60_000);

        owner.close();

        awaitEndOf(name);
        assertTrue(pull.isCompletedExceptionally());
    }

    @Test
    void endsWhenItsClientFallsSilent() {
        try (MillraceTestClient owner = new MillraceTestClient(broker.port())) {
            owner.ok(new Connect(UUID.randomUUID(), null, 300));
            String name = temporary(owner);

            awaitEndOf(name);
        }
    }

    @Test
    void endsWhenItsClientConnectsAnew() {
        UUID incarnation = UUID.randomUUID();
        try (MillraceTestClient owner = MillraceTestClient.connected(broker.port(), incarnation)) {
            String name = temporary(owner);

            try (MillraceTestClient again = MillraceTestClient.connected(broker.port(), incarnation)) {
                assertEquals(ErrorCode.INVALID_DESTINATION, opening(again, name));
            }
        }
    }

    @Test
    void oneEndedConnectionLeavesThoseOfOthers() {
        try (MillraceTestClient staying = client()) {
            String kept = temporary(staying);
            MillraceTestClient leaving = client();
            String gone = temporary(leaving);

            leaving.close();

            awaitEndOf(gone);
            assertEquals(ErrorCode.NONE, opening(staying, kept));
        }
    }

    @Test
    void onlyItsOwnLinkSubscribes() {
        try (MillraceTestClient owner = client();
                MillraceTestClient other = client()) {
            String name = temporary(owner);
            Subscribe subscribe = new Subscribe(
                    1, 1, SubscriptionKind.QUEUE, "", name, List.of(0), null, false, Subscribe.AT_DEFAULT);

            assertEquals(ErrorCode.INVALID_DESTINATION, other.status(subscribe).code());
            assertEquals(ErrorCode.NONE, owner.status(subscribe).code());
        }
    }

    @Test
    void hasTheKindItWasMadeWith() {
        try (MillraceTestClient owner = client()) {
            String name = temporary(owner);

            assertEquals(
                    ErrorCode.WRONG_DESTINATION_KIND,
                    owner.status(new OpenDestination(name, DestinationKind.TOPIC))
                            .code());
        }
    }

    @Test
    void theirNumberIsBounded() {
        try (MillraceTestClient owner = client()) {
            List<ErrorCode> outcomes = IntStream.range(0, 51)
                    .mapToObj(i -> owner.status(new CreateTemporary(DestinationKind.TOPIC))
                            .code())
                    .toList();

            assertEquals(ErrorCode.NONE, outcomes.get(0));
            assertEquals(ErrorCode.UNAVAILABLE, outcomes.get(50));
        }
    }

    @Test
    void kafkaClientsNeitherSeeNorReadNorMakeThem() throws Exception {
        try (MillraceTestClient owner = client();
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers(), "default.api.timeout.ms", 2_000),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            String name = temporary(owner);
            owner.sendTexts(name, "private");

            assertFalse(admin.listTopics(new ListTopicsOptions().listInternal(true))
                    .names()
                    .get()
                    .contains(name));
            assertInstanceOf(
                    UnknownTopicOrPartitionException.class,
                    assertThrows(
                                    ExecutionException.class,
                                    () -> admin.describeTopics(List.of(name))
                                            .allTopicNames()
                                            .get())
                            .getCause());
            assertThrows(
                    org.apache.kafka.common.errors.TimeoutException.class,
                    () -> consumer.endOffsets(List.of(new TopicPartition(name, 0))));
            assertInstanceOf(
                    InvalidTopicException.class,
                    assertThrows(
                                    ExecutionException.class,
                                    () -> admin.createTopics(List.of(new NewTopic("__millrace.tmp.mine", 1, (short) 1)))
                                            .all()
                                            .get())
                            .getCause());
            owner.subscribe(1, 1, SubscriptionKind.QUEUE, name);
            assertEquals("private", owner.pull(1, 1).get(0).text());
        }
    }
}
