// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member wants in (JoinGroup).
 *
 * @param memberId empty at the first join
 * @param instanceId the static member's {@code group.instance.id}, or {@code null} for a dynamic member
 * @param clientId the client's name, for the member id and descriptions
 * @param clientHost the peer's address, for descriptions
 * @param sessionTimeoutMs the member is removed after this silence, milliseconds
 * @param rebalanceTimeoutMs how long a rebalance waits for this member, milliseconds
 * @param protocolType what kind of group it is, such as {@code consumer}
 * @param protocols in the member's order of preference
 * @param requiresKnownMemberId a dynamic member without id is sent one first (version 4 and above)
 * @param supportsSkippingAssignment a static leader that comes back may be told to skip the assignment (version 9)
 */
public record JoinRequest(
        String memberId,
        @Nullable String instanceId,
        String clientId,
        String clientHost,
        int sessionTimeoutMs,
        int rebalanceTimeoutMs,
        String protocolType,
        List<MemberProtocol> protocols,
        boolean requiresKnownMemberId,
        boolean supportsSkippingAssignment) {
    public JoinRequest {
        protocols = List.copyOf(protocols);
    }
}
