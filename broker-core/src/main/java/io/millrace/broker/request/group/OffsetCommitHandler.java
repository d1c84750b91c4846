// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.group.CommitRequest;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.MemberIdentity;
import io.millrace.broker.group.OffsetKey;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** OffsetCommit. Partitions that do not exist are refused one by one; the rest is one durable record. */
record OffsetCommitHandler(GroupCoordinator groups, Cluster cluster) implements KafkaHandler<OffsetCommitRequestData> {

    /** From it on members of consumer groups (KIP-848) may commit, and errors of their kind are known. */
    private static final short FIRST_VERSION_WITH_EPOCHS = 9;

    @Override
    public CompletionStage<OffsetCommitResponseData> handle(RequestContext context, OffsetCommitRequestData request) {
        KnownTopics topics = KnownTopics.of(cluster.view(), context.apiVersion());
        OffsetCommitResponseData response = new OffsetCommitResponseData();
        List<CommitRequest.Offset> offsets = new ArrayList<>();
        List<OffsetCommitResponsePartition> answers = new ArrayList<>(); // of offsets, in the same order
        for (OffsetCommitRequestTopic topic : request.topics()) {
            OffsetCommitResponseTopic answer =
                    new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
            response.topics().add(answer);
            TopicInfo info = topics.find(topic.name(), topic.topicId());
            for (OffsetCommitRequestPartition partition : topic.partitions()) {
                int index = partition.partitionIndex();
                OffsetCommitResponsePartition result = new OffsetCommitResponsePartition().setPartitionIndex(index);
                answer.partitions().add(result);
                if (info == null) {
                    result.setErrorCode(topics.unknown().code());
                } else if (index < 0 || index >= info.partitions().size()) {
                    result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    offsets.add(offset(info, partition));
                    answers.add(result);
                }
            }
        }
        if (offsets.isEmpty()) {
            return CompletableFuture.completedFuture(response);
        }
        CommitRequest commit = new CommitRequest(
                new MemberIdentity(request.memberId(), request.groupInstanceId()),
                request.generationIdOrMemberEpoch(),
                offsets);
        return groups.commit(request.groupId(), commit)
                .thenApply(errors -> {
                    for (int i = 0; i < answers.size(); i++) {
                        answers.get(i).setErrorCode(code(errors.get(i), context.apiVersion()));
                    }
                    return response;
                })
                .exceptionally(failure -> {
                    short code = GroupErrors.code(failure);
                    answers.forEach(answer -> answer.setErrorCode(code));
                    return response;
                });
    }

    private static short code(GroupError error, short version) {
        if (version < FIRST_VERSION_WITH_EPOCHS && error == GroupError.GROUP_ID_NOT_FOUND) {
            return Errors.ILLEGAL_GENERATION.code();
        }
        if (version < FIRST_VERSION_WITH_EPOCHS && error == GroupError.STALE_MEMBER_EPOCH) {
            return Errors.UNSUPPORTED_VERSION.code();
        }
        return GroupErrors.code(error);
    }

    private static CommitRequest.Offset offset(TopicInfo topic, OffsetCommitRequestPartition partition) {
        String metadata = partition.committedMetadata();
        return new CommitRequest.Offset(
                new OffsetKey(topic.id(), partition.partitionIndex()),
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                metadata == null ? "" : metadata);
    }
}
