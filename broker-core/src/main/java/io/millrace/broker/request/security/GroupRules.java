// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import static io.millrace.broker.acl.Operation.CLUSTER_ACTION;
import static io.millrace.broker.acl.Operation.DELETE;
import static io.millrace.broker.acl.Operation.DESCRIBE;
import static io.millrace.broker.acl.Operation.READ;

import io.millrace.broker.request.RequestFilter.Next;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Groups and their offsets. */
final class GroupRules {
    private static final short DENIED = Errors.GROUP_AUTHORIZATION_FAILED.code();
    private static final byte GROUP = 0;
    private static final byte TRANSACTION = 1;
    private static final short FIRST_BATCHED_VERSION = 4;
    private static final short FIRST_VERSION_WITH_GROUPS = 8;
    private static final short FIRST_FETCH_ERROR_VERSION = 2;

    private GroupRules() {}

    static AccessRules add(AccessRules rules) {
        return rules.on(ApiKeys.FIND_COORDINATOR, FindCoordinatorRequestData.class, GroupRules::findCoordinator)
                .whole(
                        ApiKeys.JOIN_GROUP,
                        JoinGroupRequestData.class,
                        (access, request) -> access.group(READ, request.groupId()),
                        request -> new JoinGroupResponseData().setErrorCode(DENIED))
                .whole(
                        ApiKeys.SYNC_GROUP,
                        SyncGroupRequestData.class,
                        (access, request) -> access.group(READ, request.groupId()),
                        request -> new SyncGroupResponseData().setErrorCode(DENIED))
                .whole(
                        ApiKeys.HEARTBEAT,
                        HeartbeatRequestData.class,
                        (access, request) -> access.group(READ, request.groupId()),
                        request -> new HeartbeatResponseData().setErrorCode(DENIED))
                .whole(
                        ApiKeys.LEAVE_GROUP,
                        LeaveGroupRequestData.class,
                        (access, request) -> access.group(READ, request.groupId()),
                        request -> new LeaveGroupResponseData().setErrorCode(DENIED))
                .on(ApiKeys.DESCRIBE_GROUPS, DescribeGroupsRequestData.class, GroupRules::describeGroups)
                .on(ApiKeys.LIST_GROUPS, ListGroupsRequestData.class, GroupRules::listGroups)
                .on(ApiKeys.DELETE_GROUPS, DeleteGroupsRequestData.class, GroupRules::deleteGroups)
                .on(ApiKeys.OFFSET_COMMIT, OffsetCommitRequestData.class, GroupRules::offsetCommit)
                .on(ApiKeys.OFFSET_FETCH, OffsetFetchRequestData.class, GroupRules::offsetFetch)
                .on(ApiKeys.OFFSET_DELETE, OffsetDeleteRequestData.class, GroupRules::offsetDelete)
                .on(
                        ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                        ConsumerGroupHeartbeatRequestData.class,
                        GroupRules::consumerGroupHeartbeat)
                .on(
                        ApiKeys.CONSUMER_GROUP_DESCRIBE,
                        ConsumerGroupDescribeRequestData.class,
                        GroupRules::describeConsumerGroups);
    }

    private static CompletionStage<? extends @Nullable ApiMessage> consumerGroupHeartbeat(
            Access access, ConsumerGroupHeartbeatRequestData request, Next next) {
        List<String> topics = request.subscribedTopicNames();
        Errors error = Errors.NONE;
        if (!access.group(READ, request.groupId())) {
            error = Errors.GROUP_AUTHORIZATION_FAILED;
        } else if (topics != null && !topics.stream().allMatch(topic -> access.topic(DESCRIBE, topic))) {
            error = Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return error == Errors.NONE
                ? next.handle(request)
                : CompletableFuture.completedFuture(new ConsumerGroupHeartbeatResponseData()
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> offsetDelete(
            Access access, OffsetDeleteRequestData request, Next next) {
        if (!access.group(DELETE, request.groupId())) {
            return CompletableFuture.completedFuture(new OffsetDeleteResponseData().setErrorCode(DENIED));
        }
        List<OffsetDeleteResponseTopic> denied = new ArrayList<>();
        OffsetDeleteRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(READ, topic.name());
            if (refuse) {
                OffsetDeleteResponseTopic answer = new OffsetDeleteResponseTopic().setName(topic.name());
                topic.partitions()
                        .forEach(partition -> answer.partitions()
                                .add(new OffsetDeleteResponsePartition()
                                        .setPartitionIndex(partition.partitionIndex())
                                        .setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code())));
                denied.add(answer);
            }
            return refuse;
        });
        return AccessRules.after(next.handle(allowed), OffsetDeleteResponseData.class, response -> {
            if (response.errorCode() == Errors.NONE.code()) {
                response.topics().addAll(denied);
            }
        });
    }

