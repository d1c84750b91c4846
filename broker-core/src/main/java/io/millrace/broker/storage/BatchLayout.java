// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import io.netty.buffer.ByteBuf;

/**
 * The fields of a v2 record batch that a store reads (Kafka's protocol guide, "Record Batch"), big endian:
 *
 * <pre>
 *  0 baseOffset int64 | 8 batchLength int32 (bytes after this field) | 12 partitionLeaderEpoch int32 | 16 magic int8
 * 17 crc uint32 (CRC-32C of all bytes from 21 on) | 21 attributes int16 | 23 lastOffsetDelta int32
 * 27 baseTimestamp int64 | 35 maxTimestamp int64 | 43 producerId, epoch, baseSequence | 57 record count int32 | 61 records
 * </pre>
 *
 * Bytes 0 to 16 lie outside of the batch's own CRC. Methods take the index of a batch in a buffer and move no indexes.
 */
public final class BatchLayout {
    /** Bytes before those that {@code batchLength} counts. */
    public static final int LENGTH_OVERHEAD = 12;

    /** Bytes of a batch without any record. */
    public static final int MIN_SIZE = 61;

    /** Bytes up to and including the CRC: all that the CRC does not cover, and the CRC itself. */
    public static final int CRC_END = 21;

    private static final int CRC_INDEX = 17;

    private BatchLayout() {}

    public static long baseOffset(ByteBuf buffer, int index) {
        return buffer.getLong(index);
    }

    /** Bytes of the whole batch. Not checked: may be negative or beyond the buffer when the bytes are damaged. */
    public static int size(ByteBuf buffer, int index) {
        return buffer.getInt(index + 8) + LENGTH_OVERHEAD;
    }

    /** The epoch of the leader that appended the batch. */
    public static int leaderEpoch(ByteBuf buffer, int index) {
        return buffer.getInt(index + LENGTH_OVERHEAD);
    }

    /** The CRC that the batch states. */
    public static int crc(ByteBuf buffer, int index) {
        return buffer.getInt(index + CRC_INDEX);
    }

    public static long lastOffset(ByteBuf buffer, int index) {
        return buffer.getLong(index) + buffer.getInt(index + 23);
    }

    /** Milliseconds since the epoch; -1 for none. */
    public static long maxTimestampMs(ByteBuf buffer, int index) {
        return buffer.getLong(index + 35);
    }
}
