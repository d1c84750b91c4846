// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each version of the data APIs as bytes on a socket, and the answers of a partition that is served elsewhere. */
@Timeout(60)
class DataVersionsTest {
    private static final long TIME = 1_700_000_000_000L;

    private static TestBroker broker;
    private static RawClient client;

    @BeforeAll
    static void start() throws IOException {
        broker = new TestBroker();
        client = new RawClient(broker.port());
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        broker.close();
    }

    @Test
    void everyVersionOfProduceAppends() throws IOException {
        TopicInfo topic = create("produced");
        for (int version = 3; version <= 13; version++) {
            PartitionProduceResponse answer = produce(version, topic, TestBatches.of("v" + version));

            assertEquals(Errors.NONE.code(), answer.errorCode(), "v" + version);
            assertEquals(version - 3, answer.baseOffset(), "v" + version);
        }
    }

    @Test
    void produceRefusesWhatKafkaRefuses() throws IOException {
        TopicInfo topic = create("refused");
        ByteBuf oldFormat = TestBatches.of("a");
        oldFormat.setByte(oldFormat.readerIndex() + BatchHeader.MAGIC, 1);
        ByteBuf zstd = TestBatches.of("a");
        zstd.setShort(zstd.readerIndex() + BatchHeader.ATTRIBUTES, 4);

        PartitionProduceResponse old = produce(9, topic, oldFormat);

        assertEquals(Errors.INVALID_RECORD.code(), old.errorCode());
        assertTrue(old.errorMessage().contains("format 1"), old.errorMessage());
        assertEquals(
                Errors.UNSUPPORTED_COMPRESSION_TYPE.code(),
                produce(6, topic, zstd).errorCode());
        assertEquals(
                Errors.INVALID_REQUIRED_ACKS.code(),
                produce(9, topic.name(), id(topic), 2, TestBatches.of("a"))
                        .responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0)
                        .errorCode());
        assertEquals(
                Errors.UNKNOWN_TOPIC_ID.code(),
                only(produce(13, "", Uuid.randomUuid(), -1, TestBatches.of("a")))
                        .errorCode());
    }

    @Test
    void everyVersionOfFetchReads() throws IOException {
        TopicInfo topic = create("fetched");
        produce(9, topic, TestBatches.of("a", "b"));
        for (int version = 4; version <= 18; version++) {
            PartitionData answer = only(fetch(version, topic, -1));

            assertEquals(Errors.NONE.code(), answer.errorCode(), "v" + version);
            ByteBuf records = FetchRecords.buffer(answer);
            assertEquals(2, BatchHeader.recordCount(records, records.readerIndex()), "v" + version);
        }
    }

    @Test
    void aPartitionOfAnotherBrokerIsNotServedAndItsLeaderTold() throws IOException {
        TopicInfo far = broker.cluster.createTopic("far", List.of(7), Map.of()).join();

        ProduceResponseData produced = produce(10, far.name(), id(far), -1, TestBatches.of("a"));
        FetchResponseData fetched = fetch(16, far, -1);

        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), only(produced).errorCode());
        assertEquals(7, only(produced).currentLeader().leaderId());
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), only(fetched).errorCode());
        assertEquals(7, only(fetched).currentLeader().leaderId());
        assertEquals(Errors.NOT_LEADER_OR_FOLLOWER.code(), list(11, far, -1, -1).errorCode());
        assertEquals(
                Errors.NOT_LEADER_OR_FOLLOWER.code(),
                only(fetch(12, far, -1)).errorCode(),
                "a version without the hint");
    }

    @Test
    void timestampsAreLookedUpToTheRecord() throws IOException {
        TopicInfo topic = create("timed");
        produce(9, topic, timed(10, 20, 30));
        produce(9, topic, timed(25, 60, 40));

        assertEquals(1, list(7, topic, TIME + 15, -1).offset());
        assertEquals(TIME + 20, list(7, topic, TIME + 15, -1).timestamp());
        assertEquals(4, list(7, topic, TIME + 31, -1).offset());
        assertEquals(-1, list(7, topic, TIME + 61, -1).offset());
        assertEquals(4, list(7, topic, -3, -1).offset());
        assertEquals(TIME + 60, list(7, topic, -3, -1).timestamp());
    }

    @Test
    void everyVersionOfListOffsetsAnswersItsTimestampsOnly() throws IOException {
        TopicInfo topic = create("listed");
        produce(9, topic, TestBatches.of("a", "b"));
        Map<Integer, Integer> firstVersions = Map.of(-1, 1, -2, 1, -3, 7, -4, 8, -5, 9, -6, 11);
        Map<Integer, Long> offsets = Map.of(-1, 2L, -2, 0L, -3, 0L, -4, 0L, -5, -1L, -6, -1L);
        for (int version = 1; version <= 11; version++) {
            for (int timestamp : firstVersions.keySet()) {
                ListOffsetsPartitionResponse answer = list(version, topic, timestamp, -1);
                boolean known = version >= firstVersions.get(timestamp);
                assertEquals(
                        (known ? Errors.NONE : Errors.UNSUPPORTED_VERSION).code(),
                        answer.errorCode(),
                        timestamp + " in v" + version);
                assertEquals(known ? offsets.get(timestamp) : -1, answer.offset(), timestamp + " in v" + version);
            }
        }
    }

    @Test
    void anotherLeaderEpochIsRefusedEverywhere() throws IOException {
        TopicInfo topic = create("epochs");
        int present = broker.partitions.get("epochs", 0).leaderEpoch();

        assertEquals(
                Errors.FENCED_LEADER_EPOCH.code(),
                list(4, topic, -1, present - 1).errorCode());
        assertEquals(
                Errors.UNKNOWN_LEADER_EPOCH.code(),
                list(4, topic, -1, present + 1).errorCode());
        assertEquals(
                Errors.FENCED_LEADER_EPOCH.code(),
                only(fetch(9, topic, present - 1)).errorCode());
        for (int version = 2; version <= 4; version++) {
            assertEquals(Errors.UNKNOWN_LEADER_EPOCH.code(), epochEnd(version, topic, present, present + 1));
            assertEquals(Errors.NONE.code(), epochEnd(version, topic, present, present));
        }
    }

    @Test
    void everyVersionOfMetadataNamesTheTopic() throws IOException {
        TopicInfo topic = create("described");
        for (int version = 0; version <= 13; version++) {
            MetadataRequestData request =
                    new MetadataRequestData().setTopics(List.of(new MetadataRequestTopic().setName("described")));
            MetadataResponseData answer = (MetadataResponseData) client.call(ApiKeys.METADATA, version, request);

            MetadataResponseTopic found = answer.topics().find("described");
            assertEquals(1, found.partitions().size(), "v" + version);
            assertEquals(version >= 10 ? id(topic) : Uuid.ZERO_UUID, found.topicId(), "v" + version);
        }
    }

    @Test
    void metadataFindsTopicsByIdFromVersionTwelveOn() throws IOException {
        TopicInfo topic = create("by-its-id");

        assertEquals(Errors.INVALID_REQUEST.code(), metadata(11, id(topic)).errorCode());
        assertEquals("by-its-id", metadata(12, id(topic)).name());
        assertEquals(
                Errors.UNKNOWN_TOPIC_ID.code(), metadata(13, Uuid.randomUuid()).errorCode());
    }

    @Test
    void everyVersionCreatesAndDeletes() throws IOException {
        for (int version = 2; version <= 7; version++) {
            CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(5_000);
            request.topics()
                    .add(new CreatableTopic()
                            .setName("made-" + version)
                            .setNumPartitions(1)
                            .setReplicationFactor((short) 1));
            CreateTopicsResponseData made =
                    (CreateTopicsResponseData) client.call(ApiKeys.CREATE_TOPICS, version, request);
            assertEquals(
                    Errors.NONE.code(), made.topics().find("made-" + version).errorCode());
        }
        for (int version = 1; version <= 6; version++) {
            String name = "made-" + (version + 1);
            DeleteTopicsRequestData request = new DeleteTopicsRequestData().setTimeoutMs(5_000);
            if (version < 6) {
                request.setTopicNames(List.of(name));
            } else {
                request.setTopics(List.of(new DeleteTopicState().setName(name)));
            }
            DeleteTopicsResponseData gone =
                    (DeleteTopicsResponseData) client.call(ApiKeys.DELETE_TOPICS, version, request);
            assertEquals(Errors.NONE.code(), gone.responses().find(name).errorCode());
        }
    }

    @Test
    void everyVersionOfTheSmallerApisAnswers() throws IOException {
        create("small");
        for (int version = 0; version <= 5; version++) {
            InitProducerIdResponseData id = (InitProducerIdResponseData) client.call(
                    ApiKeys.INIT_PRODUCER_ID,
                    version,
                    new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(1_000));
            assertEquals(Errors.NONE.code(), id.errorCode());
        }
        for (int version = 1; version <= 4; version++) {
            DescribeConfigsResponseData configs = (DescribeConfigsResponseData) client.call(
                    ApiKeys.DESCRIBE_CONFIGS,
                    version,
                    new DescribeConfigsRequestData()
                            .setResources(List.of(new DescribeConfigsResource()
                                    .setResourceType((byte) 2)
                                    .setResourceName("small")
                                    .setConfigurationKeys(List.of("retention.ms")))));
            assertEquals(1, configs.results().get(0).configs().size());
        }
        for (int version = 1; version <= 5; version++) {
            DescribeLogDirsResponseData logs = (DescribeLogDirsResponseData)
                    client.call(ApiKeys.DESCRIBE_LOG_DIRS, version, new DescribeLogDirsRequestData().setTopics(null));
            assertEquals(1, logs.results().size());
        }
    }

    private static TopicInfo create(String name) {
        return broker.topics.create(name, 1, Map.of()).join();
    }

    private static Uuid id(TopicInfo topic) {
        return new Uuid(topic.id().getMostSignificantBits(), topic.id().getLeastSignificantBits());
    }

    private static ByteBuf timed(int... after) {
        try (BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT)) {
            for (int ms : after) {
                builder.add(TIME + ms, null, new byte[10], List.of());
            }
            return builder.build();
        }
    }

    private static PartitionProduceResponse produce(int version, TopicInfo topic, ByteBuf batch) throws IOException {
        return only(produce(version, topic.name(), id(topic), -1, batch));
    }

    private static ProduceResponseData produce(int version, String topic, Uuid id, int acks, ByteBuf batch)
            throws IOException {
        TopicProduceData data = new TopicProduceData().setName(topic).setTopicId(id);
        data.partitionData().add(ProduceRecords.set(new PartitionProduceData().setIndex(0), batch));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) acks).setTimeoutMs(5_000);
        request.topicData().add(data);
        return (ProduceResponseData) client.call(ApiKeys.PRODUCE, version, request);
    }

    private static PartitionProduceResponse only(ProduceResponseData answer) {
        return answer.responses().iterator().next().partitionResponses().get(0);
    }

    private static FetchResponseData fetch(int version, TopicInfo topic, int epoch) throws IOException {
        FetchPartition partition =
                new FetchPartition().setCurrentLeaderEpoch(epoch).setPartitionMaxBytes(1 << 20);
        FetchTopic wanted =
                new FetchTopic().setTopic(topic.name()).setTopicId(id(topic)).setPartitions(List.of(partition));
        return (FetchResponseData) client.call(
                ApiKeys.FETCH,
                version,
                new FetchRequestData().setMaxWaitMs(0).setMaxBytes(1 << 20).setTopics(List.of(wanted)));
    }

    private static PartitionData only(FetchResponseData answer) {
        return answer.responses().get(0).partitions().get(0);
    }

    private static ListOffsetsPartitionResponse list(int version, TopicInfo topic, long timestamp, int epoch)
            throws IOException {
        ListOffsetsPartition partition =
                new ListOffsetsPartition().setTimestamp(timestamp).setCurrentLeaderEpoch(epoch);
        ListOffsetsRequestData request = new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsTopic().setName(topic.name()).setPartitions(List.of(partition))));
        return ((ListOffsetsResponseData) client.call(ApiKeys.LIST_OFFSETS, version, request))
                .topics()
                .get(0)
                .partitions()
                .get(0);
    }

    private static short epochEnd(int version, TopicInfo topic, int epoch, int known) throws IOException {
        OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        request.topics()
                .add(new OffsetForLeaderTopic()
                        .setTopic(topic.name())
                        .setPartitions(List.of(new OffsetForLeaderPartition()
                                .setLeaderEpoch(epoch)
                                .setCurrentLeaderEpoch(known))));
        return ((OffsetForLeaderEpochResponseData) client.call(ApiKeys.OFFSET_FOR_LEADER_EPOCH, version, request))
                .topics()
                .find(topic.name())
                .partitions()
                .get(0)
                .errorCode();
    }

    private static MetadataResponseTopic metadata(int version, Uuid id) throws IOException {
        MetadataRequestData request = new MetadataRequestData()
                .setTopics(List.of(new MetadataRequestTopic().setName(null).setTopicId(id)));
        return ((MetadataResponseData) client.call(ApiKeys.METADATA, version, request))
                .topics()
                .iterator()
                .next();
    }
}
