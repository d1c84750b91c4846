// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One atomic append to one log. The store takes over one reference of each buffer, also when it fails.
 *
 * @param log the log, from the store that is asked
 * @param data whole v2 record batches with their final offsets and leader epoch, or {@code null}
 * @param lastOffset the last offset in {@code data}; ignored without data
 * @param maxTimestampMs the largest record timestamp in {@code data}, milliseconds since the epoch; -1 for none
 * @param state one state entry: opaque bytes, handed to {@link PartitionLog#replayState} whole, or {@code null}
 * @param stateIsSnapshot whether {@code state} makes all earlier state entries of this log needless
 * @param urgency whether somebody waits for it
 */
public record LogAppend(
        PartitionLog log,
        @Nullable ByteBuf data,
        long lastOffset,
        long maxTimestampMs,
        @Nullable ByteBuf state,
        boolean stateIsSnapshot,
        Urgency urgency) {

    /** One that is awaited. */
    public LogAppend(
            PartitionLog log,
            @Nullable ByteBuf data,
            long lastOffset,
            long maxTimestampMs,
            @Nullable ByteBuf state,
            boolean stateIsSnapshot) {
        this(log, data, lastOffset, maxTimestampMs, state, stateIsSnapshot, Urgency.AWAITED);
    }

    public static LogAppend ofData(PartitionLog log, ByteBuf data, long lastOffset, long maxTimestampMs) {
        return new LogAppend(log, data, lastOffset, maxTimestampMs, null, false);
    }

    /** Gives back the buffers of an append that was handed to no log. */
    public void release() {
        if (data != null) {
            data.release();
        }
        if (state != null) {
            state.release();
        }
    }

    public static LogAppend ofState(PartitionLog log, ByteBuf state, boolean snapshot) {
        return new LogAppend(log, null, -1, -1, state, snapshot);
    }
}
