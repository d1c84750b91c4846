// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.kafka.ResponseDecoder;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Produce and Fetch as bytes on a socket. */
class ProduceFetchTest {
    private TestBroker broker;
    private RawClient client;
    private TopicInfo topic;

    @BeforeEach
    void start() throws IOException {
        broker = new TestBroker();
        topic = broker.topics.create("orders", 1, Map.of()).join();
        client = new RawClient(broker.port());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        broker.close();
    }

    @Test
    void aTopicsOwnLimitOfABatchCounts() throws IOException {
        topic = broker.topics
                .create("small", 1, Map.of("max.message.bytes", "200"))
                .join();

        assertEquals(Errors.NONE.code(), produce(TestBatches.of("x".repeat(50))).errorCode());
        assertEquals(
                Errors.MESSAGE_TOO_LARGE.code(),
                produce(TestBatches.of("x".repeat(200))).errorCode());
    }

    @Test
    void answersAResentBatchWithItsFirstOffsetAndKeepsOne() throws IOException {
        produce(TestBatches.idempotent(7, 0, 0, "a", "b"));

        PartitionProduceResponse again = produce(TestBatches.idempotent(7, 0, 0, "a", "b"));
        PartitionProduceResponse next = produce(TestBatches.idempotent(7, 0, 2, "c"));

        assertEquals(Errors.NONE.code(), again.errorCode());
        assertEquals(0, again.baseOffset());
        assertEquals(2, next.baseOffset());
    }

    @Test
    void refusesASequenceThatLeavesAGapAndAnOldEpoch() throws IOException {
        produce(TestBatches.idempotent(7, 1, 0, "a"));

        PartitionProduceResponse gap = produce(TestBatches.idempotent(7, 1, 5, "b"));
        PartitionProduceResponse oldEpoch = produce(TestBatches.idempotent(7, 0, 1, "b"));

        assertEquals(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code(), gap.errorCode());
        assertEquals(Errors.INVALID_PRODUCER_EPOCH.code(), oldEpoch.errorCode());
    }

    @Test
    void refusesABatchWithAWrongChecksum() throws IOException {
        ByteBuf batch = TestBatches.of("a");
        batch.setByte(batch.writerIndex() - 1, 0x55);

        PartitionProduceResponse answer = produce(batch);

        assertEquals(Errors.CORRUPT_MESSAGE.code(), answer.errorCode());
    }

    @Test
    void refusesAPartOfABatchAndSeveralBatches() throws IOException {
        ByteBuf whole = TestBatches.of("a");
        ByteBuf tiny = TestBatches.of("a");

        assertEquals(
                Errors.INVALID_RECORD.code(),
                produce(whole.writerIndex(whole.writerIndex() / 2)).errorCode());
        assertEquals(Errors.INVALID_RECORD.code(), produce(tiny.writerIndex(9)).errorCode());
        assertEquals(
                Errors.INVALID_RECORD.code(),
                produce(Unpooled.wrappedBuffer(TestBatches.of("a"), TestBatches.of("b")))
                        .errorCode());
        assertEquals(0, broker.partitions.get("orders", 0).highWatermark());
    }

    @Test
    void knowsNoEndOfAnEpochAboveThePresentOne() throws IOException {
        produce(TestBatches.of("a"));
        int present = broker.partitions.get("orders", 0).leaderEpoch();

        EpochEndOffset later = epochEnd(present + 1);
        EpochEndOffset now = epochEnd(present);

        assertEquals(Errors.NONE.code(), later.errorCode());
        assertEquals(-1, later.leaderEpoch());
        assertEquals(-1, later.endOffset());
        assertEquals(present, now.leaderEpoch());
        assertEquals(1, now.endOffset());
    }

    private EpochEndOffset epochEnd(int epoch) throws IOException {
        OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        request.topics()
                .add(new OffsetForLeaderTopic()
                        .setTopic("orders")
                        .setPartitions(List.of(new OffsetForLeaderPartition()
                                .setPartition(0)
                                .setCurrentLeaderEpoch(-1)
                                .setLeaderEpoch(epoch))));
        OffsetForLeaderEpochResponseData answer =
                (OffsetForLeaderEpochResponseData) client.call(ApiKeys.OFFSET_FOR_LEADER_EPOCH, 4, request);
        return answer.topics().iterator().next().partitions().get(0);
    }

    @Test
    void answersNothingToAcksZero() throws IOException {
        client.send(ApiKeys.PRODUCE, 9, request(0, TestBatches.of("a")));
        int sent = client.send(ApiKeys.API_VERSIONS, 0, new ApiVersionsRequestData());

        assertEquals(sent, ResponseDecoder.correlationId(client.receive()));
        Awaitility.await().until(() -> broker.partitions.get("orders", 0).highWatermark() == 1);
    }

