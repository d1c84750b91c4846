// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.PartitionSet;
import io.millrace.broker.group.ShareGroupDescription;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData.TopicPartitions;

/** ShareGroupDescribe: share groups and their members (KIP-932). */
record ShareGroupDescribeHandler(GroupCoordinator groups, Cluster cluster)
        implements KafkaHandler<ShareGroupDescribeRequestData> {

    @Override
    public CompletionStage<ShareGroupDescribeResponseData> handle(
            RequestContext context, ShareGroupDescribeRequestData request) {
        List<CompletableFuture<DescribedGroup>> described = request.groupIds().stream()
                .map(groupId -> groups.describeShareGroup(groupId)
                        .thenApply(this::translate)
                        .exceptionally(failure -> new DescribedGroup()
                                .setGroupId(groupId)
                                .setErrorCode(GroupErrors.code(failure))
                                .setErrorMessage(GroupErrors.message(failure))))
                .toList();
        return CompletableFuture.allOf(described.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new ShareGroupDescribeResponseData()
                        .setGroups(
                                described.stream().map(CompletableFuture::join).toList()));
    }

    private DescribedGroup translate(ShareGroupDescription description) {
        DescribedGroup group = new DescribedGroup().setGroupId(description.groupId());
        if (description.error() != GroupError.NONE) {
            return group.setErrorCode(GroupErrors.code(description.error()))
                    .setErrorMessage("Group " + description.groupId() + " is not a share group.");
        }
        ClusterView view = cluster.view();
        return group.setGroupState(description.state())
                .setGroupEpoch(description.epoch())
                .setAssignmentEpoch(description.epoch())
                .setAssignorName(description.assignor())
                .setMembers(description.members().stream()
                        .map(member -> new Member()
                                .setMemberId(member.memberId())
                                .setRackId(member.rackId())
                                .setMemberEpoch(member.epoch())
                                .setClientId(member.clientId())
                                .setClientHost(member.clientHost())
                                .setSubscribedTopicNames(member.topicNames())
                                .setAssignment(translate(member.assigned(), view)))
                        .toList());
    }

    private static Assignment translate(PartitionSet partitions, ClusterView view) {
        return new Assignment()
                .setTopicPartitions(partitions.topicIds().stream()
                        .filter(topicId -> view.topicNames().containsKey(topicId))
                        .map(topicId -> new TopicPartitions()
                                .setTopicId(KnownTopics.kafkaId(topicId))
                                .setTopicName(view.topicNames().getOrDefault(topicId, ""))
                                .setPartitions(partitions.partitions(topicId)))
                        .toList());
    }
}
