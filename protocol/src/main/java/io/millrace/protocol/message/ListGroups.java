// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;

/**
 * Asks for the queues and subscriptions that this broker serves, with their state. Needs no {@link Connect}.
 *
 * @param destination only those of this destination; empty for all
 */
public record ListGroups(String destination) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.LIST_GROUPS;
    }

    /** @param groups by destination, group and partition */
    public record Response(Status status, List<Group> groups) implements MillraceResponse {}

    /**
     * One group on one partition.
     *
     * @param destination the queue or topic
     * @param kind what kind of group it is
     * @param name the subscription's name; the destination's for a queue
     * @param partition the partition index
     * @param depth messages not finished with: waiting, in flight, delayed or dead; offsets without a message count
     *     until they were looked at
     * @param inFlight of these, with consumers
     * @param delayed of these, waiting for their delivery or redelivery time, as far as is known
     * @param dead of these, on their way to the dead-letter or expiry queue
     * @param consumers open consumers
     * @param paused whether delivery stands still
     * @param oldestMs the timestamp of the first message not finished with, milliseconds since the epoch; -1 for none
     */
    public record Group(
            String destination,
            SubscriptionKind kind,
            String name,
            int partition,
            long depth,
            long inFlight,
            long delayed,
            long dead,
            int consumers,
            boolean paused,
            long oldestMs) {}
}
