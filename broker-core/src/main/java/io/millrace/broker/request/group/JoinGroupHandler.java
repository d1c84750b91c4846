// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.JoinRequest;
import io.millrace.broker.group.JoinResult;
import io.millrace.broker.group.MemberProtocol;
import io.millrace.broker.group.OpaqueBytes;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.protocol.Errors;

/** JoinGroup. Answered when the rebalance that it leads to completes, minutes later perhaps. */
record JoinGroupHandler(GroupCoordinator groups) implements KafkaHandler<JoinGroupRequestData> {
    /** KIP-394: a dynamic member is sent its id first. */
    private static final short FIRST_VERSION_WITH_HANDSHAKE = 4;

    /** Before it the answer's protocol name must not be null. */
    private static final short FIRST_VERSION_WITH_NULL_PROTOCOL = 7;

    /** KIP-814: a static leader that comes back may skip the assignment. */
    private static final short FIRST_VERSION_WITH_SKIPPING = 9;

    @Override
    public CompletionStage<JoinGroupResponseData> handle(RequestContext context, JoinGroupRequestData request) {
        short version = context.apiVersion();
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(
                    failed(Errors.INVALID_GROUP_ID.code(), request.memberId(), version));
        }
        return groups.join(request.groupId(), translate(context, request))
                .thenApply(result -> translate(result, version))
                .exceptionally(failure -> failed(GroupErrors.code(failure), request.memberId(), version));
    }

    private static JoinRequest translate(RequestContext context, JoinGroupRequestData request) {
        short version = context.apiVersion();
        String clientId = context.clientId();
        int rebalanceTimeoutMs = request.rebalanceTimeoutMs();
        return new JoinRequest(
                request.memberId(),
                request.groupInstanceId(),
                clientId == null ? "" : clientId,
                "/" + context.connection().remoteHost(), // as Kafka's tools show it
                request.sessionTimeoutMs(),
                rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs() : rebalanceTimeoutMs, // version 0 has none
                request.protocolType(),
                request.protocols().stream()
                        .map(protocol -> new MemberProtocol(protocol.name(), OpaqueBytes.of(protocol.metadata())))
                        .toList(),
                version >= FIRST_VERSION_WITH_HANDSHAKE,
                version >= FIRST_VERSION_WITH_SKIPPING);
    }

    private static JoinGroupResponseData translate(JoinResult result, short version) {
        if (result.error() != GroupError.NONE) {
            return failed(GroupErrors.code(result.error()), result.memberId(), version);
        }
        return new JoinGroupResponseData()
                .setMemberId(result.memberId())
                .setGenerationId(result.generation())
                .setProtocolType(result.protocolType())
                .setProtocolName(result.protocolName())
                .setLeader(result.leaderId())
                .setSkipAssignment(result.skipAssignment())
                .setMembers(result.members().stream()
                        .map(member -> new JoinGroupResponseMember()
                                .setMemberId(member.memberId())
                                .setGroupInstanceId(member.instanceId())
                                .setMetadata(member.metadata().array()))
                        .toList());
    }

    private static JoinGroupResponseData failed(short code, String memberId, short version) {
        return new JoinGroupResponseData()
                .setErrorCode(code)
                .setMemberId(memberId)
                .setGenerationId(-1)
                .setProtocolName(version < FIRST_VERSION_WITH_NULL_PROTOCOL ? "" : null);
    }
}
