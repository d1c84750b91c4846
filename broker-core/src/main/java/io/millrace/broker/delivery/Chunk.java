// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * Records of one batch and one priority that were looked at for some lanes and kept, one after the other as encoded.
 * Filled by one thread, then read only. Each {@link Piece} of it holds a reference; the last one frees the memory.
 */
final class Chunk {
    private final long baseOffset;
    private final long baseTimestampMs;
    private final int priority;
    private final ByteBuf records;
    private int[] ends = new int[8];
    private int count;

    /** Holds one reference, of the filler. */
    Chunk(ByteBufAllocator allocator, long baseOffset, long baseTimestampMs, int priority, int firstBytes) {
        this.baseOffset = baseOffset;
        this.baseTimestampMs = baseTimestampMs;
        this.priority = priority;
        this.records = allocator.buffer(firstBytes);
    }

    /** Appends a record; answers its index. */
    int add(RecordView record) {
        record.writeTo(records);
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count * 2);
        }
        ends[count] = records.writerIndex();
        return count++;
    }

    /** What the records' offset deltas count from. */
    long baseOffset() {
        return baseOffset;
    }

    /** What the records' timestamp deltas count from, milliseconds since the epoch. */
    long baseTimestampMs() {
        return baseTimestampMs;
    }

    int priority() {
        return priority;
    }

    /** Bytes of the records from index {@code from} to {@code to}, exclusive. */
    int bytes(int from, int to) {
        return start(to) - start(from);
    }

    /** The records from index {@code from} to {@code to}, exclusive, with a reference for the caller. */
    ByteBuf slice(int from, int to) {
        return records.retainedSlice(start(from), bytes(from, to));
    }

    private int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }

    void retain() {
        records.retain();
    }

    void release() {
        records.release();
    }
}
