// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.MemberIdentity;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Heartbeat. */
record HeartbeatHandler(GroupCoordinator groups) implements KafkaHandler<HeartbeatRequestData> {
    @Override
    public CompletionStage<HeartbeatResponseData> handle(RequestContext context, HeartbeatRequestData request) {
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(
                    new HeartbeatResponseData().setErrorCode(Errors.INVALID_GROUP_ID.code()));
        }
        MemberIdentity who = new MemberIdentity(request.memberId(), request.groupInstanceId());
        return groups.heartbeat(request.groupId(), who, request.generationId())
                .thenApply(error -> new HeartbeatResponseData().setErrorCode(GroupErrors.code(error)))
                .exceptionally(failure -> new HeartbeatResponseData().setErrorCode(GroupErrors.code(failure)));
    }
}
