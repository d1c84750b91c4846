// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.MessageBuffers;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Requests that several comparisons make. */
final class Requests {
    static final long TIMESTAMP_MS = 1_700_000_000_000L;

    private Requests() {}

    static Step topic(String name, int partitions) {
        return Step.given("a topic " + name, broker -> {
            CreatableTopic topic = new CreatableTopic()
                    .setName(name)
                    .setNumPartitions(partitions)
                    .setReplicationFactor((short) 1);
            CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(10_000);
            request.topics().add(topic);
            broker.call(ApiKeys.CREATE_TOPICS, 5, request);
            awaitTopic(broker, name);
            return "";
        });
    }

    /** Kafka answers before its own metadata cache has the topic. */
    private static void awaitTopic(Subject broker, String name) throws IOException {
        for (int attempt = 0; attempt < 1000; attempt++) {
            if (!topicId(broker, name).equals(Uuid.ZERO_UUID)) {
                return;
            }
        }
        throw new IOException("topic " + name + " did not appear");
    }

    static Uuid topicId(Subject broker, String name) throws IOException {
        MetadataRequestData request = new MetadataRequestData().setAllowAutoTopicCreation(false);
        request.setTopics(List.of(new MetadataRequestTopic().setName(name)));
        MetadataResponseData answer = (MetadataResponseData) broker.call(ApiKeys.METADATA, 11, request);
        return answer.topics().find(name).topicId();
    }

    /** The leader epoch of partition 0, remembered as {@code name}: brokers do not count alike. */
    static Step leaderEpoch(String topic, String name) {
        return Step.given("the leader epoch of " + topic, broker -> {
            MetadataRequestData request = new MetadataRequestData().setAllowAutoTopicCreation(false);
            request.setTopics(List.of(new MetadataRequestTopic().setName(topic)));
            MetadataResponseData answer = (MetadataResponseData) broker.call(ApiKeys.METADATA, 11, request);
            broker.remember(
                    name, answer.topics().find(topic).partitions().get(0).leaderEpoch());
            return "";
        });
    }

    /** The id that the broker has among brokers. */
    static int nodeId(Subject broker) throws IOException {
        MetadataRequestData request = new MetadataRequestData().setTopics(List.of());
        MetadataResponseData answer = (MetadataResponseData) broker.call(ApiKeys.METADATA, 11, request);
        return answer.brokers().iterator().next().nodeId();
    }

    static ProduceRequestData produce(String topic, int partition, int acks, ByteBuf records) {
        TopicProduceData data = new TopicProduceData().setName(topic);
        data.setPartitionData(List.of(records(new PartitionProduceData().setIndex(partition), records)));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) acks).setTimeoutMs(10_000);
        request.topicData().add(data);
        return request;
    }

    static PartitionProduceData records(PartitionProduceData partition, ByteBuf records) {
        return records == null ? partition.setRecords(null) : ProduceRecords.set(partition, records);
    }

    static ByteBuf batch(String... values) {
        return build(new BatchBuilder(ByteBufAllocator.DEFAULT), values);
    }

    static ByteBuf batch(long producerId, int epoch, int sequence, String... values) {
        return build(new BatchBuilder(ByteBufAllocator.DEFAULT).producer(producerId, (short) epoch, sequence), values);
    }

    static ByteBuf transactional(long producerId, int epoch, int sequence, String... values) {
        return build(
                new BatchBuilder(ByteBufAllocator.DEFAULT)
                        .producer(producerId, (short) epoch, sequence)
                        .transactional(),
                values);
    }

    /** Record i has the timestamp {@link #TIMESTAMP_MS} + i. */
    private static ByteBuf build(BatchBuilder builder, String... values) {
        try (builder) {
            for (int i = 0; i < values.length; i++) {
                builder.add(TIMESTAMP_MS + i, null, values[i].getBytes(StandardCharsets.UTF_8), List.of());
            }
            return builder.build();
        }
    }

    /** A new producer id, remembered as {@code name}. */
    static Step producerId(String name) {
        return Step.given("a producer id " + name, broker -> {
            InitProducerIdRequestData request =
                    new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(60_000);
            InitProducerIdResponseData answer;
            do {
                answer = (InitProducerIdResponseData) broker.call(ApiKeys.INIT_PRODUCER_ID, 4, request);
                // Kafka asks its controller for the first ids.
            } while (answer.errorCode() == Errors.COORDINATOR_LOAD_IN_PROGRESS.code());
            broker.remember(name, answer.producerId());
            return "";
        });
    }

    static FetchRequestData fetch(FetchTopic... topics) {
        return new FetchRequestData()
                .setMaxWaitMs(0)
                .setMinBytes(0)
                .setMaxBytes(1 << 20)
                .setIsolationLevel((byte) 0)
                .setSessionId(0)
                .setSessionEpoch(-1)
                .setTopics(List.of(topics));
    }

    static FetchTopic fetchTopic(String topic, FetchPartition... partitions) {
        return new FetchTopic().setTopic(topic).setPartitions(List.of(partitions));
    }

    static FetchPartition fetchPartition(int partition, long offset, int maxBytes) {
        return new FetchPartition()
                .setPartition(partition)
                .setCurrentLeaderEpoch(-1)
                .setFetchOffset(offset)
                .setLastFetchedEpoch(-1)
                .setLogStartOffset(-1)
                .setPartitionMaxBytes(maxBytes);
    }

    /** Fetches; answers errors, marks and which batches came, by their offsets. */
    static String fetched(Subject broker, int version, FetchRequestData request) throws IOException {
        FetchResponseData answer = (FetchResponseData) broker.call(ApiKeys.FETCH, version, request);
        StringBuilder text = new StringBuilder(
                "error " + answer.errorCode() + ", session " + (answer.sessionId() == 0 ? "none" : "some") + "\n");
        answer.responses()
                .forEach(topic -> topic.partitions().forEach(partition -> {
                    text.append(topic.topic())
                            .append(topic.topicId().equals(Uuid.ZERO_UUID) ? "" : "by id")
                            .append(" p")
                            .append(partition.partitionIndex());
                    text.append(partition.errorCode() == 0 ? marks(partition) : " error " + partition.errorCode());
                    text.append(" batches ")
                            .append(batches(FetchRecords.buffer(partition)))
                            .append('\n');
                }));
        MessageBuffers.release(answer);
        return text.toString();
    }

    private static String marks(PartitionData partition) {
        List<?> aborted = partition.abortedTransactions();
        return " high " + partition.highWatermark()
                + " stable " + partition.lastStableOffset()
                + " start " + partition.logStartOffset()
                + " preferred " + partition.preferredReadReplica()
                + " aborted " + (aborted == null ? 0 : aborted.size());
    }

    private static String batches(ByteBuf records) {
        if (records == null) {
            return "null";
        }
        StringBuilder text = new StringBuilder("[");
        int at = records.readerIndex();
        while (records.writerIndex() - at >= BatchHeader.SIZE) {
            int size = BatchHeader.sizeInBytes(records, at);
            if (size > records.writerIndex() - at) {
                break;
            }
            long base = BatchHeader.baseOffset(records, at);
            long last = base + records.getInt(at + BatchHeader.LAST_OFFSET_DELTA);
            text.append(base).append('-').append(last).append(' ');
            at += size;
        }
        return text.append(at < records.writerIndex() ? "cut]" : "]").toString();
    }
}
