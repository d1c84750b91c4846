// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** DeleteRecords: raises partitions' first offsets; refused where only compaction may remove records, as in Kafka. */
final class DeleteRecordsHandler implements KafkaHandler<DeleteRecordsRequestData> {
    private static final long UNKNOWN = -1;

    private final Partitions partitions;
    private final Topics topics;

    DeleteRecordsHandler(Partitions partitions, Topics topics) {
        this.partitions = partitions;
        this.topics = topics;
    }

    @Override
    public CompletionStage<DeleteRecordsResponseData> handle(RequestContext context, DeleteRecordsRequestData request) {
        List<CompletableFuture<DeleteRecordsTopicResult>> answers = new ArrayList<>();
        request.topics().forEach(topic -> answers.add(delete(topic)));
        return Answers.all(answers).thenApply(results -> {
            DeleteRecordsResponseData response = new DeleteRecordsResponseData();
            results.forEach(result -> response.topics().add(result));
            return response;
        });
    }

    private CompletableFuture<DeleteRecordsTopicResult> delete(DeleteRecordsTopic topic) {
        List<CompletableFuture<DeleteRecordsPartitionResult>> answers = new ArrayList<>();
        for (DeleteRecordsPartition partition : topic.partitions()) {
            answers.add(Answers.attempt(() -> delete(topic.name(), partition)).handle((low, failure) -> {
                DeleteRecordsPartitionResult result =
                        new DeleteRecordsPartitionResult().setPartitionIndex(partition.partitionIndex());
                return failure == null
                        ? result.setLowWatermark(low)
                        : result.setLowWatermark(UNKNOWN)
                                .setErrorCode(KafkaErrors.of(failure).code());
            }));
        }
        return Answers.all(answers).thenApply(results -> {
            DeleteRecordsTopicResult result = new DeleteRecordsTopicResult().setName(topic.name());
            results.forEach(partition -> result.partitions().add(partition));
            return result;
        });
    }

    private CompletableFuture<Long> delete(String name, DeleteRecordsPartition partition) {
        Topics.checkNotInternal(name);
        TopicInfo topic = topics.find(name);
        if (topic != null
                && !topic.config().getOrDefault("cleanup.policy", "delete").contains("delete")) {
            throw new RefusedException(
                    Errors.POLICY_VIOLATION, "Records of " + name + " are removed by compaction only (cleanup.policy)");
        }
        return partitions.get(name, partition.partitionIndex()).deleteRecordsBefore(partition.offset());
    }
}