    private static CompletionStage<? extends @Nullable ApiMessage> findCoordinator(
            Access access, FindCoordinatorRequestData request, Next next) {
        Errors error = request.keyType() == TRANSACTION
                ? Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                : request.keyType() == GROUP ? Errors.GROUP_AUTHORIZATION_FAILED : Errors.CLUSTER_AUTHORIZATION_FAILED;
        if (access.version() < FIRST_BATCHED_VERSION) {
            return mayFind(access, request.keyType(), request.key())
                    ? next.handle(request)
                    : CompletableFuture.completedFuture(new FindCoordinatorResponseData()
                            .setErrorCode(error.code())
                            .setErrorMessage(error.message())
                            .setNodeId(-1)
                            .setHost("")
                            .setPort(-1));
        }
        List<Coordinator> denied = new ArrayList<>();
        FindCoordinatorRequestData allowed = request.duplicate();
        allowed.coordinatorKeys().removeIf(key -> {
            boolean refuse = !mayFind(access, request.keyType(), key);
            if (refuse) {
                denied.add(new Coordinator()
                        .setKey(key)
                        .setNodeId(-1)
                        .setHost("")
                        .setPort(-1)
                        .setErrorCode(error.code())
                        .setErrorMessage(error.message()));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                FindCoordinatorResponseData.class,
                response -> response.setCoordinators(AccessRules.joined(response.coordinators(), denied)));
    }

    private static boolean mayFind(Access access, byte keyType, String key) {
        return switch (keyType) {
            case GROUP -> access.group(DESCRIBE, key);
            case TRANSACTION -> access.transaction(DESCRIBE, key);
            default -> access.cluster(CLUSTER_ACTION);
        };
    }

    private static CompletionStage<? extends @Nullable ApiMessage> describeGroups(
            Access access, DescribeGroupsRequestData request, Next next) {
        List<DescribedGroup> denied = new ArrayList<>();
        DescribeGroupsRequestData allowed = request.duplicate();
        allowed.groups().removeIf(group -> {
            boolean refuse = !access.group(DESCRIBE, group);
            if (refuse) {
                denied.add(new DescribedGroup().setGroupId(group).setErrorCode(DENIED));
            }
            return refuse;
        });
        return AccessRules.after(next.handle(allowed), DescribeGroupsResponseData.class, response -> {
            if (request.includeAuthorizedOperations()) {
                response.groups().stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(access.groupOperations(group.groupId())));
            }
            response.setGroups(AccessRules.joined(response.groups(), denied));
        });
    }

    private static CompletionStage<? extends @Nullable ApiMessage> describeConsumerGroups(
            Access access, ConsumerGroupDescribeRequestData request, Next next) {
        List<ConsumerGroupDescribeResponseData.DescribedGroup> denied = new ArrayList<>();
        ConsumerGroupDescribeRequestData allowed = request.duplicate();
        allowed.groupIds().removeIf(group -> {
            boolean refuse = !access.group(DESCRIBE, group);
            if (refuse) {
                denied.add(new ConsumerGroupDescribeResponseData.DescribedGroup()
                        .setGroupId(group)
                        .setErrorCode(DENIED));
            }
            return refuse;
        });
        return AccessRules.after(next.handle(allowed), ConsumerGroupDescribeResponseData.class, response -> {
            if (request.includeAuthorizedOperations()) {
                response.groups().stream()
                        .filter(group -> group.errorCode() == Errors.NONE.code())
                        .forEach(group -> group.setAuthorizedOperations(access.groupOperations(group.groupId())));
            }
            response.groups().stream()
                    .filter(group -> !group.members().stream().allMatch(member -> maySee(access, member)))
                    .forEach(group -> group.setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code())
                            .setErrorMessage("The group has topics that the client may not describe.")
                            .setMembers(List.of()));
            response.setGroups(AccessRules.joined(response.groups(), denied));
        });
    }

