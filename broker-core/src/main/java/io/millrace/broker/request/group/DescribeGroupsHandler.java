// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupDescription;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;

/** DescribeGroups. */
record DescribeGroupsHandler(GroupCoordinator groups) implements KafkaHandler<DescribeGroupsRequestData> {
    /** Before it a group that does not exist is described as dead (KIP-1043). */
    private static final short FIRST_VERSION_WITH_NOT_FOUND = 6;

    @Override
    public CompletionStage<DescribeGroupsResponseData> handle(
            RequestContext context, DescribeGroupsRequestData request) {
        List<CompletableFuture<DescribedGroup>> described = request.groups().stream()
                .map(groupId -> groups.describe(groupId)
                        .thenApply(description -> translate(description, context.apiVersion()))
                        .exceptionally(failure -> new DescribedGroup()
                                .setGroupId(groupId)
                                .setErrorCode(GroupErrors.code(failure))
                                .setErrorMessage(GroupErrors.message(failure))))
                .toList();
        return CompletableFuture.allOf(described.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new DescribeGroupsResponseData()
                        .setGroups(
                                described.stream().map(CompletableFuture::join).toList()));
    }

    private static DescribedGroup translate(GroupDescription description, short version) {
        DescribedGroup group = new DescribedGroup()
                .setGroupId(description.groupId())
                .setGroupState(description.state())
                .setProtocolType(description.protocolType())
                .setProtocolData(description.protocolName())
                .setMembers(description.members().stream()
                        .map(DescribeGroupsHandler::translate)
                        .toList());
        if (description.error() != GroupError.NONE && version >= FIRST_VERSION_WITH_NOT_FOUND) {
            group.setErrorCode(GroupErrors.code(description.error()))
                    .setErrorMessage("There is no group " + description.groupId() + ".");
        }
        return group;
    }

    private static DescribedGroupMember translate(GroupDescription.Member member) {
        return new DescribedGroupMember()
                .setMemberId(member.memberId())
                .setGroupInstanceId(member.instanceId())
                .setClientId(member.clientId())
                .setClientHost(member.clientHost())
                .setMemberMetadata(member.subscription().array())
                .setMemberAssignment(member.assignment().array());
    }
}
