// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.delivery.ShareOffset;
import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.KafkaUuids;
import io.millrace.broker.request.RequestContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponsePartition;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * DescribeShareGroupOffsets: where share groups stand, on the partitions of this broker. As in Kafka a group, a topic or a
 * partition that nobody knows is no error: nobody stands there.
 */
record DescribeShareGroupOffsetsHandler(GroupCoordinator groups, SharePartitions shares, Cluster cluster)
        implements KafkaHandler<DescribeShareGroupOffsetsRequestData> {

    @Override
    public CompletionStage<DescribeShareGroupOffsetsResponseData> handle(
            RequestContext context, DescribeShareGroupOffsetsRequestData request) {
        List<CompletableFuture<DescribeShareGroupOffsetsResponseGroup>> described = request.groups().stream()
                .map(group -> describe(group)
                        .exceptionally(failure -> new DescribeShareGroupOffsetsResponseGroup()
                                .setGroupId(group.groupId())
                                .setErrorCode(ShareErrors.of(failure).code())
                                .setErrorMessage(ShareErrors.message(failure))))
                .toList();
        return CompletableFuture.allOf(described.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new DescribeShareGroupOffsetsResponseData()
                        .setGroups(
                                described.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<DescribeShareGroupOffsetsResponseGroup> describe(
            DescribeShareGroupOffsetsRequestGroup wanted) {
        // Asked for what it refuses: another coordinator, a name kept for JMS.
        return groups.describeShareGroup(wanted.groupId())
                .thenCompose(description -> partitions(wanted))
                .thenCompose(named -> describe(wanted.groupId(), named));
    }

    private CompletableFuture<Map<String, List<Integer>>> partitions(DescribeShareGroupOffsetsRequestGroup wanted) {
        if (wanted.topics() == null) {
            return shares.known(wanted.groupId()).thenApply(LinkedHashMap::new);
        }
        Map<String, List<Integer>> named = new LinkedHashMap<>();
        wanted.topics().forEach(topic -> named.put(topic.topicName(), topic.partitions()));
        return CompletableFuture.completedFuture(named);
    }

    private CompletableFuture<DescribeShareGroupOffsetsResponseGroup> describe(
            String groupId, Map<String, List<Integer>> named) {
        DescribeShareGroupOffsetsResponseGroup group = new DescribeShareGroupOffsetsResponseGroup().setGroupId(groupId);
        List<CompletableFuture<Void>> looks = new ArrayList<>();
        named.forEach((name, indexes) -> {
            TopicInfo topic = cluster.view().topic(name);
            DescribeShareGroupOffsetsResponseTopic answer =
                    new DescribeShareGroupOffsetsResponseTopic().setTopicName(name);
            if (topic != null) {
                answer.setTopicId(KafkaUuids.toKafka(topic.id()));
            }
            group.topics().add(answer);
            for (int index : indexes) {
                DescribeShareGroupOffsetsResponsePartition partition =
                        new DescribeShareGroupOffsetsResponsePartition().setPartitionIndex(index);
                answer.partitions().add(partition);
                looks.add(look(groupId, topic, index, partition));
            }
        });
        return CompletableFuture.allOf(looks.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> group);
    }

    private CompletableFuture<Void> look(
            String groupId,
            @Nullable TopicInfo topic,
            int index,
            DescribeShareGroupOffsetsResponsePartition partition) {
        if (topic == null || index < 0 || index >= topic.partitions().size()) {
            set(partition, new ShareOffset(-1, 0, -1));
            return CompletableFuture.completedFuture(null);
        }
        return ShareErrors.attempt(() -> shares.describe(groupId, topic, index)).handle((offset, failure) -> {
            if (offset == null) {
                fail(partition, ShareErrors.of(failure), ShareErrors.message(failure));
            } else {
                set(partition, offset);
            }
            return null;
        });
    }

    private static void set(DescribeShareGroupOffsetsResponsePartition partition, ShareOffset offset) {
        partition
                .setStartOffset(offset.startOffset())
                .setLeaderEpoch(offset.leaderEpoch())
                .setLag(offset.lag());
    }

    private static void fail(DescribeShareGroupOffsetsResponsePartition partition, Errors error, String message) {
        partition.setStartOffset(-1).setErrorCode(error.code()).setErrorMessage(message);
    }
}
