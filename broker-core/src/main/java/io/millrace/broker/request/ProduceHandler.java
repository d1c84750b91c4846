// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Appended;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.ClientRecords;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.Topics;
import io.millrace.protocol.kafka.ProduceRecords;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Produce: appends each partition's batches; answered when all are durable, whatever acks asks for, unless it is 0. */
final class ProduceHandler implements KafkaHandler<ProduceRequestData> {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final int FIRST_VERSION_WITH_MESSAGES = 8;

    private final Partitions partitions;

    ProduceHandler(Partitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public CompletionStage<@Nullable ProduceResponseData> handle(RequestContext context, ProduceRequestData request) {
        boolean badAcks = request.acks() < -1 || request.acks() > 1;
        boolean withMessages = context.apiVersion() >= FIRST_VERSION_WITH_MESSAGES;
        List<CompletableFuture<TopicProduceResponse>> answers = new ArrayList<>();
        for (TopicProduceData topic : request.topicData()) {
            answers.add(produce(topic, context.apiVersion(), badAcks, withMessages));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    ProduceResponseData response = new ProduceResponseData();
                    answers.forEach(answer -> response.responses().add(answer.join()));
                    if (request.acks() != 0) {
                        return response;
                    }
                    closeIfRefused(context, response);
                    return null;
                });
    }

    /** With acks=0 nobody is told of an error; the end of the connection makes the client look for its leaders anew. */
    private static void closeIfRefused(RequestContext context, ProduceResponseData response) {
        for (TopicProduceResponse topic : response.responses()) {
            for (PartitionProduceResponse partition : topic.partitionResponses()) {
                if (partition.errorCode() != Errors.NONE.code()) {
                    context.connection()
                            .close("a produce request with acks=0 failed: " + Errors.forCode(partition.errorCode()));
                    return;
                }
            }
        }
    }

    private CompletableFuture<TopicProduceResponse> produce(
            TopicProduceData topic, short version, boolean badAcks, boolean withMessages) {
        List<CompletableFuture<PartitionProduceResponse>> answers = new ArrayList<>();
        for (PartitionProduceData data : topic.partitionData()) {
            CompletableFuture<Appended> appended = badAcks
                    ? CompletableFuture.failedFuture(new BrokerException(Code.UNSUPPORTED, "acks must be -1, 0 or 1"))
                    : append(
                            () -> version >= FIRST_VERSION_WITH_TOPIC_IDS
                                    ? partitions.get(KafkaUuids.fromKafka(topic.topicId()), data.index())
                                    : partitions.get(topic.name(), data.index()),
                            data);
            answers.add(
                    appended.handle((value, failure) -> answer(data.index(), value, failure, badAcks, withMessages)));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    TopicProduceResponse response = new TopicProduceResponse();
                    if (version >= FIRST_VERSION_WITH_TOPIC_IDS) {
                        response.setTopicId(topic.topicId());
                    } else {
                        response.setName(topic.name());
                    }
                    answers.forEach(answer -> response.partitionResponses().add(answer.join()));
                    return response;
                });
    }

    private static CompletableFuture<Appended> append(Supplier<Partition> lookup, PartitionProduceData data) {
        Partition partition;
        try {
            partition = lookup.get();
            Topics.checkNotInternal(partition.id().topic());
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        ByteBuf batches = ProduceRecords.buffer(data);
        if (batches == null || !batches.isReadable()) {
            return CompletableFuture.failedFuture(
                    new BrokerException(Code.INVALID_RECORD, "No record batch for " + partition.id()));
        }
        try {
            ClientRecords.validate(batches, partition);
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        CompletableFuture<Appended> result = new CompletableFuture<>();
        ByteBuf kept = batches.retain();
        partition.execute(() -> Completions.whenDone(partition.append(Append.ofClient(kept)), (appended, failure) -> {
            if (failure == null) {
                result.complete(appended);
            } else {
                result.completeExceptionally(failure);
            }
        }));
        return result;
    }

    private static PartitionProduceResponse answer(
            int index,
            @Nullable Appended appended,
            @Nullable Throwable failure,
            boolean badAcks,
            boolean withMessages) {
        PartitionProduceResponse response = new PartitionProduceResponse().setIndex(index);
        if (appended != null) {
            return response.setBaseOffset(appended.baseOffset())
                    .setLogAppendTimeMs(appended.logAppendTimeMs())
                    .setLogStartOffset(appended.startOffset());
        }
        Throwable cause = failure == null ? new IllegalStateException("no answer") : Completions.unwrap(failure);
        Errors error = badAcks ? Errors.INVALID_REQUIRED_ACKS : KafkaErrors.of(cause);
        response.setErrorCode(error.code()).setBaseOffset(-1).setLogStartOffset(-1);
        if (!withMessages) {
            return response;
        }
        if (cause instanceof BrokerException refused) {
            refused.recordErrors()
                    .forEach(record -> response.recordErrors()
                            .add(new BatchIndexAndErrorMessage()
                                    .setBatchIndex(record.index())
                                    .setBatchIndexErrorMessage(record.message())));
        }
        return response.setErrorMessage(cause.getMessage());
    }
}
