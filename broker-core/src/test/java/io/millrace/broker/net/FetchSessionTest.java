// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.kafka.ResponseDecoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Incremental fetches (KIP-227) and what a fetch answers when it asks wrongly, as bytes on a socket. */
@Timeout(60)
class FetchSessionTest {
    private static final int VERSION = 17;
    private static final int PARTITIONS = 6;

    private TestBroker broker;
    private RawClient client;
    private RawClient producer;
    private TopicInfo topic;

    @BeforeEach
    void start() throws IOException {
        start(BrokerConfig.defaults().with(BrokerConfigKeys.MAX_INCREMENTAL_FETCH_SESSION_CACHE_SLOTS, 2));
    }

    private void start(BrokerConfig config) throws IOException {
        broker = new TestBroker(config);
        topic = broker.topics.create("t", PARTITIONS, Map.of()).join();
        client = new RawClient(broker.port());
        producer = new RawClient(broker.port());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        producer.close();
        broker.close();
    }

    @Test
    void answersOnlyThePartitionsThatChanged() throws IOException {
        // Given
        FetchResponseData opened = fetch(all(0), 0, 0);
        assertEquals(PARTITIONS, partitions(opened).size());
        assertNotEquals(0, opened.sessionId());
        // When
        produce(3, "a");
        FetchResponseData news = fetch(none(), opened.sessionId(), 1);
        FetchResponseData again = fetch(wanted(3, 1), opened.sessionId(), 2);
        // Then
        assertEquals(Set.of(3), partitions(news).keySet());
        assertEquals(opened.sessionId(), news.sessionId());
        assertEquals(1, partitions(news).get(3).highWatermark());
        assertTrue(again.responses().isEmpty());
    }

    @Test
    void answersTheSameAgainWhileTheClientDoesNotMoveOn() throws IOException {
        int session = fetch(all(0), 0, 0).sessionId();
        produce(3, "a");
        fetch(none(), session, 1);

        FetchResponseData again = fetch(none(), session, 2);

        assertEquals(Set.of(3), partitions(again).keySet());
    }

    @Test
    void waitsForAnyOfItsPartitionsAndForTheTimeOutWithoutNews() throws IOException {
        // Given
        int session = fetch(all(0), 0, 0).sessionId();
        // When
        int sent =
                client.send(ApiKeys.FETCH, VERSION, request(none(), session, 1).setMaxWaitMs(30_000));
        produce(5, "a");
        FetchResponseData answer = receive(sent);
        FetchResponseData empty = (FetchResponseData) client.call(
                ApiKeys.FETCH, VERSION, request(wanted(5, 1), session, 2).setMaxWaitMs(20));
        // Then
        assertEquals(Set.of(5), partitions(answer).keySet());
        assertTrue(empty.responses().isEmpty());
        assertEquals(session, empty.sessionId());
    }

    @Test
    void waitsUntilThereAreMinBytes() throws IOException {
        // Given
        int session = fetch(all(0), 0, 0).sessionId();
        produce(0, "a");
        int sent = client.send(
                ApiKeys.FETCH,
                VERSION,
                request(none(), session, 1).setMaxWaitMs(30_000).setMinBytes(1_000));
        // When
        produce(0, "b");
        produce(1, "x".repeat(1_000));
        // Then
        Map<Integer, PartitionData> answer = partitions(receive(sent));
        assertEquals(Set.of(0, 1), answer.keySet());
        assertEquals(2, answer.get(0).highWatermark());
    }

    @Test
    void forgottenPartitionsAreNotAnsweredAndNewOnesAre() throws IOException {
        // Given
        int session = fetch(wanted(0, 0), 0, 0).sessionId();
        FetchRequestData change = request(wanted(1, 0), session, 1);
        change.setForgottenTopicsData(
                List.of(new ForgottenTopic().setTopicId(id()).setPartitions(List.of(0))));
        client.call(ApiKeys.FETCH, VERSION, change);
        // When
        produce(0, "a");
        produce(1, "b");
        // Then
        assertEquals(Set.of(1), partitions(fetch(none(), session, 2)).keySet());
    }

    @Test
    void aSessionWithoutPartitionsEnds() throws IOException {
        int session = fetch(wanted(0, 0), 0, 0).sessionId();
        FetchRequestData change = request(none(), session, 1);
        change.setForgottenTopicsData(
                List.of(new ForgottenTopic().setTopicId(id()).setPartitions(List.of(0))));

        FetchResponseData answer = (FetchResponseData) client.call(ApiKeys.FETCH, VERSION, change);

        assertEquals(0, answer.sessionId());
        assertEquals(
                Errors.FETCH_SESSION_ID_NOT_FOUND.code(),
                fetch(none(), session, 2).errorCode());
    }

