// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;

/** ListPartitionReassignments (KIP-455): none is ever under way, since a partition has one copy, which stays where it is. */
final class ListPartitionReassignmentsHandler implements KafkaHandler<ListPartitionReassignmentsRequestData> {
    @Override
    public CompletionStage<ListPartitionReassignmentsResponseData> handle(
            RequestContext context, ListPartitionReassignmentsRequestData request) {
        return CompletableFuture.completedFuture(new ListPartitionReassignmentsResponseData());
    }
}
