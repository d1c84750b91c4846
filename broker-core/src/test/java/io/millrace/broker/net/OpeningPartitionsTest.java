// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stock producer and a topic of which one partition is still recovered, or cannot be (decision 24). */
@Timeout(60)
class OpeningPartitionsTest {
    private static final String TOPIC = "orders";

    private final CompletableFuture<Void> recovery = new CompletableFuture<>();
    private TestBroker broker;
    private KafkaProducer<String, String> producer;
    private TopicInfo topic;

    @BeforeEach
    void start() {
        broker = new TestBroker();
        broker.store.holdAcquisitions(1, recovery);
        topic = broker.cluster.createTopic(TOPIC, List.of(0, 0), Map.of()).join();
        Awaitility.await().until(() -> broker.partitions.find(id(0)) != null);
        broker.partitions.find(id(0)).whenServing().join();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap()), new StringSerializer(), new StringSerializer());
    }

    @AfterEach
    void stop() {
        recovery.complete(null);
        producer.close();
        broker.close();
    }

    private PartitionId id(int partition) {
        return new PartitionId(topic.id(), TOPIC, partition);
    }

    private Future<RecordMetadata> send(int partition) {
        return producer.send(new ProducerRecord<>(TOPIC, partition, null, "a"));
    }

    @Test
    void recordIsTakenWhileAnotherPartitionIsRecoveredAndThatOnesOnceItIs() throws Exception {
        Future<RecordMetadata> waiting = send(1);

        assertEquals(0, send(0).get().offset());
        assertFalse(waiting.isDone());
        BrokerException refused = assertThrows(BrokerException.class, () -> broker.partitions.get(topic, 1));
        assertEquals(Code.NOT_LEADER, refused.code(), "which a client tries again");
        recovery.complete(null);
        assertEquals(0, waiting.get().offset());
    }

    @Test
    void partitionThatCannotBeRecoveredLeavesTheOthersServed() throws Exception {
        recovery.completeExceptionally(new StorageException(Reason.CORRUPT, "orders-1 is offline: damaged"));

        assertEquals(0, send(0).get().offset());

        BrokerException refused = assertThrows(BrokerException.class, () -> broker.partitions.get(topic, 1));
        assertEquals(Code.NOT_LEADER, refused.code());
        assertEquals(id(1), broker.partitions.unserved());
    }
}