    @Test
    void partitionsTakeTurnsWhenTheLimitIsTight() throws IOException {
        // Given: all have more than one fetch may return
        int session = fetch(all(0), 0, 0).sessionId();
        for (int i = 0; i < PARTITIONS; i++) {
            produce(i, "x".repeat(500));
        }
        // When: a client that never moves on
        List<Integer> order = new ArrayList<>();
        for (int epoch = 1; epoch <= 2 * PARTITIONS; epoch++) {
            FetchRequestData tight = request(none(), session, epoch).setMaxBytes(100);
            partitions((FetchResponseData) client.call(ApiKeys.FETCH, VERSION, tight)).values().stream()
                    .filter(data -> FetchRecords.buffer(data).isReadable())
                    .forEach(data -> order.add(data.partitionIndex()));
        }
        // Then
        assertEquals(
                Set.copyOf(IntStream.range(0, PARTITIONS).boxed().toList()), Set.copyOf(order.subList(0, PARTITIONS)));
        assertEquals(order.subList(0, PARTITIONS), order.subList(PARTITIONS, 2 * PARTITIONS));
    }

    @Test
    void aWrongEpochOrSessionIsRefused() throws IOException {
        int session = fetch(all(0), 0, 0).sessionId();

        assertEquals(
                Errors.INVALID_FETCH_SESSION_EPOCH.code(),
                fetch(none(), session, 2).errorCode());
        assertEquals(
                Errors.FETCH_SESSION_ID_NOT_FOUND.code(),
                fetch(none(), session + 1, 1).errorCode());
        FetchResponseData otherVersion =
                (FetchResponseData) client.call(ApiKeys.FETCH, 12, request(none(), session, 1));
        assertEquals(Errors.FETCH_SESSION_TOPIC_ID_ERROR.code(), otherVersion.errorCode());
    }

    @Test
    void aSessionBelongsToItsConnectionAndEndsWithIt() throws IOException {
        int session = fetch(all(0), 0, 0).sessionId();
        try (RawClient other = new RawClient(broker.port())) {
            FetchResponseData stolen =
                    (FetchResponseData) other.call(ApiKeys.FETCH, VERSION, request(none(), session, 1));
            assertEquals(Errors.FETCH_SESSION_ID_NOT_FOUND.code(), stolen.errorCode());
            assertNotEquals(0, openOn(other));
            assertEquals(0, openOn(producer), "there are two slots");
        }
        Awaitility.await().until(() -> openOn(producer) != 0);
    }

    @Test
    void aFinalEpochClosesTheSessionAndAFullFetchReplacesIt() throws IOException {
        // Given
        int first = fetch(all(0), 0, 0).sessionId();
        // When
        int second = fetch(all(0), first, 0).sessionId();
        FetchResponseData closed = fetch(all(0), second, -1);
        // Then
        assertNotEquals(first, second);
        assertEquals(0, closed.sessionId());
        assertEquals(PARTITIONS, partitions(closed).size());
        assertEquals(
                Errors.FETCH_SESSION_ID_NOT_FOUND.code(),
                fetch(none(), first, 1).errorCode());
        assertEquals(
                Errors.FETCH_SESSION_ID_NOT_FOUND.code(),
                fetch(none(), second, 1).errorCode());
    }

    @Test
    void twoFetchesOfOneSessionOnTheWayAreAnsweredInOrder() throws IOException {
        int session = fetch(all(0), 0, 0).sessionId();

        int first =
                client.send(ApiKeys.FETCH, VERSION, request(none(), session, 1).setMaxWaitMs(30_000));
        int second =
                client.send(ApiKeys.FETCH, VERSION, request(none(), session, 2).setMaxWaitMs(30_000));
        FetchResponseData hurried = receive(first);
        produce(2, "a");

        assertTrue(hurried.responses().isEmpty());
        assertEquals(Set.of(2), partitions(receive(second)).keySet());
    }

    @Test
    void aLostPartitionIsToldOnceAndServedAgainAfterwards() throws IOException {
        // Given
        produce(0, "a");
        int session = fetch(wanted(0, 1), 0, 0).sessionId();
        int sent =
                client.send(ApiKeys.FETCH, VERSION, request(none(), session, 1).setMaxWaitMs(30_000));
        var id = broker.partitions.get("t", 0).id();
        // When
        broker.store.fail(id, Reason.IO);
        // Then
        PartitionData lost = partitions(receive(sent)).get(0);
        assertTrue(
                Set.of(Errors.NOT_LEADER_OR_FOLLOWER.code(), Errors.NONE.code()).contains(lost.errorCode()));
        Awaitility.await().until(() -> broker.partitions.find(id).isServing());
        produce(0, "b");
        assertEquals(2, partitions(fetch(wanted(0, 1), session, 2)).get(0).highWatermark());
    }

