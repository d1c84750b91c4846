// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.PartitionSet;
import io.millrace.broker.group.ShareHeartbeat;
import io.millrace.broker.group.ShareHeartbeatResult;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData.Assignment;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** ShareGroupHeartbeat: joining, living in and leaving a share group (KIP-932). */
record ShareGroupHeartbeatHandler(GroupCoordinator groups) implements KafkaHandler<ShareGroupHeartbeatRequestData> {
    private static final int LEAVE = -1;

    @Override
    public CompletionStage<ShareGroupHeartbeatResponseData> handle(
            RequestContext context, ShareGroupHeartbeatRequestData request) {
        String problem = problemOf(request);
        if (problem != null) {
            return CompletableFuture.completedFuture(failed(Errors.INVALID_REQUEST.code(), problem));
        }
        String clientId = context.clientId();
        ShareHeartbeat heartbeat = new ShareHeartbeat(
                request.memberId(),
                request.memberEpoch(),
                request.rackId(),
                clientId == null ? "" : clientId,
                "/" + context.connection().remoteHost(), // as Kafka's tools show it
                request.subscribedTopicNames());
        return groups.shareHeartbeat(request.groupId(), heartbeat)
                .thenApply(ShareGroupHeartbeatHandler::translate)
                .exceptionally(failure -> failed(GroupErrors.code(failure), GroupErrors.message(failure)));
    }

    private static @Nullable String problemOf(ShareGroupHeartbeatRequestData request) {
        String rack = request.rackId();
        if (request.memberId().isBlank()) {
            return "MemberId can't be empty.";
        }
        if (request.groupId().isBlank()) {
            return "GroupId can't be empty.";
        }
        if (rack != null && rack.isEmpty()) {
            return "RackId can't be empty.";
        }
        if (request.memberEpoch() < LEAVE) {
            return "MemberEpoch is invalid.";
        }
        return request.memberEpoch() == 0
                        && (request.subscribedTopicNames() == null
                                || request.subscribedTopicNames().isEmpty())
                ? "SubscribedTopicNames must be set in first request."
                : null;
    }

    private static ShareGroupHeartbeatResponseData translate(ShareHeartbeatResult result) {
        if (result.error() != GroupError.NONE) {
            return failed(GroupErrors.code(result.error()), result.message());
        }
        return new ShareGroupHeartbeatResponseData()
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

    private static ShareGroupHeartbeatResponseData failed(short code, @Nullable String message) {
        return new ShareGroupHeartbeatResponseData().setErrorCode(code).setErrorMessage(message);
    }
}
