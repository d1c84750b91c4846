// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.MemberIdentity;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.Errors;

/** LeaveGroup: one member before version 3, several from then on. */
record LeaveGroupHandler(GroupCoordinator groups) implements KafkaHandler<LeaveGroupRequestData> {
    private static final short FIRST_BATCHED_VERSION = 3;

    @Override
    public CompletionStage<LeaveGroupResponseData> handle(RequestContext context, LeaveGroupRequestData request) {
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(
                    new LeaveGroupResponseData().setErrorCode(Errors.INVALID_GROUP_ID.code()));
        }
        boolean batched = context.apiVersion() >= FIRST_BATCHED_VERSION;
        List<MemberIdentity> leavers = batched
                ? request.members().stream()
                        .map(member -> new MemberIdentity(member.memberId(), member.groupInstanceId()))
                        .toList()
                : List.of(new MemberIdentity(request.memberId(), null));
        return groups.leave(request.groupId(), leavers)
                .thenApply(errors -> batched ? each(leavers, errors) : single(errors.get(0)))
                .exceptionally(failure -> new LeaveGroupResponseData().setErrorCode(GroupErrors.code(failure)));
    }

    private static LeaveGroupResponseData single(GroupError error) {
        return new LeaveGroupResponseData().setErrorCode(GroupErrors.code(error));
    }

    private static LeaveGroupResponseData each(List<MemberIdentity> leavers, List<GroupError> errors) {
        return new LeaveGroupResponseData()
                .setMembers(IntStream.range(0, leavers.size())
                        .mapToObj(i -> new MemberResponse()
                                .setMemberId(leavers.get(i).memberId())
                                .setGroupInstanceId(leavers.get(i).instanceId())
                                .setErrorCode(GroupErrors.code(errors.get(i))))
                        .toList());
    }
}
