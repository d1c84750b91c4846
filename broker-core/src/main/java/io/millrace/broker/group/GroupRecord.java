// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the coordinator keeps durably; bytes by {@link GroupRecordCodec}. Each replaces what it names. */
sealed interface GroupRecord {

    /**
     * The group as of its last completed rebalance.
     *
     * @param groupId the group
     * @param generation the generation
     * @param protocolType the group's kind; empty for one that only holds offsets
     * @param protocolName the chosen assignor, or {@code null} without members
     * @param leaderId the leader, or {@code null} without members
     * @param stateTimestampMs when this became so, milliseconds since the epoch
     * @param members the members, empty for an empty group
     */
    record Metadata(
            String groupId,
            int generation,
            String protocolType,
            @Nullable String protocolName,
            @Nullable String leaderId,
            long stateTimestampMs,
            List<Member> members)
            implements GroupRecord {
        public Metadata {
            members = List.copyOf(members);
        }
    }

    /** @param subscription the member's metadata for the chosen assignor */
    record Member(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String clientHost,
            int sessionTimeoutMs,
            int rebalanceTimeoutMs,
            OpaqueBytes subscription,
            OpaqueBytes assignment) {}

    /** The group is gone, with its offsets. */
    record Removed(String groupId) implements GroupRecord {}

    /** Offsets of one commit. The topic's name is not kept: the id alone says which topic is meant. */
    record Offsets(String groupId, Map<OffsetKey, CommittedOffset> offsets) implements GroupRecord {
        public Offsets {
            offsets = Map.copyOf(offsets);
        }
    }

    /** Offsets that were deleted or expired. */
    record OffsetsRemoved(String groupId, Set<OffsetKey> keys) implements GroupRecord {
        public OffsetsRemoved {
            keys = Set.copyOf(keys);
        }
    }

    /**
     * Offsets of one commit within a producer's transaction: they count when that is committed. The producer's later ones
     * for the same partitions replace them.
     */
    record PendingOffsets(String groupId, long producerId, Map<OffsetKey, CommittedOffset> offsets)
            implements GroupRecord {
        public PendingOffsets {
            offsets = Map.copyOf(offsets);
        }
    }

    /** A producer's transaction was decided: so are its offsets in all groups. */
    record TransactionEnded(long producerId, boolean commit) implements GroupRecord {}

    /** The topic was deleted: so are all groups' offsets in it. */
    record TopicRemoved(UUID topicId) implements GroupRecord {}

    // Groups whose assignment the broker makes (KIP-848)

    /**
     * A consumer group came to a new epoch. Where the group was a classic one, it is no longer.
     *
     * @param groupId the group
     * @param epoch the epoch, of the targets too
     * @param assignor the assignor that made the targets
     * @param topicsHash of the topics subscribed to, see {@link TopicSubscriptions#hash}
     * @param stateTimestampMs when this became so, milliseconds since the epoch
     */
    record ConsumerEpoch(String groupId, int epoch, String assignor, long topicsHash, long stateTimestampMs)
            implements GroupRecord {}

    /** A member as it now stands. */
    record ConsumerMemberState(String groupId, ConsumerMember member) implements GroupRecord {}

    /** What a member shall have at the group's epoch. */
    record ConsumerTarget(String groupId, String memberId, PartitionSet target) implements GroupRecord {}

    /** The member is gone, with its target. */
    record ConsumerMemberRemoved(String groupId, String memberId) implements GroupRecord {}

    // Share groups (KIP-932)

    /**
     * A share group came to a new epoch.
     *
     * @param groupId the group
     * @param epoch the epoch, of the assignment too
     * @param topicsHash of the topics subscribed to, see {@link TopicSubscriptions#hash}
     * @param stateTimestampMs when this became so, milliseconds since the epoch
     */
    record ShareEpoch(String groupId, int epoch, long topicsHash, long stateTimestampMs) implements GroupRecord {}

    /** A member as it now stands. */
    record ShareMemberState(String groupId, ShareMember member) implements GroupRecord {}

    /** What a member reads at the group's epoch. */
    record ShareTarget(String groupId, String memberId, PartitionSet assigned) implements GroupRecord {}

    /** The member is gone, with its assignment. */
    record ShareMemberRemoved(String groupId, String memberId) implements GroupRecord {}
}
