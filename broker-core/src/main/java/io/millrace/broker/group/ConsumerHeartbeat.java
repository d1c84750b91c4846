// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A sign of life of a consumer group's member, with what changed since the last (ConsumerGroupHeartbeat, KIP-848).
 * {@code null} means unchanged.
 *
 * @param memberId the id, chosen by the client; empty at the first heartbeat of version 0
 * @param epoch the member's epoch; 0 to join, -1 to leave, -2 to leave as a static member that means to come back
 * @param instanceId the {@code group.instance.id}, or {@code null} for a dynamic member
 * @param rackId where the member stands
 * @param clientId the client's name, for descriptions
 * @param clientHost the peer's address, for descriptions
 * @param principal who the client is, {@code User:name}
 * @param rebalanceTimeoutMs how long the member may take to give partitions up, milliseconds; -1 for unchanged
 * @param topicNames the topics subscribed to by name
 * @param topicRegex the topics subscribed to by a regular expression (RE2); empty for no longer any
 * @param assignor the assignor wanted
 * @param owned what the member uses
 */
public record ConsumerHeartbeat(
        String memberId,
        int epoch,
        @Nullable String instanceId,
        @Nullable String rackId,
        String clientId,
        String clientHost,
        String principal,
        int rebalanceTimeoutMs,
        @Nullable List<String> topicNames,
        @Nullable String topicRegex,
        @Nullable String assignor,
        @Nullable Map<UUID, List<Integer>> owned) {

    static final int JOIN = 0;
    static final int LEAVE = -1;

    boolean isLeave() {
        return epoch < JOIN;
    }

    /** Says everything again, so it is answered with everything. */
    boolean isFull() {
        return epoch == JOIN
                || (rebalanceTimeoutMs != -1 && (topicNames != null || topicRegex != null) && owned != null);
    }
}
