// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;

/** ListGroups: the groups this broker coordinates, by state and type where asked. */
record ListGroupsHandler(GroupCoordinator groups) implements KafkaHandler<ListGroupsRequestData> {
    @Override
    public CompletionStage<ListGroupsResponseData> handle(RequestContext context, ListGroupsRequestData request) {
        return groups.list()
                .thenApply(listings -> new ListGroupsResponseData()
                        .setGroups(listings.stream()
                                .filter(group -> passes(group.state(), request.statesFilter()))
                                .filter(group -> passes(group.type().kafkaName(), request.typesFilter()))
                                .map(group -> new ListedGroup()
                                        .setGroupId(group.groupId())
                                        .setProtocolType(group.protocolType())
                                        .setGroupState(group.state())
                                        .setGroupType(group.type().kafkaName()))
                                .toList()))
                .exceptionally(failure -> new ListGroupsResponseData().setErrorCode(GroupErrors.code(failure)));
    }

    private static boolean passes(String value, List<String> filter) {
        return filter.isEmpty() || filter.stream().anyMatch(value::equalsIgnoreCase);
    }
}
