// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.request.KafkaErrors;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.KafkaUuids;
import io.millrace.broker.request.RequestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestPartition;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponsePartition;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** AlterShareGroupOffsets: sets where a share group without members stands, made when there is none. */
record AlterShareGroupOffsetsHandler(GroupCoordinator groups, SharePartitions shares, Cluster cluster)
        implements KafkaHandler<AlterShareGroupOffsetsRequestData> {

    @Override
    public CompletionStage<AlterShareGroupOffsetsResponseData> handle(
            RequestContext context, AlterShareGroupOffsetsRequestData request) {
        if (request.groupId().isBlank()) {
            return CompletableFuture.completedFuture(failed(Errors.INVALID_GROUP_ID, "The group id is empty."));
        }
        return groups.prepareShareGroupChange(request.groupId(), true)
                .thenCompose(error -> error == GroupError.NONE
                        ? alter(request)
                        : CompletableFuture.completedFuture(
                                failed(KafkaErrors.of(error), message(error, request.groupId()))))
                .exceptionally(failure -> failed(ShareErrors.of(failure), ShareErrors.message(failure)));
    }

    private static String message(GroupError error, String groupId) {
        return error == GroupError.NON_EMPTY_GROUP
                ? KafkaErrors.of(error).message()
                : "Group " + groupId + " is not a share group.";
    }

    private CompletableFuture<AlterShareGroupOffsetsResponseData> alter(AlterShareGroupOffsetsRequestData request) {
        AlterShareGroupOffsetsResponseData response = new AlterShareGroupOffsetsResponseData();
        List<CompletableFuture<Void>> changes = new ArrayList<>();
        for (AlterShareGroupOffsetsRequestTopic wanted : request.topics()) {
            TopicInfo topic = cluster.view().topic(wanted.topicName());
            AlterShareGroupOffsetsResponseTopic answer =
                    new AlterShareGroupOffsetsResponseTopic().setTopicName(wanted.topicName());
            if (topic != null) {
                answer.setTopicId(KafkaUuids.toKafka(topic.id()));
            }
            response.responses().add(answer);
            for (AlterShareGroupOffsetsRequestPartition change : wanted.partitions()) {
                AlterShareGroupOffsetsResponsePartition result =
                        new AlterShareGroupOffsetsResponsePartition().setPartitionIndex(change.partitionIndex());
                answer.partitions().add(result);
                changes.add(change(request.groupId(), topic, change, result));
            }
        }
        return CompletableFuture.allOf(changes.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> response);
    }

    private CompletableFuture<Void> change(
            String groupId,
            @Nullable TopicInfo topic,
            AlterShareGroupOffsetsRequestPartition change,
            AlterShareGroupOffsetsResponsePartition result) {
        int index = change.partitionIndex();
        if (topic == null || index < 0 || index >= topic.partitions().size()) {
            set(result, Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.UNKNOWN_TOPIC_OR_PARTITION.message());
            return CompletableFuture.completedFuture(null);
        }
        if (change.startOffset() < 0) {
            set(result, Errors.INVALID_REQUEST, "The start offset " + change.startOffset() + " is below 0.");
            return CompletableFuture.completedFuture(null);
        }
        return ShareErrors.attempt(() -> shares.alter(groupId, topic, index, change.startOffset()))
                .handle((done, failure) -> {
                    if (failure != null) {
                        set(result, ShareErrors.of(failure), ShareErrors.message(failure));
                    }
                    return null;
                });
    }

    private static void set(AlterShareGroupOffsetsResponsePartition result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }

    private static AlterShareGroupOffsetsResponseData failed(Errors error, String message) {
        return new AlterShareGroupOffsetsResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }
}
