// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link JoinRequest}.
 *
 * @param error how it ended; the fields but {@code memberId} mean something with {@link GroupError#NONE} only
 * @param memberId the member's id
 * @param generation the new generation
 * @param protocolType the group's kind
 * @param protocolName the chosen assignor
 * @param leaderId the member that assigns
 * @param skipAssignment the leader keeps the assignment as it is
 * @param members all members, for the leader only
 */
public record JoinResult(
        GroupError error,
        String memberId,
        int generation,
        @Nullable String protocolType,
        @Nullable String protocolName,
        String leaderId,
        boolean skipAssignment,
        List<JoinedMember> members) {
    public JoinResult {
        members = List.copyOf(members);
    }

    static JoinResult failed(GroupError error, String memberId) {
        return new JoinResult(error, memberId, -1, null, null, "", false, List.of());
    }

    /**
     * @param memberId the member
     * @param instanceId its {@code group.instance.id}, or {@code null}
     * @param metadata its subscription for the chosen assignor
     */
    public record JoinedMember(String memberId, @Nullable String instanceId, OpaqueBytes metadata) {}
}
