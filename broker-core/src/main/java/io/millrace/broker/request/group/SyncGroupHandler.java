// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.OpaqueBytes;
import io.millrace.broker.group.SyncRequest;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/** SyncGroup. Answered when the leader's assignment is there and durable. */
record SyncGroupHandler(GroupCoordinator groups) implements KafkaHandler<SyncGroupRequestData> {
    /** From it on kind and assignor must be named (KIP-559). */
    private static final short FIRST_VERSION_WITH_PROTOCOL = 5;

    @Override
    public CompletionStage<SyncGroupResponseData> handle(RequestContext context, SyncGroupRequestData request) {
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(
                    new SyncGroupResponseData().setErrorCode(Errors.INVALID_GROUP_ID.code()));
        }
        boolean namesProtocol = request.protocolType() != null && request.protocolName() != null;
        if (context.apiVersion() >= FIRST_VERSION_WITH_PROTOCOL && !namesProtocol) {
            return CompletableFuture.completedFuture(
                    new SyncGroupResponseData().setErrorCode(Errors.INCONSISTENT_GROUP_PROTOCOL.code()));
        }
        Map<String, OpaqueBytes> assignments = new HashMap<>();
        request.assignments().forEach(share -> assignments.put(share.memberId(), OpaqueBytes.of(share.assignment())));
        SyncRequest sync = new SyncRequest(
                request.memberId(),
                request.groupInstanceId(),
                request.generationId(),
                request.protocolType(),
                request.protocolName(),
                assignments);
        return groups.sync(request.groupId(), sync)
                .thenApply(result -> new SyncGroupResponseData()
                        .setErrorCode(GroupErrors.code(result.error()))
                        .setProtocolType(result.protocolType())
                        .setProtocolName(result.protocolName())
                        .setAssignment(result.assignment().array()))
                .exceptionally(failure -> new SyncGroupResponseData().setErrorCode(GroupErrors.code(failure)));
    }
}
