// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A picture of a share group (KIP-932) for administrators. Immutable.
 *
 * @param error {@link GroupError#GROUP_ID_NOT_FOUND} where there is none of this kind
 * @param state its state by Kafka's name
 * @param epoch the group's epoch, and that of its assignment
 * @param assignor the assignor's name
 * @param members the members
 */
public record ShareGroupDescription(
        GroupError error, String groupId, String state, int epoch, String assignor, List<Member> members) {
    public ShareGroupDescription {
        members = List.copyOf(members);
    }

    static ShareGroupDescription notFound(String groupId) {
        return new ShareGroupDescription(GroupError.GROUP_ID_NOT_FOUND, groupId, "Dead", 0, "", List.of());
    }

    /** One member. */
    public record Member(
            String memberId,
            @Nullable String rackId,
            int epoch,
            String clientId,
            String clientHost,
            List<String> topicNames,
            PartitionSet assigned) {
        public Member {
            topicNames = List.copyOf(topicNames);
        }
    }
}
