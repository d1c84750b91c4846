// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import static io.millrace.broker.acl.Operation.DELETE;
import static io.millrace.broker.acl.Operation.DESCRIBE;
import static io.millrace.broker.acl.Operation.READ;

import io.millrace.broker.request.RequestFilter.Next;
import io.millrace.protocol.kafka.FetchRecords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponsePartition;
import org.apache.kafka.common.message.AlterShareGroupOffsetsResponseData.AlterShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsResponseData.DeleteShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponsePartition;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsResponseData.DescribeShareGroupOffsetsResponseTopic;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgeTopic;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData;
import org.apache.kafka.common.message.ShareAcknowledgeResponseData.ShareAcknowledgeTopicResponse;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData.ShareFetchableTopicResponse;
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupDescribeResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Share groups (KIP-932): members read the group and its topics. */
final class ShareRules {
    private static final short GROUP_DENIED = Errors.GROUP_AUTHORIZATION_FAILED.code();
    private static final short TOPIC_DENIED = Errors.TOPIC_AUTHORIZATION_FAILED.code();

    private ShareRules() {}

    static AccessRules add(AccessRules rules) {
        return rules.on(ApiKeys.SHARE_GROUP_HEARTBEAT, ShareGroupHeartbeatRequestData.class, ShareRules::heartbeat)
                .on(ApiKeys.SHARE_GROUP_DESCRIBE, ShareGroupDescribeRequestData.class, ShareRules::describe)
                .on(ApiKeys.SHARE_FETCH, ShareFetchRequestData.class, ShareRules::fetch)
                .on(ApiKeys.SHARE_ACKNOWLEDGE, ShareAcknowledgeRequestData.class, ShareRules::acknowledge)
                .on(
                        ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS,
                        DescribeShareGroupOffsetsRequestData.class,
                        ShareRules::describeOffsets)
                .on(
                        ApiKeys.ALTER_SHARE_GROUP_OFFSETS,
                        AlterShareGroupOffsetsRequestData.class,
                        ShareRules::alterOffsets)
                .on(
                        ApiKeys.DELETE_SHARE_GROUP_OFFSETS,
                        DeleteShareGroupOffsetsRequestData.class,
                        ShareRules::deleteOffsets);
    }

