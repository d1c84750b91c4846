// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import static io.millrace.broker.acl.Operation.DESCRIBE;
import static io.millrace.broker.acl.Operation.IDEMPOTENT_WRITE;
import static io.millrace.broker.acl.Operation.READ;
import static io.millrace.broker.acl.Operation.WRITE;

import io.millrace.broker.request.RequestFilter.Next;
import io.millrace.protocol.kafka.FetchRecords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Writing and reading records: denied topics are taken out of the request and answered with an error of their own. */
final class DataRules {
    private static final short DENIED = Errors.TOPIC_AUTHORIZATION_FAILED.code();
    private static final int NO_SESSION = -1;

    private DataRules() {}

    static AccessRules add(AccessRules rules) {
        return rules.on(ApiKeys.PRODUCE, ProduceRequestData.class, DataRules::produce)
                .on(ApiKeys.FETCH, FetchRequestData.class, DataRules::fetch)
                .on(ApiKeys.LIST_OFFSETS, ListOffsetsRequestData.class, DataRules::listOffsets)
                .on(ApiKeys.OFFSET_FOR_LEADER_EPOCH, OffsetForLeaderEpochRequestData.class, DataRules::epochs)
                .on(ApiKeys.INIT_PRODUCER_ID, InitProducerIdRequestData.class, DataRules::initProducerId);
    }

    private static CompletionStage<? extends @Nullable ApiMessage> produce(
            Access access, ProduceRequestData request, Next next) {
        String transactionalId = request.transactionalId();
        boolean all = transactionalId != null && !access.transaction(WRITE, transactionalId);
        Errors error = all ? Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED : Errors.TOPIC_AUTHORIZATION_FAILED;
        List<TopicProduceResponse> denied = new ArrayList<>();
        for (TopicProduceData topic : request.topicData()) {
            if (all || !access.topic(WRITE, topic.name(), topic.topicId())) {
                denied.add(refused(topic, error));
            }
        }
        if (denied.isEmpty()) {
            return next.handle(request);
        } else if (request.acks() == 0) {
            // Nobody waits for an answer.
            access.close(access + " may not WRITE a topic that it sent to with acks=0");
            return CompletableFuture.completedFuture(null);
        } else if (denied.size() == request.topicData().size()) {
            ProduceResponseData response = new ProduceResponseData();
            response.responses().addAll(denied);
            return CompletableFuture.completedFuture(response);
        }
        // The buffers stay the original's.
        ProduceRequestData allowed = request.duplicate();
        allowed.topicData().removeIf(topic -> !access.topic(WRITE, topic.name(), topic.topicId()));
        return AccessRules.after(
                next.handle(allowed),
                ProduceResponseData.class,
                response -> response.responses().addAll(denied));
    }

    private static TopicProduceResponse refused(TopicProduceData topic, Errors error) {
        TopicProduceResponse response =
                new TopicProduceResponse().setName(topic.name()).setTopicId(topic.topicId());
        topic.partitionData()
                .forEach(partition -> response.partitionResponses()
                        .add(new PartitionProduceResponse()
                                .setIndex(partition.index())
                                .setErrorCode(error.code())
                                .setBaseOffset(-1)
                                .setLogStartOffset(-1)));
        return response;
    }

    private static CompletionStage<? extends @Nullable ApiMessage> fetch(
            Access access, FetchRequestData request, Next next) {
        List<FetchableTopicResponse> denied = new ArrayList<>();
        for (FetchTopic topic : request.topics()) {
            if (!access.topic(READ, topic.topic(), topic.topicId())) {
                denied.add(refused(topic));
            }
        }
        FetchRequestData allowed = request;
        if (!denied.isEmpty()) {
            if (request.sessionId() != 0) {
                // A session must not know denied partitions: the client opens another with all of its partitions.
                return CompletableFuture.completedFuture(
                        new FetchResponseData().setErrorCode(Errors.FETCH_SESSION_ID_NOT_FOUND.code()));
            }
            allowed = request.duplicate();
            allowed.setSessionEpoch(NO_SESSION);
            allowed.topics().removeIf(topic -> !access.topic(READ, topic.topic(), topic.topicId()));
            if (allowed.topics().isEmpty()) {
                return CompletableFuture.completedFuture(new FetchResponseData().setResponses(denied));
            }
            // What is denied is told at once.
            allowed.setMaxWaitMs(0);
        }
        return AccessRules.after(next.handle(allowed), FetchResponseData.class, response -> {
            // A session may hold what was denied since.
            response.responses().stream()
                    .filter(topic -> !access.topic(READ, topic.topic(), topic.topicId()))
                    .forEach(topic -> topic.partitions().forEach(DataRules::withhold));
            if (!denied.isEmpty()) {
                response.setResponses(AccessRules.joined(response.responses(), denied));
            }
        });
    }

