// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OpenDestination;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What belongs to the broker is not the clients'. */
class ReservedNamesTest {
    private static final String INTERNAL = "__consumer_offsets";

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private static Admin admin;

    @BeforeAll
    static void connect() throws Exception {
        admin = Admin.create(Map.of("bootstrap.servers", MILLRACE.broker().bootstrapServers()));
        InvalidTopicException early = refused(
                InvalidTopicException.class,
                admin.createTopics(List.of(new NewTopic(INTERNAL, 1, (short) 1)))
                        .all());
        assertTrue(early.getMessage().contains(INTERNAL), early.getMessage());
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
        admin.alterConsumerGroupOffsets("g", Map.of(new TopicPartition("t", 0), new OffsetAndMetadata(0)))
                .all()
                .get();
    }

    @AfterAll
    static void close() {
        admin.close();
    }

    private static <T extends Throwable> T refused(Class<T> type, KafkaFuture<?> future) {
        return assertInstanceOf(
                type, assertThrows(ExecutionException.class, future::get).getCause());
    }

    @Test
    void theGroupsTopicIsInternalAndCannotBeDeleted() throws Exception {
        assertTrue(admin.describeTopics(List.of(INTERNAL))
                .allTopicNames()
                .get()
                .get(INTERNAL)
                .isInternal());
        refused(
                InvalidTopicException.class,
                admin.deleteTopics(List.of(INTERNAL)).all());
        assertEquals(
                4,
                admin.describeTopics(List.of(INTERNAL))
                        .allTopicNames()
                        .get()
                        .get(INTERNAL)
                        .partitions()
                        .size());
    }

    @Test
    void theGroupsTopicTakesNoRecordsFromClients() {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", MILLRACE.broker().bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            ExecutionException failure = assertThrows(
                    ExecutionException.class,
                    () -> producer.send(new ProducerRecord<>(INTERNAL, "x")).get());
            assertInstanceOf(InvalidTopicException.class, failure.getCause());
        }
    }

    @Test
    void twoUnderscoresAloneAreNobodysReserve() throws Exception {
        admin.createTopics(List.of(new NewTopic("__schemas", 1, (short) 1)))
                .all()
                .get();

        assertTrue(admin.listTopics().names().get().contains("__schemas"));
    }

    @Test
    void theGroupsTopicIsNoJmsDestination() {
        try (MillraceTestClient client =
                MillraceTestClient.connected(MILLRACE.broker().port())) {
            assertEquals(
                    ErrorCode.INVALID_DESTINATION,
                    client.status(new OpenDestination(INTERNAL, DestinationKind.QUEUE))
                            .code());
        }
    }

    @Test
    void aGroupIdOfTheJmsKindIsRefused() {
        refused(
                InvalidGroupIdException.class,
                admin.alterConsumerGroupOffsets(
                                "__millrace.queue.t", Map.of(new TopicPartition("t", 0), new OffsetAndMetadata(0)))
                        .all());
    }
}
