// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A picture of a group for administrators. Immutable.
 *
 * @param error {@link GroupError#GROUP_ID_NOT_FOUND} where there is none
 * @param state its state by Kafka's name
 * @param protocolType the group's kind
 * @param protocolName the chosen assignor, empty unless stable
 * @param members the members; subscription and assignment are filled in when stable
 */
public record GroupDescription(
        GroupError error,
        String groupId,
        String state,
        String protocolType,
        String protocolName,
        List<Member> members) {
    public GroupDescription {
        members = List.copyOf(members);
    }

    static GroupDescription notFound(String groupId) {
        return new GroupDescription(GroupError.GROUP_ID_NOT_FOUND, groupId, "Dead", "", "", List.of());
    }

    /** One member. */
    public record Member(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String clientHost,
            OpaqueBytes subscription,
            OpaqueBytes assignment) {}
}
