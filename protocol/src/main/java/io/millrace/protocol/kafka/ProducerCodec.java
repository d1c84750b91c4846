// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.MalformedFrameException;
import io.millrace.protocol.message.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * The two Kafka requests of an idempotent producer, without Kafka's types: what Millrace's own client sends with. Topics
 * go by name, so the Produce version stays below 13. Has no state; safe for any thread.
 */
public final class ProducerCodec {
    private static final short INIT_VERSION = 4;
    private static final short PRODUCE_VERSION = 9;
    private static final short ALL_REPLICAS = -1;

    private ProducerCodec() {}

    /**
     * What InitProducerId answered.
     *
     * @param status OK when there is a producer id
     * @param producerId the id, -1 unless OK
     * @param epoch its epoch
     */
    public record ProducerId(Status status, long producerId, short epoch) {}

    /**
     * What Produce answered for its one batch.
     *
     * @param status OK when the batch is durable
     * @param baseOffset the offset of its first record, -1 unless OK
     */
    public record Produced(Status status, long baseOffset) {}

    /** A whole InitProducerId frame, for a producer without transactional id. */
    public static ByteBuf initProducerId(ByteBufAllocator allocator, int correlationId, @Nullable String clientId) {
        InitProducerIdRequestData request =
                new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(60_000);
        return RequestEncoder.encode(
                allocator, header(ApiKeys.INIT_PRODUCER_ID, INIT_VERSION, correlationId, clientId), request);
    }

    /** Reads the answer to {@link #initProducerId}; the caller keeps its reference of the frame. */
    public static ProducerId decodeProducerId(ByteBuf frame) {
        InitProducerIdResponseData answer =
                (InitProducerIdResponseData) ResponseDecoder.decode(frame, ApiKeys.INIT_PRODUCER_ID.id, INIT_VERSION);
        return new ProducerId(status(answer.errorCode(), null), answer.producerId(), answer.producerEpoch());
    }

    /**
     * A whole Produce frame with one batch, to be acknowledged by all replicas.
     *
     * @param batch one v2 batch; taken over
     * @param timeoutMs how long the broker may wait for its replicas, milliseconds
     */
    public static ByteBuf produce(
            ByteBufAllocator allocator,
            int correlationId,
            @Nullable String clientId,
            String topic,
            int partition,
            ByteBuf batch,
            int timeoutMs) {
        ProduceRequestData request =
                new ProduceRequestData().setAcks(ALL_REPLICAS).setTimeoutMs(timeoutMs);
        TopicProduceData data = new TopicProduceData().setName(topic);
        data.setPartitionData(List.of(ProduceRecords.set(new PartitionProduceData().setIndex(partition), batch)));
        request.topicData().add(data);
        return RequestEncoder.encode(
                allocator, header(ApiKeys.PRODUCE, PRODUCE_VERSION, correlationId, clientId), request);
    }

    /**
     * Reads the answer to {@link #produce}; the caller keeps its reference of the frame.
     *
     * @throws MalformedFrameException when it does not tell of exactly one partition
     */
    public static Produced decodeProduced(ByteBuf frame) {
        ProduceResponseData answer =
                (ProduceResponseData) ResponseDecoder.decode(frame, ApiKeys.PRODUCE.id, PRODUCE_VERSION);
        var topics = answer.responses().iterator();
        if (!topics.hasNext()) {
            throw new MalformedFrameException("a Produce answer names no topic");
        }
        var partitions = topics.next().partitionResponses();
        if (partitions.size() != 1 || topics.hasNext()) {
            throw new MalformedFrameException(
                    "a Produce answer does not name exactly the one partition of its request");
        }
        var partition = partitions.get(0);
        return new Produced(status(partition.errorCode(), partition.errorMessage()), partition.baseOffset());
    }

    private static RequestHeader header(ApiKeys key, short version, int correlationId, @Nullable String clientId) {
        return new RequestHeader(key.id, version, correlationId, clientId);
    }

    /** A Kafka error as the outcome that Millrace's own requests would have had. */
    private static Status status(short kafkaCode, @Nullable String message) {
        Errors error = Errors.forCode(kafkaCode);
        ErrorCode code = switch (error) {
            case NONE -> ErrorCode.NONE;
            case UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION -> ErrorCode.INVALID_DESTINATION;
            case NOT_LEADER_OR_FOLLOWER, LEADER_NOT_AVAILABLE, FENCED_LEADER_EPOCH -> ErrorCode.NOT_LEADER;
            case MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE -> ErrorCode.TOO_LARGE;
            case THROTTLING_QUOTA_EXCEEDED -> ErrorCode.DESTINATION_FULL;
            case KAFKA_STORAGE_ERROR, NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND -> ErrorCode.STORAGE_FAILED;
            case COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, REQUEST_TIMED_OUT -> ErrorCode.UNAVAILABLE;
            case TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED -> ErrorCode.NOT_AUTHORIZED;
            default -> ErrorCode.INTERNAL;
        };
        if (code == ErrorCode.NONE) {
            return Status.OK;
        }
        return Status.of(code, error.name() + ": " + (message == null ? error.message() : message));
    }
}
