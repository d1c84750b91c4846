// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What one append adds to one log. Owns its buffers from the owner loop to the apply thread.
 *
 * @param baseOffset the first offset in {@code data}; -1 without data
 * @param lastOffset the last offset in {@code data}; -1 without data
 * @param previousEnd where DATA ended before this append; recovery finds gaps by it
 * @param dataEnd where DATA ends after this append
 * @param stateEnd how many state entries the log had with this append; {@code state} is the last of them
 */
record FrameEntry(
        LocalLog log,
        @Nullable ByteBuf data,
        long baseOffset,
        long lastOffset,
        long previousEnd,
        long dataEnd,
        @Nullable ByteBuf state,
        long stateEnd,
        boolean snapshot) {

    /** The ordinal of {@code state}; -1 without state. */
    long stateOrdinal() {
        return state == null ? -1 : stateEnd - 1;
    }

    int dataBytes() {
        return data == null ? 0 : data.readableBytes();
    }

    int stateBytes() {
        return state == null ? 0 : state.readableBytes();
    }

    void release() {
        if (data != null) {
            data.release();
        }
        if (state != null) {
            state.release();
        }
    }
}
