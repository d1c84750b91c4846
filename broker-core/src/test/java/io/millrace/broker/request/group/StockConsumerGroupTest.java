// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import static io.millrace.broker.request.group.StockClients.GROUP;
import static io.millrace.broker.request.group.StockClients.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kafka's own consumer with {@code group.protocol=consumer} (KIP-848) against a broker on a real socket. */
class StockConsumerGroupTest {
    private static final TopicPartition FIRST = new TopicPartition("orders", 0);

    private final GroupBroker broker = new GroupBroker();

    @BeforeEach
    void createTopic() {
        broker.createTopic("orders", 2);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void consumersShareThePartitionsAndTakeOverFromOneThatLeaves() {
        try (var stays = subscribed(null)) {
            await(() -> poll(stays) && owns(stays, 2));
            try (var leaves = subscribed(null)) {
                await(() -> poll(stays, leaves) && owns(stays, 1) && owns(leaves, 1));
            }
            await(() -> poll(stays) && owns(stays, 2));
        }
    }

    @Test
    void membersGoOnThroughARestartOfTheBrokerWithoutARebalance() {
        CountingListener rebalances = new CountingListener();
        try (var member = consumer(null);
                KafkaProducer<String, String> producer = StockClients.producer(broker)) {
            member.subscribe(List.of("orders"), rebalances);
            await(() -> poll(member) && owns(member, 2));

            broker.restart();

            var unused = producer.send(new ProducerRecord<>("orders", 0, null, "after"));
            await(() -> member.poll(Duration.ofMillis(20)).count() > 0);
            member.commitSync();
            OffsetAndMetadata committed = member.committed(Set.of(FIRST)).get(FIRST);
            assertEquals(1, committed.offset());
            // By the epoch of what it read a consumer notices that a log lost its tail (KIP-320).
            assertEquals(Optional.of(true), committed.leaderEpoch().map(epoch -> epoch > 0));
            assertEquals(1, rebalances.assigned);
            assertEquals(0, rebalances.revoked);
        }
    }

    @Test
    void staticMemberComesBackWithoutARebalance() {
        CountingListener rebalances = new CountingListener();
        try (var stays = consumer("one")) {
            stays.subscribe(List.of("orders"), rebalances);
            Set<TopicPartition> share;
            try (var goes = subscribed("two")) {
                await(() -> poll(stays, goes) && owns(stays, 1) && owns(goes, 1));
                share = goes.assignment();
            }
            int before = rebalances.assigned + rebalances.revoked;
            try (var back = subscribed("two")) {
                await(() -> poll(stays, back) && owns(back, 1));
                assertEquals(share, back.assignment());
                assertEquals(before, rebalances.assigned + rebalances.revoked);
            }
        }
    }

    @Test
    void patternsFollowTopics() {
        try (var member = consumer(null)) {
            member.subscribe(new SubscriptionPattern("ord.*|bi.*"));
            await(() -> poll(member) && owns(member, 2));
            broker.createTopic("bills", 3);
            await(() -> poll(member) && owns(member, 5));
        }
    }

    @Test
    void adminListsDescribesAndGuardsTheGroup() throws Exception {
        try (Admin admin = StockClients.admin(broker);
                var member = subscribed(null)) {
            await(() -> poll(member) && owns(member, 2));
            member.commitSync(Map.of(FIRST, new OffsetAndMetadata(3)));

            ConsumerGroupDescription group = admin.describeConsumerGroups(List.of(GROUP))
                    .describedGroups()
                    .get(GROUP)
                    .get();
            assertEquals(GroupType.CONSUMER, group.type());
            assertEquals(GroupState.STABLE, group.groupState());
            assertEquals("uniform", group.partitionAssignor());
            var described = group.members().iterator().next();
            assertEquals(member.assignment(), described.assignment().topicPartitions());
            assertEquals(
                    member.assignment(),
                    described.targetAssignment().orElseThrow().topicPartitions());
            assertEquals(List.of(GROUP), list(admin, GroupType.CONSUMER));
            assertEquals(List.of(), list(admin, GroupType.CLASSIC));

            ExecutionException refused = assertThrows(
                    ExecutionException.class,
                    () -> admin.deleteConsumerGroupOffsets(GROUP, Set.of(FIRST))
                            .all()
                            .get());
            assertInstanceOf(GroupSubscribedToTopicException.class, refused.getCause());
            member.unsubscribe();
            admin.deleteConsumerGroupOffsets(GROUP, Set.of(FIRST)).all().get();
            admin.deleteConsumerGroups(List.of(GROUP)).all().get();
            assertEquals(List.of(), list(admin, GroupType.CONSUMER));
            assertEquals(
                    (short) 1,
                    admin.describeFeatures()
                            .featureMetadata()
                            .get()
                            .finalizedFeatures()
                            .get("group.version")
                            .maxVersionLevel());
        }
    }

    private static List<String> list(Admin admin, GroupType type) throws Exception {
        return admin.listGroups(new ListGroupsOptions().withTypes(Set.of(type))).all().get().stream()
                .map(GroupListing::groupId)
                .toList();
    }

    private KafkaConsumer<String, String> subscribed(String instanceId) {
        KafkaConsumer<String, String> consumer = consumer(instanceId);
        consumer.subscribe(List.of("orders"));
        return consumer;
    }

    private KafkaConsumer<String, String> consumer(String instanceId) {
        Map<String, String> config = new HashMap<>();
        if (instanceId != null) {
            config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instanceId);
        }
        return StockClients.consumerOfNewProtocol(broker, config);
    }

    @SafeVarargs
    private static boolean poll(KafkaConsumer<String, String>... consumers) {
        for (KafkaConsumer<String, String> consumer : consumers) {
            consumer.poll(Duration.ofMillis(20));
        }
        return true;
    }

    private static boolean owns(KafkaConsumer<String, String> consumer, int partitions) {
        return consumer.assignment().size() == partitions;
    }

    private static final class CountingListener implements ConsumerRebalanceListener {
        private int assigned;
        private int revoked;

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            // A consumer that does not know its topics' names yet first reconciles to nothing, and tells so.
            assigned += partitions.isEmpty() ? 0 : 1;
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            revoked++;
        }
    }
}
