// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A picture of a consumer group (KIP-848) for administrators. Immutable.
 *
 * @param error {@link GroupError#GROUP_ID_NOT_FOUND} where there is none of this kind
 * @param state its state by Kafka's name
 * @param epoch the group's epoch, and that of its targets
 * @param assignor the assignor's name
 * @param members the members
 */
public record ConsumerGroupDescription(
        GroupError error, String groupId, String state, int epoch, String assignor, List<Member> members) {
    public ConsumerGroupDescription {
        members = List.copyOf(members);
    }

    static ConsumerGroupDescription notFound(String groupId) {
        return new ConsumerGroupDescription(GroupError.GROUP_ID_NOT_FOUND, groupId, "Dead", 0, "", List.of());
    }

    /** One member. */
    public record Member(
            String memberId,
            @Nullable String instanceId,
            @Nullable String rackId,
            int epoch,
            String clientId,
            String clientHost,
            List<String> topicNames,
            @Nullable String topicRegex,
            PartitionSet assigned,
            PartitionSet target) {}
}
