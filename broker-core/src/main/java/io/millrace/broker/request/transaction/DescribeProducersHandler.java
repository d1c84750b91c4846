// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.ProducerInfo;
import io.millrace.broker.request.Answers;
import io.millrace.broker.request.KafkaErrors;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;

/** DescribeProducers: what partitions know of their producers and their transactions (KIP-664). */
record DescribeProducersHandler(Partitions partitions) implements KafkaHandler<DescribeProducersRequestData> {

    @Override
    public CompletionStage<DescribeProducersResponseData> handle(
            RequestContext context, DescribeProducersRequestData request) {
        List<CompletableFuture<TopicResponse>> topics = new ArrayList<>();
        for (TopicRequest topic : request.topics()) {
            List<CompletableFuture<PartitionResponse>> answers = new ArrayList<>();
            for (int index : topic.partitionIndexes()) {
                answers.add(Answers.attempt(() -> producers(topic.name(), index))
                        .handle((producers, failure) -> {
                            PartitionResponse response = new PartitionResponse().setPartitionIndex(index);
                            return failure == null
                                    ? response.setActiveProducers(producers)
                                    : response.setErrorCode(
                                                    KafkaErrors.of(failure).code())
                                            .setErrorMessage(
                                                    Completions.unwrap(failure).getMessage());
                        }));
            }
            topics.add(Answers.all(answers)
                    .thenApply(
                            results -> new TopicResponse().setName(topic.name()).setPartitions(results)));
        }
        return Answers.all(topics).thenApply(results -> new DescribeProducersResponseData().setTopics(results));
    }

    private CompletableFuture<List<ProducerState>> producers(String topic, int index) {
        Partition partition = partitions.get(topic, index);
        CompletableFuture<List<ProducerState>> answer = new CompletableFuture<>();
        partition.execute(() -> {
            try {
                answer.complete(partition.producers().stream()
                        .map(DescribeProducersHandler::state)
                        .toList());
            } catch (RuntimeException refused) {
                answer.completeExceptionally(refused);
            }
        });
        return answer;
    }

    private static ProducerState state(ProducerInfo producer) {
        return new ProducerState()
                .setProducerId(producer.producerId())
                .setProducerEpoch(producer.producerEpoch())
                .setLastSequence(producer.lastSequence())
                .setLastTimestamp(producer.lastTimestampMs())
                .setCoordinatorEpoch(producer.coordinatorEpoch())
                .setCurrentTxnStartOffset(producer.openOffset());
    }
}
