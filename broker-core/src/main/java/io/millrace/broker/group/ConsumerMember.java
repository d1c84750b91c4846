// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member of a {@link ConsumerGroup}, as it is kept durably (KIP-848). Immutable.
 *
 * @param memberId its id
 * @param instanceId the static member's {@code group.instance.id}, or {@code null} for a dynamic member
 * @param rackId where it stands, for descriptions, or {@code null}
 * @param clientId the client's name, for descriptions
 * @param clientHost the peer's address, for descriptions
 * @param principal who it is, {@code User:name}: decides what its regular expression may match
 * @param rebalanceTimeoutMs how long it may take to give partitions up, milliseconds
 * @param topicNames the topics it subscribes to by name
 * @param topicRegex the topics it subscribes to by a regular expression, or {@code null}
 * @param assignor the assignor it wants, or {@code null} for any
 * @param epoch the group epoch it has followed to, 0 for a member that has just come, {@link #AWAY} for a static member
 *     that means to come back
 * @param previousEpoch the epoch before it, taken from a member that missed an answer
 * @param assigned what it may use
 * @param revoking what it was asked to give up and may still use
 */
record ConsumerMember(
        String memberId,
        @Nullable String instanceId,
        @Nullable String rackId,
        String clientId,
        String clientHost,
        String principal,
        int rebalanceTimeoutMs,
        List<String> topicNames,
        @Nullable String topicRegex,
        @Nullable String assignor,
        int epoch,
        int previousEpoch,
        PartitionSet assigned,
        PartitionSet revoking) {

    /** The epoch of a static member that left and means to come back. */
    static final int AWAY = -2;

    ConsumerMember {
        topicNames = List.copyOf(topicNames);
    }

    /** What nobody else may be given. */
    PartitionSet held() {
        return assigned.plus(revoking);
    }

    /** The peer's address as access rules have it, without the slash of {@link #clientHost}. */
    String address() {
        return clientHost.startsWith("/") ? clientHost.substring(1) : clientHost;
    }

    boolean isAway() {
        return epoch == AWAY;
    }

    ConsumerMember revoking(PartitionSet kept, PartitionSet givenUp) {
        return at(epoch, previousEpoch, kept, givenUp);
    }

    /** At a new epoch, with nothing more to give up. */
    ConsumerMember advanced(int newEpoch, PartitionSet newAssigned) {
        return at(newEpoch, epoch, newAssigned, PartitionSet.EMPTY);
    }

    /** A static member that left and means to come back: what it had stays its own. */
    ConsumerMember away() {
        return at(AWAY, AWAY, assigned, PartitionSet.EMPTY);
    }

    private ConsumerMember at(int newEpoch, int newPrevious, PartitionSet newAssigned, PartitionSet newRevoking) {
        return new ConsumerMember(
                memberId,
                instanceId,
                rackId,
                clientId,
                clientHost,
                principal,
                rebalanceTimeoutMs,
                topicNames,
                topicRegex,
                assignor,
                newEpoch,
                newPrevious,
                newAssigned,
                newRevoking);
    }

    /** A member that has just come. */
    static ConsumerMember joining(String memberId, ConsumerHeartbeat request) {
        ConsumerMember blank = new ConsumerMember(
                memberId,
                request.instanceId(),
                null,
                "",
                "",
                "",
                0,
                List.of(),
                null,
                null,
                0,
                0,
                PartitionSet.EMPTY,
                PartitionSet.EMPTY);
        return blank.updated(request);
    }

    /** The successor of a static member that left: under a new id, with what its former self had. */
    ConsumerMember replacedBy(String newMemberId) {
        return new ConsumerMember(
                newMemberId,
                instanceId,
                rackId,
                clientId,
                clientHost,
                principal,
                rebalanceTimeoutMs,
                topicNames,
                topicRegex,
                assignor,
                0,
                0,
                assigned,
                PartitionSet.EMPTY);
    }

    /** With what a heartbeat says; what it leaves out stays. */
    ConsumerMember updated(ConsumerHeartbeat request) {
        List<String> names = request.topicNames();
        String regex = request.topicRegex();
        return new ConsumerMember(
                memberId,
                instanceId,
                request.rackId() == null ? rackId : request.rackId(),
                request.clientId(),
                request.clientHost(),
                request.principal(),
                request.rebalanceTimeoutMs() < 0 ? rebalanceTimeoutMs : request.rebalanceTimeoutMs(),
                names == null ? topicNames : names.stream().distinct().sorted().toList(),
                regex == null ? topicRegex : emptyToNull(regex),
                request.assignor() == null ? assignor : emptyToNull(request.assignor()),
                epoch,
                previousEpoch,
                assigned,
                revoking);
    }

    private static @Nullable String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
