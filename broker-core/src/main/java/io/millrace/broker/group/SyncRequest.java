// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A member asks for its assignment, the leader hands all of them in (SyncGroup).
 *
 * @param memberId the member
 * @param instanceId its {@code group.instance.id}, or {@code null}
 * @param generation the generation it joined
 * @param protocolType what it takes the group's kind to be; {@code null} before version 5
 * @param protocolName what it takes the chosen assignor to be; {@code null} before version 5
 * @param assignments by member id; from the leader only
 */
public record SyncRequest(
        String memberId,
        @Nullable String instanceId,
        int generation,
        @Nullable String protocolType,
        @Nullable String protocolName,
        Map<String, OpaqueBytes> assignments) {
    public SyncRequest {
        assignments = Map.copyOf(assignments);
    }
}