    private static boolean maySee(Access access, ConsumerGroupDescribeResponseData.Member member) {
        return Stream.concat(
                        member.subscribedTopicNames().stream(),
                        Stream.of(member.assignment(), member.targetAssignment())
                                .flatMap(assignment -> assignment.topicPartitions().stream())
                                .map(ConsumerGroupDescribeResponseData.TopicPartitions::topicName))
                .allMatch(topic -> access.topic(DESCRIBE, topic));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> listGroups(
            Access access, ListGroupsRequestData request, Next next) {
        return AccessRules.after(next.handle(request), ListGroupsResponseData.class, response -> {
            if (!access.cluster(DESCRIBE)) {
                response.setGroups(response.groups().stream()
                        .filter(group -> access.group(DESCRIBE, group.groupId()))
                        .toList());
            }
        });
    }

    private static CompletionStage<? extends @Nullable ApiMessage> deleteGroups(
            Access access, DeleteGroupsRequestData request, Next next) {
        List<DeletableGroupResult> denied = new ArrayList<>();
        DeleteGroupsRequestData allowed = request.duplicate();
        allowed.groupsNames().removeIf(group -> {
            boolean refuse = !access.group(DELETE, group);
            if (refuse) {
                denied.add(new DeletableGroupResult().setGroupId(group).setErrorCode(DENIED));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                DeleteGroupsResponseData.class,
                response -> response.results().addAll(denied));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> offsetCommit(
            Access access, OffsetCommitRequestData request, Next next) {
        if (!access.group(READ, request.groupId())) {
            return CompletableFuture.completedFuture(new OffsetCommitResponseData()
                    .setTopics(request.topics().stream()
                            .map(topic -> refused(topic, DENIED))
                            .toList()));
        }
        List<OffsetCommitResponseTopic> denied = new ArrayList<>();
        OffsetCommitRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(READ, topic.name(), topic.topicId());
            if (refuse) {
                denied.add(refused(topic, Errors.TOPIC_AUTHORIZATION_FAILED.code()));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                OffsetCommitResponseData.class,
                response -> response.setTopics(AccessRules.joined(response.topics(), denied)));
    }

    private static OffsetCommitResponseTopic refused(OffsetCommitRequestTopic topic, short error) {
        return new OffsetCommitResponseTopic()
                .setName(topic.name())
                .setTopicId(topic.topicId())
                .setPartitions(topic.partitions().stream()
                        .map(partition -> new OffsetCommitResponsePartition()
                                .setPartitionIndex(partition.partitionIndex())
                                .setErrorCode(error))
                        .toList());
    }

    /** Offsets of topics that may not be described are left out of the answer. */
    private static CompletionStage<? extends @Nullable ApiMessage> offsetFetch(
            Access access, OffsetFetchRequestData request, Next next) {
        if (access.version() < FIRST_VERSION_WITH_GROUPS) {
            if (!access.group(DESCRIBE, request.groupId())) {
                OffsetFetchResponseData refused = new OffsetFetchResponseData();
                return CompletableFuture.completedFuture(
                        access.version() < FIRST_FETCH_ERROR_VERSION ? refused : refused.setErrorCode(DENIED));
            }
            return AccessRules.after(
                    next.handle(request),
                    OffsetFetchResponseData.class,
                    response -> response.setTopics(response.topics().stream()
                            .filter(topic -> access.topic(DESCRIBE, topic.name()))
                            .toList()));
        }
        List<OffsetFetchResponseGroup> denied = new ArrayList<>();
        OffsetFetchRequestData allowed = request.duplicate();
        allowed.groups().removeIf(group -> refuse(access, group, denied));
        return AccessRules.after(next.handle(allowed), OffsetFetchResponseData.class, response -> {
            response.groups()
                    .forEach(group -> group.setTopics(group.topics().stream()
                            .filter(topic -> access.topic(DESCRIBE, topic.name(), topic.topicId()))
                            .toList()));
            response.setGroups(AccessRules.joined(response.groups(), denied));
        });
    }

    private static boolean refuse(Access access, OffsetFetchRequestGroup group, List<OffsetFetchResponseGroup> denied) {
        if (access.group(DESCRIBE, group.groupId())) {
            return false;
        }
        denied.add(new OffsetFetchResponseGroup().setGroupId(group.groupId()).setErrorCode(DENIED));
        return true;
    }
}