    @Test
    void aDeletedTopicIsAnUnknownIdAndTheOthersAreStillServed() throws IOException {
        // Given
        TopicInfo other = broker.topics.create("other", 1, Map.of()).join();
        List<FetchTopic> both = new ArrayList<>(all(0));
        both.add(new FetchTopic()
                .setTopicId(id(other))
                .setPartitions(List.of(new FetchPartition().setPartition(0).setPartitionMaxBytes(1 << 20))));
        int session = fetch(both, 0, 0).sessionId();
        // When
        broker.topics.delete("other").join();
        Awaitility.await().until(() -> broker.partitions.all().size() == PARTITIONS);
        produce(1, "a");
        FetchResponseData answer = fetch(none(), session, 1);
        // Then
        Map<Uuid, Short> errors = new LinkedHashMap<>();
        answer.responses()
                .forEach(found -> found.partitions().forEach(data -> errors.put(found.topicId(), data.errorCode())));
        assertEquals(Map.of(id(other), Errors.UNKNOWN_TOPIC_ID.code(), id(), Errors.NONE.code()), errors);
    }

    @Test
    void anEpochThatIsOverOrAheadIsRefusedWithTheLeader() throws IOException {
        int present = broker.partitions.get("t", 0).leaderEpoch();

        FetchResponseData old = fetch(epoch(present - 1), 0, -1);
        FetchResponseData ahead = fetch(epoch(present + 1), 0, -1);

        PartitionData fenced = partitions(old).get(0);
        assertEquals(Errors.FENCED_LEADER_EPOCH.code(), fenced.errorCode());
        assertEquals(0, fenced.currentLeader().leaderId());
        assertEquals(present, fenced.currentLeader().leaderEpoch());
        assertEquals(broker.port(), old.nodeEndpoints().find(0).port());
        assertEquals(
                Errors.UNKNOWN_LEADER_EPOCH.code(), partitions(ahead).get(0).errorCode());
    }

    @Test
    void idlePartitionsAreNotInTheAnswer() throws IOException {
        TopicInfo wide = broker.topics.create("wide", 100, Map.of()).join();
        List<FetchPartition> partitions = IntStream.range(0, 100)
                .mapToObj(i -> new FetchPartition().setPartition(i).setPartitionMaxBytes(1 << 20))
                .toList();
        int session = fetch(List.of(new FetchTopic().setTopicId(id(wide)).setPartitions(partitions)), 0, 0)
                .sessionId();

        FetchResponseData idle = fetch(none(), session, 1);

        assertTrue(idle.responses().isEmpty());
    }

    private int openOn(RawClient connection) throws IOException {
        return ((FetchResponseData) connection.call(ApiKeys.FETCH, VERSION, request(all(0), 0, 0))).sessionId();
    }

    private FetchResponseData fetch(List<FetchTopic> topics, int session, int epoch) throws IOException {
        return (FetchResponseData) client.call(ApiKeys.FETCH, VERSION, request(topics, session, epoch));
    }

    private FetchResponseData receive(int sent) throws IOException {
        var frame = client.receive();
        assertEquals(sent, ResponseDecoder.correlationId(frame));
        return (FetchResponseData) ResponseDecoder.decode(frame, ApiKeys.FETCH.id, (short) VERSION);
    }

    private static FetchRequestData request(List<FetchTopic> topics, int session, int epoch) {
        return new FetchRequestData()
                // A producer's answer may be here before the session has heard of its record.
                .setMaxWaitMs(epoch > 0 ? 300 : 0)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setSessionId(session)
                .setSessionEpoch(epoch)
                .setTopics(topics);
    }

    private List<FetchTopic> all(long offset) {
        return List.of(new FetchTopic()
                .setTopicId(id())
                .setPartitions(IntStream.range(0, PARTITIONS)
                        .mapToObj(i -> new FetchPartition()
                                .setPartition(i)
                                .setFetchOffset(offset)
                                .setPartitionMaxBytes(1 << 20))
                        .toList()));
    }

    private List<FetchTopic> wanted(int partition, long offset) {
        return List.of(new FetchTopic()
                .setTopicId(id())
                .setPartitions(List.of(new FetchPartition()
                        .setPartition(partition)
                        .setFetchOffset(offset)
                        .setPartitionMaxBytes(1 << 20))));
    }

    private List<FetchTopic> epoch(int epoch) {
        List<FetchTopic> topics = wanted(0, 0);
        topics.get(0).partitions().get(0).setCurrentLeaderEpoch(epoch);
        return topics;
    }

    private static List<FetchTopic> none() {
        return List.of();
    }

    private Uuid id() {
        return id(topic);
    }

    private static Uuid id(TopicInfo topic) {
        UUID id = topic.id();
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private static Map<Integer, PartitionData> partitions(FetchResponseData answer) {
        Map<Integer, PartitionData> found = new LinkedHashMap<>();
        answer.responses().forEach(topic -> topic.partitions().forEach(data -> found.put(data.partitionIndex(), data)));
        return found;
    }

    private void produce(int partition, String value) throws IOException {
        TopicProduceData data = new TopicProduceData().setName("t");
        data.partitionData()
                .add(ProduceRecords.set(new PartitionProduceData().setIndex(partition), TestBatches.of(value)));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) -1).setTimeoutMs(5_000);
        request.topicData().add(data);
        producer.call(ApiKeys.PRODUCE, 9, request);
    }
}
