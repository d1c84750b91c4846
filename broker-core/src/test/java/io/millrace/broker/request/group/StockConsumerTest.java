// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import static io.millrace.broker.request.group.StockClients.GROUP;
import static io.millrace.broker.request.group.StockClients.await;
import static io.millrace.broker.request.group.StockClients.consumer;
import static io.millrace.broker.request.group.StockClients.producer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kafka's own consumer with {@code group.protocol=classic} against a broker on a real socket. */
class StockConsumerTest {
    private static final Duration SHORT = Duration.ofMillis(20);
    private static final TopicPartition FIRST = new TopicPartition("orders", 0);

    private final GroupBroker broker = new GroupBroker();

    /** The group starts at offset 0 of each partition, so that these tests are about nothing but groups. */
    @BeforeEach
    void createTopic() throws Exception {
        broker.createTopic("orders", 2);
        try (Admin admin = StockClients.admin(broker)) {
            OffsetAndMetadata start = new OffsetAndMetadata(0);
            admin.alterConsumerGroupOffsets(GROUP, Map.of(FIRST, start, new TopicPartition("orders", 1), start))
                    .all()
                    .get();
        }
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void consumersShareThePartitionsAndTakeOverFromOneThatLeaves() {
        try (var stays = subscribed(Map.of())) {
            try (var leaves = subscribed(Map.of())) {
                await(() -> poll(stays, leaves) && owns(stays, 1) && owns(leaves, 1));
            }
            await(() -> poll(stays) && owns(stays, 2));
        }
    }

    @Test
    void consumersTakeOverFromOneThatDies() {
        try (var stays = subscribed(Map.of())) {
            KafkaConsumer<String, String> dies = subscribed(Map.of());
            await(() -> poll(stays, dies) && owns(stays, 1) && owns(dies, 1));

            dies.close(CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));

            await(() -> poll(stays) && owns(stays, 2));
        }
    }

    @Test
    void committedOffsetsSurviveARestartOfTheBroker() {
        produce("one", "two", "three");
        try (var before = subscribed(Map.of())) {
            assertEquals(List.of("one", "two", "three"), read(before, 3));
            before.commitSync(Map.of(FIRST, new OffsetAndMetadata(2, "note")));
        }

        broker.restart();

        try (var after = subscribed(Map.of())) {
            assertEquals(List.of("three"), read(after, 1));
            assertEquals("note", after.committed(Set.of(FIRST)).get(FIRST).metadata());
        }
    }

    @Test
    void membersStayMembersThroughARestartOfTheBroker() {
        CountingListener rebalances = new CountingListener();
        try (var member = consumer(broker, Map.of(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "20000"))) {
            member.subscribe(List.of("orders"), rebalances);
            await(() -> poll(member) && owns(member, 2));

            broker.restart();

            await(() -> {
                poll(member);
                member.commitSync(Map.of(FIRST, new OffsetAndMetadata(0)));
                return true;
            });
            assertEquals(1, rebalances.assigned);
            assertEquals(0, rebalances.revoked);
        }
    }

    @Test
    void staticMemberComesBackWithoutARebalance() {
        CountingListener rebalances = new CountingListener();
        Map<String, String> one = Map.of(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "one");
        Map<String, String> two = Map.of(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, "two");
        try (var stays = consumer(broker, one)) {
            stays.subscribe(List.of("orders"), rebalances);
            Set<TopicPartition> share;
            try (var goes = subscribed(two)) {
                await(() -> poll(stays, goes) && owns(stays, 1) && owns(goes, 1));
                share = goes.assignment();
            }
            int before = rebalances.assigned;
            try (var back = subscribed(two)) {
                await(() -> poll(stays, back) && owns(back, 1));
                assertEquals(share, back.assignment());
                assertEquals(before, rebalances.assigned);
            }
        }
    }

    @Test
    void groupNamesOfJmsAreRefused() {
        Map<String, String> reserved = Map.of(ConsumerConfig.GROUP_ID_CONFIG, "__millrace.queue.orders");
        try (var consumer = subscribed(reserved)) {
            assertThrows(InvalidGroupIdException.class, () -> consumer.poll(Duration.ofSeconds(20)));
        }
    }

    @Test
    void topicMadeAgainStartsWithoutTheOldOffsets() {
        try (var member = subscribed(Map.of())) {
            await(() -> poll(member) && owns(member, 2));
            member.commitSync(Map.of(FIRST, new OffsetAndMetadata(5)));
        }
        broker.deleteTopic("orders");
        broker.createTopic("orders", 2);
        try (var member = consumer(broker, Map.of())) {
            await(() -> member.committed(Set.of(FIRST)).get(FIRST) == null);
        }
    }

    private KafkaConsumer<String, String> subscribed(Map<String, String> more) {
        KafkaConsumer<String, String> consumer = consumer(broker, more);
        consumer.subscribe(List.of("orders"));
        return consumer;
    }

    private void produce(String... values) {
        try (KafkaProducer<String, String> producer = producer(broker)) {
            for (String value : values) {
                var unused = producer.send(new ProducerRecord<>("orders", 0, null, value));
            }
        }
    }

    private static List<String> read(KafkaConsumer<String, String> consumer, int count) {
        List<String> values = new ArrayList<>();
        await(() -> {
            consumer.poll(SHORT).forEach(record -> values.add(record.value()));
            return values.size() >= count;
        });
        return values;
    }

    @SafeVarargs
    private static boolean poll(KafkaConsumer<String, String>... consumers) {
        for (KafkaConsumer<String, String> consumer : consumers) {
            consumer.poll(SHORT);
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
            assigned++;
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            revoked++;
        }
    }
}
