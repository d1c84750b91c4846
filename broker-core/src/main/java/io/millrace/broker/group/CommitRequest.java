// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;

/**
 * Offsets to commit (OffsetCommit).
 *
 * @param who the member; without id and instance id when the consumer assigns partitions to itself
 * @param generation the member's generation, or -1
 * @param offsets what to commit
 */
public record CommitRequest(MemberIdentity who, int generation, List<Offset> offsets) {
    public CommitRequest {
        offsets = List.copyOf(offsets);
    }

    /**
     * One partition's offset.
     *
     * @param key the partition, known to exist
     * @param offset the next offset to read
     * @param leaderEpoch of the last record read, or -1
     * @param metadata text of the client, often empty
     */
    public record Offset(OffsetKey key, long offset, int leaderEpoch, String metadata) {}
}
