// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.OffsetKey;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** OffsetDelete: committed offsets of topics that the group does not subscribe to (KIP-496). */
record OffsetDeleteHandler(GroupCoordinator groups, Cluster cluster) implements KafkaHandler<OffsetDeleteRequestData> {

    @Override
    public CompletionStage<OffsetDeleteResponseData> handle(RequestContext context, OffsetDeleteRequestData request) {
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(
                    new OffsetDeleteResponseData().setErrorCode(Errors.INVALID_GROUP_ID.code()));
        }
        OffsetDeleteResponseData response = new OffsetDeleteResponseData();
        List<OffsetKey> keys = new ArrayList<>();
        List<OffsetDeleteResponsePartition> answers = new ArrayList<>(); // of keys, in the same order
        request.topics().forEach(topic -> {
            OffsetDeleteResponseTopic answer = new OffsetDeleteResponseTopic().setName(topic.name());
            response.topics().add(answer);
            TopicInfo info = cluster.view().topic(topic.name());
            topic.partitions().forEach(partition -> {
                int index = partition.partitionIndex();
                OffsetDeleteResponsePartition result = new OffsetDeleteResponsePartition().setPartitionIndex(index);
                answer.partitions().add(result);
                if (info == null || index < 0 || index >= info.partitions().size()) {
                    result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    keys.add(new OffsetKey(info.id(), index));
                    answers.add(result);
                }
            });
        });
        return groups.deleteOffsets(request.groupId(), keys)
                .thenApply(errors -> {
                    for (int i = 0; i < answers.size(); i++) {
                        answers.get(i).setErrorCode(GroupErrors.code(errors.get(i)));
                    }
                    return response;
                })
                .exceptionally(failure -> new OffsetDeleteResponseData().setErrorCode(GroupErrors.code(failure)));
    }
}
