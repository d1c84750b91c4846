// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;

/** DeleteGroups: groups without members, with their offsets; what share groups know on the partitions goes first. */
record DeleteGroupsHandler(GroupCoordinator groups, SharePartitions shares)
        implements KafkaHandler<DeleteGroupsRequestData> {
    @Override
    public CompletionStage<DeleteGroupsResponseData> handle(RequestContext context, DeleteGroupsRequestData request) {
        List<CompletableFuture<DeletableGroupResult>> deleted = request.groupsNames().stream()
                .distinct()
                .map(groupId -> delete(groupId)
                        .thenApply(GroupErrors::code)
                        .exceptionally(GroupErrors::code)
                        .thenApply(code ->
                                new DeletableGroupResult().setGroupId(groupId).setErrorCode(code)))
                .toList();
        return CompletableFuture.allOf(deleted.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    DeletableGroupResultCollection results = new DeletableGroupResultCollection();
                    deleted.forEach(result -> results.add(result.join()));
                    return new DeleteGroupsResponseData().setResults(results);
                });
    }

    private CompletableFuture<GroupError> delete(String groupId) {
        return groups.prepareShareGroupChange(groupId, false)
                .thenCompose(error -> error == GroupError.NONE
                        ? shares.deleteAll(groupId)
                        : CompletableFuture.<Void>completedFuture(null))
                .thenCompose(done -> groups.delete(groupId));
    }
}
