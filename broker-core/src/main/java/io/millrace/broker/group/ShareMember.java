// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A member of a {@link ShareGroup}, as it is kept durably (KIP-932). Immutable. It takes up a new assignment at once,
 * for several may hold one partition: there is nothing to wait for.
 *
 * @param memberId its id, made by the client
 * @param rackId where it stands, for descriptions, or {@code null}
 * @param clientId the client's name, for descriptions
 * @param clientHost the peer's address, for descriptions
 * @param topicNames the topics it subscribes to, sorted
 * @param epoch the group epoch it was told the assignment of
 * @param previousEpoch the epoch before it, taken from a member that missed an answer
 */
record ShareMember(
        String memberId,
        @Nullable String rackId,
        String clientId,
        String clientHost,
        List<String> topicNames,
        int epoch,
        int previousEpoch) {
    ShareMember {
        topicNames = List.copyOf(topicNames);
    }

    /** A member that has just come. */
    static ShareMember joining(ShareHeartbeat request) {
        return new ShareMember(request.memberId(), null, request.clientId(), request.clientHost(), List.of(), 0, 0)
                .updated(request);
    }

    /** With what a heartbeat says; what it leaves out stays. */
    ShareMember updated(ShareHeartbeat request) {
        List<String> names = request.topicNames();
        return new ShareMember(
                memberId,
                request.rackId() == null ? rackId : request.rackId(),
                request.clientId(),
                request.clientHost(),
                names == null ? topicNames : names.stream().distinct().sorted().toList(),
                epoch,
                previousEpoch);
    }

    /** Told of the assignment at a new epoch. */
    ShareMember at(int newEpoch) {
        return newEpoch == epoch
                ? this
                : new ShareMember(memberId, rackId, clientId, clientHost, topicNames, newEpoch, epoch);
    }
}