    @Test
    void fetchWaitsForARecordAndHoldsBackLaterAnswers() throws IOException {
        int fetch = client.send(ApiKeys.FETCH, 12, fetch(0, 30_000));
        int later = client.send(ApiKeys.API_VERSIONS, 0, new ApiVersionsRequestData());

        try (RawClient producer = new RawClient(broker.port())) {
            producer.call(ApiKeys.PRODUCE, 9, request(-1, TestBatches.of("a", "b")));
        }

        ByteBuf first = client.receive();
        assertEquals(fetch, ResponseDecoder.correlationId(first));
        FetchResponseData answer = (FetchResponseData) ResponseDecoder.decode(first, ApiKeys.FETCH.id, (short) 12);
        ByteBuf records =
                FetchRecords.buffer(answer.responses().get(0).partitions().get(0));
        assertEquals(0, BatchHeader.baseOffset(records, records.readerIndex()));
        assertEquals(2, BatchHeader.recordCount(records, records.readerIndex()));
        assertEquals(1, BatchHeader.partitionLeaderEpoch(records, records.readerIndex()));
        assertEquals(later, ResponseDecoder.correlationId(client.receive()));
    }

    @Test
    void fetchEndsEmptyAfterItsMaximumWait() throws IOException {
        FetchResponseData answer = (FetchResponseData) client.call(ApiKeys.FETCH, 12, fetch(0, 50));

        assertEquals(
                0,
                FetchRecords.buffer(answer.responses().get(0).partitions().get(0))
                        .readableBytes());
    }

    /** KIP-74: of what librdkafka says it can receive, the first batch alone may be larger. */
    @Test
    void fetchHoldsNoMoreThanItsMaximumAfterTheFirstBatch() throws IOException {
        topic = broker.topics.create("wide", 2, Map.of()).join();
        int size = TestBatches.of("x".repeat(500)).readableBytes();
        client.call(ApiKeys.PRODUCE, 9, request(-1, 0, TestBatches.of("x".repeat(500))));
        client.call(ApiKeys.PRODUCE, 9, request(-1, 1, TestBatches.of("y".repeat(500))));

        assertEquals(List.of(size, 0), fetchedSizes(size - 1));
        assertEquals(List.of(size, 0), fetchedSizes(2 * size - 1));
        assertEquals(List.of(size, size), fetchedSizes(2 * size));
    }

    private List<Integer> fetchedSizes(int maxBytes) throws IOException {
        FetchRequestData both = fetch(0, 30_000).setMaxBytes(maxBytes);
        FetchPartition first = both.topics().get(0).partitions().get(0);
        both.topics().get(0).setPartitions(List.of(first, first.duplicate().setPartition(1)));
        FetchResponseData answer = (FetchResponseData) client.call(ApiKeys.FETCH, 12, both);
        return answer.responses().get(0).partitions().stream()
                .map(partition -> FetchRecords.buffer(partition).readableBytes())
                .toList();
    }

    @Test
    void fetchOutsideTheLogIsOffsetOutOfRange() throws IOException {
        FetchResponseData answer = (FetchResponseData) client.call(ApiKeys.FETCH, 12, fetch(5, 30_000));

        assertEquals(
                Errors.OFFSET_OUT_OF_RANGE.code(),
                answer.responses().get(0).partitions().get(0).errorCode());
    }

    @Test
    void servesAgainAfterTheStoreTookTheLogAway() throws IOException {
        produce(TestBatches.idempotent(7, 0, 0, "a"));
        var id = broker.partitions.get("orders", 0).id();

        broker.store.fail(id, Reason.IO);

        Awaitility.await().until(() -> broker.partitions.find(id).isServing());
        PartitionProduceResponse again = produce(TestBatches.idempotent(7, 0, 0, "a"));
        assertEquals(0, again.baseOffset());
        assertTrue(broker.partitions.get("orders", 0).leaderEpoch() > 1);
    }

    private PartitionProduceResponse produce(ByteBuf batch) throws IOException {
        ProduceResponseData answer = (ProduceResponseData) client.call(ApiKeys.PRODUCE, 9, request(-1, batch));
        return answer.responses().iterator().next().partitionResponses().get(0);
    }

    private ProduceRequestData request(int acks, ByteBuf batch) {
        return request(acks, 0, batch);
    }

    private ProduceRequestData request(int acks, int partition, ByteBuf batch) {
        TopicProduceData data = new TopicProduceData().setName(topic.name());
        data.partitionData().add(ProduceRecords.set(new PartitionProduceData().setIndex(partition), batch));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) acks).setTimeoutMs(5_000);
        request.topicData().add(data);
        return request;
    }

    private FetchRequestData fetch(long offset, int maxWaitMs) {
        FetchPartition partition = new FetchPartition()
                .setPartition(0)
                .setFetchOffset(offset)
                .setCurrentLeaderEpoch(-1)
                .setPartitionMaxBytes(1 << 20);
        return new FetchRequestData()
                .setMaxWaitMs(maxWaitMs)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setTopics(List.of(new FetchTopic().setTopic(topic.name()).setPartitions(List.of(partition))));
    }
}