    private static FetchableTopicResponse refused(FetchTopic topic) {
        FetchableTopicResponse response =
                new FetchableTopicResponse().setTopic(topic.topic()).setTopicId(topic.topicId());
        topic.partitions()
                .forEach(partition -> response.partitions()
                        .add(FetchRecords.set(
                                new PartitionData()
                                        .setPartitionIndex(partition.partition())
                                        .setErrorCode(DENIED)
                                        .setHighWatermark(-1),
                                Unpooled.EMPTY_BUFFER)));
        return response;
    }

    private static void withhold(PartitionData partition) {
        ByteBuf records = FetchRecords.buffer(partition);
        if (records != null) {
            records.release();
        }
        var unused = FetchRecords.set(
                partition.setErrorCode(DENIED).setHighWatermark(-1).setLastStableOffset(-1), Unpooled.EMPTY_BUFFER);
    }

    private static CompletionStage<? extends @Nullable ApiMessage> listOffsets(
            Access access, ListOffsetsRequestData request, Next next) {
        List<ListOffsetsTopicResponse> denied = new ArrayList<>();
        ListOffsetsRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(DESCRIBE, topic.name());
            if (refuse) {
                denied.add(refused(topic));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                ListOffsetsResponseData.class,
                response -> response.setTopics(AccessRules.joined(response.topics(), denied)));
    }

    private static ListOffsetsTopicResponse refused(ListOffsetsTopic topic) {
        return new ListOffsetsTopicResponse()
                .setName(topic.name())
                .setPartitions(topic.partitions().stream()
                        .map(partition -> new ListOffsetsPartitionResponse()
                                .setPartitionIndex(partition.partitionIndex())
                                .setErrorCode(DENIED))
                        .toList());
    }

    private static CompletionStage<? extends @Nullable ApiMessage> epochs(
            Access access, OffsetForLeaderEpochRequestData request, Next next) {
        List<OffsetForLeaderTopicResult> denied = new ArrayList<>();
        OffsetForLeaderEpochRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(DESCRIBE, topic.topic());
            if (refuse) {
                denied.add(refused(topic));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                OffsetForLeaderEpochResponseData.class,
                response -> response.topics().addAll(denied));
    }

    private static OffsetForLeaderTopicResult refused(OffsetForLeaderTopic topic) {
        return new OffsetForLeaderTopicResult()
                .setTopic(topic.topic())
                .setPartitions(topic.partitions().stream()
                        .map(partition -> new EpochEndOffset()
                                .setPartition(partition.partition())
                                .setErrorCode(DENIED))
                        .toList());
    }

    private static CompletionStage<? extends @Nullable ApiMessage> initProducerId(
            Access access, InitProducerIdRequestData request, Next next) {
        String transactionalId = request.transactionalId();
        Errors error = Errors.NONE;
        if (transactionalId != null) {
            error = access.transaction(WRITE, transactionalId)
                    ? Errors.NONE
                    : Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        } else if (!access.cluster(IDEMPOTENT_WRITE) && !access.mayWriteSomeTopic()) {
            error = Errors.CLUSTER_AUTHORIZATION_FAILED;
        }
        return error == Errors.NONE
                ? next.handle(request)
                : CompletableFuture.completedFuture(new InitProducerIdResponseData()
                        .setErrorCode(error.code())
                        .setProducerId(-1)
                        .setProducerEpoch((short) -1));
    }
}
