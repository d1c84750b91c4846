// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import static io.millrace.broker.request.group.StockClients.GROUP;
import static io.millrace.broker.request.group.StockClients.admin;
import static io.millrace.broker.request.group.StockClients.await;
import static io.millrace.broker.request.group.StockClients.consumer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Kafka's own Admin client looks at groups and deletes them. */
class StockAdminTest {
    private static final TopicPartition FIRST = new TopicPartition("orders", 0);
    private static final TopicPartition SECOND = new TopicPartition("orders", 1);

    private final GroupBroker broker = new GroupBroker();

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void listsDescribesAndDeletesAGroup() throws Exception {
        OffsetAndMetadata start = new OffsetAndMetadata(0);
        broker.createTopic("orders", 2);
        try (Admin admin = admin(broker)) {
            admin.alterConsumerGroupOffsets(GROUP, Map.of(FIRST, start, SECOND, start))
                    .all()
                    .get();
            try (var member = consumer(broker, Map.of())) {
                member.subscribe(List.of("orders"));
                await(() -> {
                    member.poll(Duration.ofMillis(20));
                    return member.assignment().size() == 2;
                });
                member.commitSync(Map.of(FIRST, new OffsetAndMetadata(3, "note")));

                ConsumerGroupDescription group = describe(admin, GROUP);
                assertEquals(GroupState.STABLE, group.groupState());
                assertEquals("range", group.partitionAssignor());
                assertEquals(
                        2,
                        group.members()
                                .iterator()
                                .next()
                                .assignment()
                                .topicPartitions()
                                .size());
                assertEquals("/127.0.0.1", group.members().iterator().next().host());
                assertEquals(List.of(GROUP), list(admin));
                ExecutionException refused = assertThrows(ExecutionException.class, () -> delete(admin));
                assertInstanceOf(GroupNotEmptyException.class, refused.getCause());
            }
            assertEquals(GroupState.EMPTY, describe(admin, GROUP).groupState());
            Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get();
            assertEquals(Map.of(FIRST, new OffsetAndMetadata(3, "note"), SECOND, start), offsets);

            delete(admin);

            assertEquals(List.of(), list(admin));
            assertTrue(admin.listConsumerGroupOffsets(GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .isEmpty());
            ExecutionException gone = assertThrows(ExecutionException.class, () -> describe(admin, GROUP));
            assertInstanceOf(GroupIdNotFoundException.class, gone.getCause());
        }
    }

    @Test
    void setsOffsetsOfAGroupWithoutMembers() throws Exception {
        broker.createTopic("orders", 1);
        try (Admin admin = admin(broker)) {
            admin.alterConsumerGroupOffsets(GROUP, Map.of(FIRST, new OffsetAndMetadata(9)))
                    .all()
                    .get();
            assertEquals(
                    9,
                    admin.listConsumerGroupOffsets(GROUP)
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .get(FIRST)
                            .offset());
        }
    }

    private static ConsumerGroupDescription describe(Admin admin, String group) throws Exception {
        return admin.describeConsumerGroups(Set.of(group)).all().get().get(group);
    }

    private static List<String> list(Admin admin) throws Exception {
        return admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get().stream()
                .map(GroupListing::groupId)
                .toList();
    }

    private static void delete(Admin admin) throws Exception {
        admin.deleteConsumerGroups(Set.of(GROUP)).all().get();
    }
}
