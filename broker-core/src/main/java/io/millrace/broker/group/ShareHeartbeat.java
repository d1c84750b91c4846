// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sign of life of a share group's member, with what changed since the last (ShareGroupHeartbeat, KIP-932). {@code
 * null} means unchanged.
 *
 * @param memberId the id, chosen by the client
 * @param epoch the member's epoch; 0 to join, -1 to leave
 * @param rackId where the member stands
 * @param clientId the client's name, for descriptions
 * @param clientHost the peer's address, for descriptions
 * @param topicNames the topics subscribed to
 */
public record ShareHeartbeat(
        String memberId,
        int epoch,
        @Nullable String rackId,
        String clientId,
        String clientHost,
        @Nullable List<String> topicNames) {

    static final int JOIN = 0;
    static final int LEAVE = -1;
}
