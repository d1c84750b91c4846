// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.group.ConsumerGroupDescription;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.PartitionSet;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;

/** ConsumerGroupDescribe: groups whose assignment the broker makes (KIP-848). */
record ConsumerGroupDescribeHandler(GroupCoordinator groups, Cluster cluster)
        implements KafkaHandler<ConsumerGroupDescribeRequestData> {
    /** From it on a member's protocol is told. */
    private static final short FIRST_VERSION_WITH_MEMBER_TYPE = 1;

    private static final byte CONSUMER = 1;

    @Override
    public CompletionStage<ConsumerGroupDescribeResponseData> handle(
            RequestContext context, ConsumerGroupDescribeRequestData request) {
        List<CompletableFuture<DescribedGroup>> described = request.groupIds().stream()
                .map(groupId -> groups.describeConsumerGroup(groupId)
                        .thenApply(description -> translate(description, context.apiVersion()))
                        .exceptionally(failure -> new DescribedGroup()
                                .setGroupId(groupId)
                                .setErrorCode(GroupErrors.code(failure))
                                .setErrorMessage(GroupErrors.message(failure))))
                .toList();
        return CompletableFuture.allOf(described.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new ConsumerGroupDescribeResponseData()
                        .setGroups(
                                described.stream().map(CompletableFuture::join).toList()));
    }

    private DescribedGroup translate(ConsumerGroupDescription description, short version) {
        DescribedGroup group = new DescribedGroup().setGroupId(description.groupId());
        if (description.error() != GroupError.NONE) {
            return group.setErrorCode(GroupErrors.code(description.error()))
                    .setErrorMessage("Group " + description.groupId() + " is not a consumer group.");
        }
        ClusterView view = cluster.view();
        return group.setGroupState(description.state())
                .setGroupEpoch(description.epoch())
                .setAssignmentEpoch(description.epoch())
                .setAssignorName(description.assignor())
                .setMembers(description.members().stream()
                        .map(member -> translate(member, view, version))
                        .toList());
    }

    private static Member translate(ConsumerGroupDescription.Member member, ClusterView view, short version) {
        Member described = new Member()
                .setMemberId(member.memberId())
                .setInstanceId(member.instanceId())
                .setRackId(member.rackId())
                .setMemberEpoch(member.epoch())
                .setClientId(member.clientId())
                .setClientHost(member.clientHost())
                .setSubscribedTopicNames(member.topicNames())
                .setSubscribedTopicRegex(member.topicRegex() == null ? "" : member.topicRegex())
                .setAssignment(translate(member.assigned(), view))
                .setTargetAssignment(translate(member.target(), view));
        return version < FIRST_VERSION_WITH_MEMBER_TYPE ? described : described.setMemberType(CONSUMER);
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