    private static CompletionStage<? extends @Nullable ApiMessage> heartbeat(
            Access access, ShareGroupHeartbeatRequestData request, Next next) {
        List<String> topics = request.subscribedTopicNames();
        Errors error = Errors.NONE;
        if (!access.group(READ, request.groupId())) {
            error = Errors.GROUP_AUTHORIZATION_FAILED;
        } else if (topics != null && !topics.stream().allMatch(topic -> access.topic(DESCRIBE, topic))) {
            error = Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return error == Errors.NONE
                ? next.handle(request)
                : CompletableFuture.completedFuture(new ShareGroupHeartbeatResponseData()
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> describe(
            Access access, ShareGroupDescribeRequestData request, Next next) {
        List<ShareGroupDescribeResponseData.DescribedGroup> denied = new ArrayList<>();
        ShareGroupDescribeRequestData allowed = request.duplicate();
        allowed.groupIds().removeIf(group -> {
            boolean refuse = !access.group(DESCRIBE, group);
            if (refuse) {
                denied.add(new ShareGroupDescribeResponseData.DescribedGroup()
                        .setGroupId(group)
                        .setErrorCode(GROUP_DENIED));
            }
            return refuse;
        });
        return AccessRules.after(next.handle(allowed), ShareGroupDescribeResponseData.class, response -> {
            if (request.includeAuthorizedOperations()) {
                response.groups().stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(access.groupOperations(group.groupId())));
            }
            response.groups().stream()
                    .filter(group -> !group.members().stream().allMatch(member -> maySee(access, member)))
                    .forEach(group -> group.setErrorCode(TOPIC_DENIED)
                            .setErrorMessage("The group has topics that the client may not describe.")
                            .setMembers(List.of()));
            response.setGroups(AccessRules.joined(response.groups(), denied));
        });
    }

    private static boolean maySee(Access access, ShareGroupDescribeResponseData.Member member) {
        return Stream.concat(
                        member.subscribedTopicNames().stream(),
                        member.assignment().topicPartitions().stream()
                                .map(ShareGroupDescribeResponseData.TopicPartitions::topicName))
                .allMatch(topic -> access.topic(DESCRIBE, topic));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> fetch(
            Access access, ShareFetchRequestData request, Next next) {
        String groupId = request.groupId();
        if (groupId == null || !access.group(READ, groupId)) {
            return CompletableFuture.completedFuture(new ShareFetchResponseData()
                    .setErrorCode(GROUP_DENIED)
                    .setErrorMessage(Errors.GROUP_AUTHORIZATION_FAILED.message()));
        }
        List<ShareFetchableTopicResponse> denied = new ArrayList<>();
        ShareFetchRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(READ, null, topic.topicId());
            if (refuse) {
                denied.add(refused(topic));
            }
            return refuse;
        });
        if (!denied.isEmpty()) {
            allowed.setMaxWaitMs(0); // what is denied is told at once
        }
        return AccessRules.after(next.handle(allowed), ShareFetchResponseData.class, response -> {
            // A session may hold what was denied since.
            response.responses().stream()
                    .filter(topic -> !access.topic(READ, null, topic.topicId()))
                    .forEach(topic -> topic.partitions().forEach(ShareRules::withhold));
            response.responses().addAll(denied);
        });
    }

    private static ShareFetchableTopicResponse refused(FetchTopic topic) {
        ShareFetchableTopicResponse response = new ShareFetchableTopicResponse().setTopicId(topic.topicId());
        topic.partitions()
                .forEach(partition -> response.partitions()
                        .add(FetchRecords.set(
                                new ShareFetchResponseData.PartitionData()
                                        .setPartitionIndex(partition.partitionIndex())
                                        .setErrorCode(TOPIC_DENIED)
                                        .setAcknowledgeErrorCode(
                                                partition
                                                                .acknowledgementBatches()
                                                                .isEmpty()
                                                        ? Errors.NONE.code()
                                                        : TOPIC_DENIED),
                                Unpooled.EMPTY_BUFFER)));
        return response;
    }

    private static void withhold(ShareFetchResponseData.PartitionData partition) {
        ByteBuf records = FetchRecords.buffer(partition);
        if (records != null) {
            records.release();
        }
        var unused = FetchRecords.set(
                partition.setErrorCode(TOPIC_DENIED).setAcquiredRecords(List.of()), Unpooled.EMPTY_BUFFER);
    }

    private static CompletionStage<? extends @Nullable ApiMessage> acknowledge(
            Access access, ShareAcknowledgeRequestData request, Next next) {
        String groupId = request.groupId();
        if (groupId == null || !access.group(READ, groupId)) {
            return CompletableFuture.completedFuture(new ShareAcknowledgeResponseData()
                    .setErrorCode(GROUP_DENIED)
                    .setErrorMessage(Errors.GROUP_AUTHORIZATION_FAILED.message()));
        }
        List<ShareAcknowledgeTopicResponse> denied = new ArrayList<>();
        ShareAcknowledgeRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(READ, null, topic.topicId());
            if (refuse) {
                denied.add(refused(topic));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                ShareAcknowledgeResponseData.class,
                response -> response.responses().addAll(denied));
    }

    private static ShareAcknowledgeTopicResponse refused(AcknowledgeTopic topic) {
        ShareAcknowledgeTopicResponse response = new ShareAcknowledgeTopicResponse().setTopicId(topic.topicId());
        topic.partitions()
                .forEach(partition -> response.partitions()
                        .add(new ShareAcknowledgeResponseData.PartitionData()
                                .setPartitionIndex(partition.partitionIndex())
                                .setErrorCode(TOPIC_DENIED)));
        return response;
    }

    /** With all topics asked for, those that the client may not describe are left out. */
    private static CompletionStage<? extends @Nullable ApiMessage> describeOffsets(
            Access access, DescribeShareGroupOffsetsRequestData request, Next next) {
        List<DescribeShareGroupOffsetsResponseGroup> denied = new ArrayList<>();
        DescribeShareGroupOffsetsRequestData allowed = request.duplicate();
        allowed.groups().removeIf(group -> {
            boolean refuse = !access.group(DESCRIBE, group.groupId());
            if (refuse) {
                denied.add(new DescribeShareGroupOffsetsResponseGroup()
                        .setGroupId(group.groupId())
                        .setErrorCode(GROUP_DENIED)
                        .setErrorMessage(Errors.GROUP_AUTHORIZATION_FAILED.message()));
            }
            return refuse;
        });
        return AccessRules.after(next.handle(allowed), DescribeShareGroupOffsetsResponseData.class, response -> {
            for (DescribeShareGroupOffsetsResponseGroup group : response.groups()) {
                boolean all = request.groups().stream()
                        .anyMatch(wanted -> wanted.groupId().equals(group.groupId()) && wanted.topics() == null);
                group.setTopics(group.topics().stream()
                        .filter(topic -> !all || access.topic(DESCRIBE, topic.topicName()))
                        .map(topic -> access.topic(DESCRIBE, topic.topicName()) ? topic : refused(topic))
                        .toList());
            }
            response.setGroups(AccessRules.joined(response.groups(), denied));
        });
    }

    private static DescribeShareGroupOffsetsResponseTopic refused(DescribeShareGroupOffsetsResponseTopic topic) {
        return new DescribeShareGroupOffsetsResponseTopic()
                .setTopicName(topic.topicName())
                .setPartitions(topic.partitions().stream()
                        .map(partition -> new DescribeShareGroupOffsetsResponsePartition()
                                .setPartitionIndex(partition.partitionIndex())
                                .setStartOffset(-1)
                                .setErrorCode(TOPIC_DENIED)
                                .setErrorMessage(Errors.TOPIC_AUTHORIZATION_FAILED.message()))
                        .toList());
    }

    private static CompletionStage<? extends @Nullable ApiMessage> alterOffsets(
            Access access, AlterShareGroupOffsetsRequestData request, Next next) {
        if (!access.group(READ, request.groupId())) {
            return CompletableFuture.completedFuture(new AlterShareGroupOffsetsResponseData()
                    .setErrorCode(GROUP_DENIED)
                    .setErrorMessage(Errors.GROUP_AUTHORIZATION_FAILED.message()));
        }
        List<AlterShareGroupOffsetsResponseTopic> denied = new ArrayList<>();
        AlterShareGroupOffsetsRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(READ, topic.topicName());
            if (refuse) {
                denied.add(new AlterShareGroupOffsetsResponseTopic()
                        .setTopicName(topic.topicName())
                        .setPartitions(topic.partitions().stream()
                                .map(partition -> new AlterShareGroupOffsetsResponsePartition()
                                        .setPartitionIndex(partition.partitionIndex())
                                        .setErrorCode(TOPIC_DENIED)
                                        .setErrorMessage(Errors.TOPIC_AUTHORIZATION_FAILED.message()))
                                .toList()));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                AlterShareGroupOffsetsResponseData.class,
                response -> response.responses().addAll(denied));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> deleteOffsets(
            Access access, DeleteShareGroupOffsetsRequestData request, Next next) {
        if (!access.group(DELETE, request.groupId())) {
            return CompletableFuture.completedFuture(new DeleteShareGroupOffsetsResponseData()
                    .setErrorCode(GROUP_DENIED)
                    .setErrorMessage(Errors.GROUP_AUTHORIZATION_FAILED.message()));
        }
        List<DeleteShareGroupOffsetsResponseTopic> denied = new ArrayList<>();
        DeleteShareGroupOffsetsRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(READ, topic.topicName());
            if (refuse) {
                denied.add(new DeleteShareGroupOffsetsResponseTopic()
                        .setTopicName(topic.topicName())
                        .setErrorCode(TOPIC_DENIED)
                        .setErrorMessage(Errors.TOPIC_AUTHORIZATION_FAILED.message()));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                DeleteShareGroupOffsetsResponseData.class,
                response -> response.responses().addAll(denied));
    }
}
