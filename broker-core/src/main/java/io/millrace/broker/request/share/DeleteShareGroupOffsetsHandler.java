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
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData.DeleteShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** DeleteShareGroupOffsets: a share group without members forgets where it stood on some topics. */
record DeleteShareGroupOffsetsHandler(GroupCoordinator groups, SharePartitions shares, Cluster cluster)
        implements KafkaHandler<DeleteShareGroupOffsetsRequestData> {

    @Override
    public CompletionStage<DeleteShareGroupOffsetsResponseData> handle(
            RequestContext context, DeleteShareGroupOffsetsRequestData request) {
        if (request.groupId().isBlank()) {
            return CompletableFuture.completedFuture(failed(Errors.INVALID_GROUP_ID, "The group id is empty."));
        }
        return groups.prepareShareGroupChange(request.groupId(), false)
                .thenCompose(error -> error == GroupError.NONE
                        ? delete(request)
                        : CompletableFuture.completedFuture(
                                failed(KafkaErrors.of(error), message(error, request.groupId()))))
                .exceptionally(failure -> failed(ShareErrors.of(failure), ShareErrors.message(failure)));
    }

    private static String message(GroupError error, String groupId) {
        return error == GroupError.NON_EMPTY_GROUP
                ? KafkaErrors.of(error).message()
                : "Group " + groupId + " not found.";
    }

    private CompletableFuture<DeleteShareGroupOffsetsResponseData> delete(DeleteShareGroupOffsetsRequestData request) {
        DeleteShareGroupOffsetsResponseData response = new DeleteShareGroupOffsetsResponseData();
        List<CompletableFuture<Void>> changes = new ArrayList<>();
        request.topics().forEach(wanted -> {
            TopicInfo topic = cluster.view().topic(wanted.topicName());
            DeleteShareGroupOffsetsResponseTopic result =
                    new DeleteShareGroupOffsetsResponseTopic().setTopicName(wanted.topicName());
            response.responses().add(result);
            if (topic == null) {
                set(result, Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.UNKNOWN_TOPIC_OR_PARTITION.message());
                return;
            }
            changes.add(ShareErrors.attempt(() -> shares.delete(request.groupId(), topic))
                    .handle((there, failure) -> {
                        if (failure != null) {
                            set(result, ShareErrors.of(failure), ShareErrors.message(failure));
                        } else if (Boolean.FALSE.equals(there)) {
                            set(result, Errors.UNKNOWN_TOPIC_OR_PARTITION, "There is no offset information to delete.");
                        } else {
                            result.setTopicId(KafkaUuids.toKafka(topic.id()));
                        }
                        return null;
                    }));
        });
        return CompletableFuture.allOf(changes.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> response);
    }

    private static void set(DeleteShareGroupOffsetsResponseTopic result, Errors error, String message) {
        result.setErrorCode(error.code()).setErrorMessage(message);
    }

    private static DeleteShareGroupOffsetsResponseData failed(Errors error, String message) {
        return new DeleteShareGroupOffsetsResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(message);
    }
}
