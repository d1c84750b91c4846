// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link SyncRequest}.
 *
 * @param error how it ended
 * @param protocolType the group's kind
 * @param protocolName the chosen assignor
 * @param assignment the member's share
 */
public record SyncResult(
        GroupError error,
        @Nullable String protocolType,
        @Nullable String protocolName,
        OpaqueBytes assignment) {

    static SyncResult failed(GroupError error) {
        return new SyncResult(error, null, null, OpaqueBytes.EMPTY);
    }
}
