// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;

/**
 * Looks a destination up, creates it where the broker's configuration allows, and fixes its kind at first use. Opening
 * a queue also creates its group at the earliest record, so that nothing sent from now on is lost.
 *
 * @param name the destination's name: a legal Kafka topic name
 * @param kind as what it is opened
 */
public record OpenDestination(String name, DestinationKind kind) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.OPEN_DESTINATION;
    }

    /** @param partitions one entry for each partition, in order; empty unless the status is OK */
    public record Response(Status status, List<PartitionLeader> partitions) implements MillraceResponse {}

    /** Where a partition is served: {@code brokerId} is -1 while it has no leader. */
    public record PartitionLeader(int partition, int brokerId, String host, int port) {}
}
