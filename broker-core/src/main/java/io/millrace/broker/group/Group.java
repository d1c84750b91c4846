// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The life of one group, of any kind. Used on the owner loop of its coordinator partition only. */
sealed interface Group permits ClassicGroup, ConsumerGroup, ShareGroup {

    String groupId();

    /** Nothing of it must be kept: no record, nobody in it or on the way. */
    boolean isBlank();

    /** Nobody is in it or on the way. */
    boolean isEmpty();

    GroupListing listing();

    /** Removes members for an administrator or at their own wish (LeaveGroup); the answers are in the order asked. */
    List<GroupError> leave(List<MemberIdentity> leavers, long nowMs, Outcome out);

    /** Deletes the group, if it has no members. */
    GroupError delete(Outcome out);

    // Offsets

    /**
     * Whether offsets may be committed.
     *
     * @param epoch the member's generation or epoch, or below 0 from outside the group
     */
    GroupError validateCommit(MemberIdentity who, int epoch, long nowMs);

    /** Whether offsets may be read by a member that says which it is. */
    GroupError validateFetch(MemberIdentity who, int epoch);

    /** Whether offsets may be deleted, but for topics that it subscribes to. */
    GroupError validateOffsetDelete();

    /** Tells of a topic's name whether the group is subscribed to it. */
    Predicate<String> subscription();

    /**
     * Since when an offset of a topic that nobody subscribes to has been of no use (KIP-211), milliseconds since the
     * epoch; {@link Long#MAX_VALUE} while it is.
     */
    long unusedSinceMs(CommittedOffset offset);

    // Time

    /** When {@link #tick} is due; {@link Long#MAX_VALUE} for never. */
    long nextDeadlineMs();

    /** Removes what timed out. */
    void tick(long nowMs, Outcome out);

    /** The partition serves after recovery: members have their whole time-outs from now. */
    void startTimers(long nowMs);

    /** The partition is not this broker's any more. */
    void onLost(Outcome out);

    /** The record of its deletion was taken in. */
    void onRemoved();

    /** Writes the records that make up its present durable state. */
    void snapshot(Consumer<GroupRecord> writer);
}
