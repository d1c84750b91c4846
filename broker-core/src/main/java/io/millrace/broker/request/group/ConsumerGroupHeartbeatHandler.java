// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.ConsumerHeartbeat;
import io.millrace.broker.group.ConsumerHeartbeatResult;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.PartitionSet;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** ConsumerGroupHeartbeat: joining, living in and leaving a group whose assignment the broker makes (KIP-848). */
record ConsumerGroupHeartbeatHandler(GroupCoordinator groups)
        implements KafkaHandler<ConsumerGroupHeartbeatRequestData> {
    /** From it on clients choose their id themselves (KIP-1082). */
    private static final short FIRST_VERSION_WITH_CLIENT_ID = 1;

    private static final int LEAVE_AND_COME_BACK = -2;

    @Override
    public CompletionStage<ConsumerGroupHeartbeatResponseData> handle(
            RequestContext context, ConsumerGroupHeartbeatRequestData request) {
        String problem = problemOf(request, context.apiVersion());
        if (problem != null) {
            return CompletableFuture.completedFuture(failed(Errors.INVALID_REQUEST.code(), problem));
        }
        return groups.consumerHeartbeat(request.groupId(), translate(request, context))
                .thenApply(ConsumerGroupHeartbeatHandler::translate)
                .exceptionally(failure -> failed(GroupErrors.code(failure), GroupErrors.message(failure)));
    }

    private static @Nullable String problemOf(ConsumerGroupHeartbeatRequestData request, short version) {
        boolean joins = request.memberEpoch() == 0;
        if (request.groupId().isEmpty()) {
            return "GroupId can't be empty.";
        }
        if (request.memberId().isEmpty() && !(joins && version < FIRST_VERSION_WITH_CLIENT_ID)) {
            return "MemberId can't be empty.";
        }
        if (isEmpty(request.instanceId())) {
            return "InstanceId can't be empty.";
        }
        if (isEmpty(request.rackId())) {
            return "RackId can't be empty.";
        }
        if (request.memberEpoch() < LEAVE_AND_COME_BACK) {
            return "MemberEpoch " + request.memberEpoch() + " is invalid.";
        }
        if (request.memberEpoch() == LEAVE_AND_COME_BACK && request.instanceId() == null) {
            return "InstanceId can't be null with the epoch -2.";
        }
        return joins ? problemOfJoin(request) : null;
    }

    private static @Nullable String problemOfJoin(ConsumerGroupHeartbeatRequestData request) {
        if (request.rebalanceTimeoutMs() < 0) {
            return "RebalanceTimeoutMs must be provided in first request.";
        }
        if (request.topicPartitions() == null || !request.topicPartitions().isEmpty()) {
            return "TopicPartitions must be empty when (re-)joining.";
        }
        return request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null
                ? "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining."
                : null;
    }

    private static boolean isEmpty(@Nullable String text) {
        return text != null && text.isEmpty();
    }

    private static ConsumerHeartbeat translate(ConsumerGroupHeartbeatRequestData request, RequestContext context) {
        String clientId = context.clientId();
        return new ConsumerHeartbeat(
                request.memberId(),
                request.memberEpoch(),
                request.instanceId(),
                request.rackId(),
                clientId == null ? "" : clientId,
                "/" + context.connection().remoteHost(), // as Kafka's tools show it
                context.connection().session().principal().toString(),
                request.rebalanceTimeoutMs(),
                request.subscribedTopicNames(),
                request.subscribedTopicRegex(),
                request.serverAssignor(),
                owned(request.topicPartitions()));
    }

    private static @Nullable Map<UUID, List<Integer>> owned(
            @Nullable List<ConsumerGroupHeartbeatRequestData.TopicPartitions> topics) {
        if (topics == null) {
            return null;
        }
        Map<UUID, List<Integer>> owned = new HashMap<>();
        topics.forEach(topic -> owned.put(KnownTopics.uuid(topic.topicId()), topic.partitions()));
        return owned;
    }

    private static ConsumerGroupHeartbeatResponseData translate(ConsumerHeartbeatResult result) {
        if (result.error() != GroupError.NONE) {
            return failed(GroupErrors.code(result.error()), result.message());
        }
        return new ConsumerGroupHeartbeatResponseData()
                .setMemberId(result.memberId())
                .setMemberEpoch(result.epoch())
                .setHeartbeatIntervalMs(result.heartbeatIntervalMs())
                .setAssignment(translate(result.assignment()));
    }

    private static @Nullable Assignment translate(@Nullable PartitionSet assignment) {
        if (assignment == null) {
            return null;
        }
        return new Assignment()
                .setTopicPartitions(assignment.topicIds().stream()
                        .map(topicId -> new TopicPartitions()
                                .setTopicId(KnownTopics.kafkaId(topicId))
                                .setPartitions(assignment.partitions(topicId)))
                        .toList());
    }

    private static ConsumerGroupHeartbeatResponseData failed(short code, @Nullable String message) {
        return new ConsumerGroupHeartbeatResponseData().setErrorCode(code).setErrorMessage(message);
    }
}
