// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link ShareHeartbeat}.
 *
 * @param error how it ended
 * @param message what was wrong, or {@code null}
 * @param memberId the member's id
 * @param epoch the member's epoch from now on
 * @param heartbeatIntervalMs when the next heartbeat is expected, milliseconds
 * @param assignment what the member reads, or {@code null} where that is as it was
 */
public record ShareHeartbeatResult(
        GroupError error,
        @Nullable String message,
        String memberId,
        int epoch,
        int heartbeatIntervalMs,
        @Nullable PartitionSet assignment) {

    static ShareHeartbeatResult failed(GroupError error, String message) {
        return new ShareHeartbeatResult(error, message, "", 0, 0, null);
    }
}
