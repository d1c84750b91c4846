// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.cluster.TopicInfo.PartitionOwnership;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.record.TopicNames;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** DescribeTopicPartitions: topics by name, a bounded number of partitions at a time, from a cursor on (KIP-966). */
final class DescribeTopicPartitionsHandler implements KafkaHandler<DescribeTopicPartitionsRequestData> {
    private static final int MAX_PARTITIONS = 2_000;

    private final Cluster cluster;

    DescribeTopicPartitionsHandler(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public CompletionStage<DescribeTopicPartitionsResponseData> handle(
            RequestContext context, DescribeTopicPartitionsRequestData request) {
        ClusterView view = cluster.view();
        TreeSet<String> names = new TreeSet<>();
        if (request.topics().isEmpty()) {
            names.addAll(view.topics().keySet());
        } else {
            request.topics().forEach(topic -> names.add(topic.name()));
        }
        DescribeTopicPartitionsRequestData.Cursor cursor = request.cursor();
        int room = Math.max(1, Math.min(request.responsePartitionLimit(), MAX_PARTITIONS));
        DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
        for (String name : cursor == null ? names : names.tailSet(cursor.topicName())) {
            int first = cursor != null && name.equals(cursor.topicName()) ? Math.max(0, cursor.partitionIndex()) : 0;
            if (room == 0) {
                response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(first));
                break;
            }
            DescribeTopicPartitionsResponseTopic described = describe(view, name, first, room);
            response.topics().add(described);
            room -= described.partitions().size();
            TopicInfo topic = view.topic(name);
            int next = first + described.partitions().size();
            if (topic != null && next < topic.partitions().size()) {
                response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(next));
                break;
            }
        }
        return CompletableFuture.completedFuture(response);
    }

    private static DescribeTopicPartitionsResponseTopic describe(ClusterView view, String name, int first, int room) {
        DescribeTopicPartitionsResponseTopic described = new DescribeTopicPartitionsResponseTopic().setName(name);
        TopicInfo topic = view.topic(name);
        if (topic == null) {
            Errors error = TopicNames.problem(name) == null
                    ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                    : Errors.INVALID_TOPIC_EXCEPTION;
            return described.setErrorCode(error.code());
        }
        described
                .setTopicId(KafkaUuids.toKafka(topic.id()))
                .setIsInternal(ReservedNames.isInternalTopic(name))
                .setTopicAuthorizedOperations(AuthorizedOperations.TOPIC);
        int end = Math.min(topic.partitions().size(), first + room);
        for (int i = first; i < end; i++) {
            described.partitions().add(describe(view, i, topic.partitions().get(i)));
        }
        return described;
    }

    private static DescribeTopicPartitionsResponsePartition describe(
            ClusterView view, int index, PartitionOwnership partition) {
        boolean alive = view.brokers().containsKey(partition.owner());
        return new DescribeTopicPartitionsResponsePartition()
                .setErrorCode(alive ? Errors.NONE.code() : Errors.LEADER_NOT_AVAILABLE.code())
                .setPartitionIndex(index)
                .setLeaderId(alive ? partition.owner() : -1)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(List.of(partition.owner()))
                .setIsrNodes(List.of(partition.owner()))
                .setEligibleLeaderReplicas(List.of())
                .setLastKnownElr(List.of())
                .setOfflineReplicas(alive ? List.of() : List.of(partition.owner()));
    }
}
