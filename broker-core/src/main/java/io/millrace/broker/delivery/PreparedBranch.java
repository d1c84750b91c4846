// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.ListBranches.State;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One partition's part of a prepared branch. Immutable; its buffers are on the heap and left to the garbage collector.
 *
 * @param id the branch
 * @param bundleId the bundle that was prepared
 * @param preparedAtMs when, milliseconds since the epoch
 * @param partitions all that the branch touches, in order
 * @param sends batches that the commit appends here; none once it was ended heuristically
 * @param spilled what it appends besides, and has on the disk; {@code null} for nothing, and once it was ended heuristically
 * @param messages how many messages these are
 * @param pinned how many messages are pinned here
 * @param state whether it waits for a decision
 */
record PreparedBranch(
        BranchId id,
        UUID bundleId,
        long preparedAtMs,
        List<PartitionId> partitions,
        List<ByteBuf> sends,
        @Nullable Spilled spilled,
        int messages,
        long pinned,
        State state) {
    /** What one takes in memory and on the disk beside its messages, about. */
    static final int FIXED_BYTES = 1_024;
    /** What a pinned range takes, about. */
    static final int PIN_BYTES = 128;

    boolean isPrepared() {
        return state == State.PREPARED;
    }

    /** The bytes of its sends. */
    long sendBytes() {
        return bytesInMemory() + spilledBytes();
    }

    long bytesInMemory() {
        return sends.stream().mapToLong(ByteBuf::readableBytes).sum();
    }

    long spilledBytes() {
        return spilled == null ? 0 : spilled.bytes();
    }

    PreparedBranch ended(State heuristic) {
        return new PreparedBranch(id, bundleId, preparedAtMs, partitions, List.of(), null, messages, pinned, heuristic);
    }
}
