// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * The fields of a v2 record batch, read and written in place. All methods take the buffer and the absolute index of the
 * batch's first byte; the buffer must hold the batch whole ({@link Batches#validate} makes sure).
 *
 * <pre>
 *  byte  field                    size  CRC
 *     0  base offset                 8
 *     8  length of what follows      4
 *    12  partition leader epoch      4
 *    16  magic (2)                   1
 *    17  CRC-32C of the rest         4
 *    21  attributes                  2   x   bits 0-2 compression, 3 log append time,
 *    23  last offset delta           4   x        4 transactional, 5 control, 6 delete horizon
 *    27  base timestamp              8   x
 *    35  max timestamp               8   x
 *    43  producer id                 8   x
 *    51  producer epoch              2   x
 *    53  base sequence               4   x
 *    57  record count                4   x
 *    61  records                         x
 * </pre>
 *
 * Big-endian. Base offset, length, leader epoch and magic lie outside the CRC, so a broker sets them without computing
 * it anew (KIP-98).
 */
public final class BatchHeader {
    public static final int BASE_OFFSET = 0;
    public static final int LENGTH = 8;
    public static final int PARTITION_LEADER_EPOCH = 12;
    public static final int MAGIC = 16;
    public static final int CRC = 17;
    public static final int ATTRIBUTES = 21;
    public static final int LAST_OFFSET_DELTA = 23;
    public static final int BASE_TIMESTAMP = 27;
    public static final int MAX_TIMESTAMP = 35;
    public static final int PRODUCER_ID = 43;
    public static final int PRODUCER_EPOCH = 51;
    public static final int BASE_SEQUENCE = 53;
    public static final int RECORD_COUNT = 57;
    /** Bytes of the header: where the records begin. */
    public static final int SIZE = 61;
    /** Bytes that the length field does not count: base offset and the length itself. */
    public static final int LOG_OVERHEAD = 12;

    public static final byte MAGIC_V2 = 2;
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;

    private static final int COMPRESSION_MASK = 0x07;
    private static final int LOG_APPEND_TIME_FLAG = 0x08;
    static final int TRANSACTIONAL_FLAG = 0x10;
    static final int CONTROL_FLAG = 0x20;
    private static final int DELETE_HORIZON_FLAG = 0x40;

    private BatchHeader() {}

    public static long baseOffset(ByteBuf buffer, int index) {
        return buffer.getLong(index + BASE_OFFSET);
    }

    /** Bytes of the whole batch, header included. */
    public static int sizeInBytes(ByteBuf buffer, int index) {
        return buffer.getInt(index + LENGTH) + LOG_OVERHEAD;
    }

    public static int partitionLeaderEpoch(ByteBuf buffer, int index) {
        return buffer.getInt(index + PARTITION_LEADER_EPOCH);
    }

    public static byte magic(ByteBuf buffer, int index) {
        return buffer.getByte(index + MAGIC);
    }

    /** The stored CRC-32C; {@link #computeCrc} gives the right one. */
    public static int crc(ByteBuf buffer, int index) {
        return buffer.getInt(index + CRC);
    }

    public static short attributes(ByteBuf buffer, int index) {
        return buffer.getShort(index + ATTRIBUTES);
    }

    /** @throws InvalidBatchException for an id that no codec has */
    public static CompressionCodec compression(ByteBuf buffer, int index) {
        int id = attributes(buffer, index) & COMPRESSION_MASK;
        return CompressionCodec.forId(id);
    }

    /** Whether all records have the batch's max timestamp as theirs, set by the broker. */
    public static boolean isLogAppendTime(ByteBuf buffer, int index) {
        return (attributes(buffer, index) & LOG_APPEND_TIME_FLAG) != 0;
    }

    public static boolean isTransactional(ByteBuf buffer, int index) {
        return (attributes(buffer, index) & TRANSACTIONAL_FLAG) != 0;
    }

    /** Whether this is a transaction marker and the like, never shown to applications. */
    public static boolean isControl(ByteBuf buffer, int index) {
        return (attributes(buffer, index) & CONTROL_FLAG) != 0;
    }

    /**
     * When compaction may remove the batch's tombstones, milliseconds since the epoch: then it stands in place of the
     * base timestamp (KIP-534). Empty before compaction has first seen them.
     */
    public static OptionalLong deleteHorizon(ByteBuf buffer, int index) {
        return (attributes(buffer, index) & DELETE_HORIZON_FLAG) == 0
                ? OptionalLong.empty()
                : OptionalLong.of(baseTimestamp(buffer, index));
    }

    /** Sets the delete horizon; the records' deltas must count from it, and the CRC is to be computed anew. */
    static void setDeleteHorizon(ByteBuf buffer, int index, long timestampMs) {
        buffer.setShort(index + ATTRIBUTES, attributes(buffer, index) | DELETE_HORIZON_FLAG);
        buffer.setLong(index + BASE_TIMESTAMP, timestampMs);
    }

    /**
     * Says when compaction may remove a control batch; computes the CRC anew. Its record's timestamp moves along, which
     * nobody reads.
     */
    public static void setControlDeleteHorizon(ByteBuf buffer, int index, long timestampMs) {
        setDeleteHorizon(buffer, index, timestampMs);
        buffer.setInt(index + CRC, computeCrc(buffer, index));
    }

    /** Marks the records as not compressed; the CRC is to be computed anew. */
    static void setUncompressed(ByteBuf buffer, int index) {
        buffer.setShort(index + ATTRIBUTES, attributes(buffer, index) & ~COMPRESSION_MASK);
    }

    public static int lastOffsetDelta(ByteBuf buffer, int index) {
        return buffer.getInt(index + LAST_OFFSET_DELTA);
    }

    public static long lastOffset(ByteBuf buffer, int index) {
        return baseOffset(buffer, index) + lastOffsetDelta(buffer, index);
    }

    /** What the records' timestamp deltas count from, milliseconds since the epoch. */
    public static long baseTimestamp(ByteBuf buffer, int index) {
        return buffer.getLong(index + BASE_TIMESTAMP);
    }

    public static long maxTimestamp(ByteBuf buffer, int index) {
        return buffer.getLong(index + MAX_TIMESTAMP);
    }

    /** The idempotent producer's id, or {@link #NO_PRODUCER_ID}. */
    public static long producerId(ByteBuf buffer, int index) {
        return buffer.getLong(index + PRODUCER_ID);
    }

    public static short producerEpoch(ByteBuf buffer, int index) {
        return buffer.getShort(index + PRODUCER_EPOCH);
    }

    public static int baseSequence(ByteBuf buffer, int index) {
        return buffer.getInt(index + BASE_SEQUENCE);
    }

    /** The sequence of the last record; sequences wrap from the largest int to 0. */
    public static int lastSequence(ByteBuf buffer, int index) {
        int base = baseSequence(buffer, index);
        return base == NO_SEQUENCE ? NO_SEQUENCE : (base + lastOffsetDelta(buffer, index)) & Integer.MAX_VALUE;
    }

    public static int recordCount(ByteBuf buffer, int index) {
        return buffer.getInt(index + RECORD_COUNT);
    }

    /** Sets the base offset; outside the CRC. */
    public static void setBaseOffset(ByteBuf buffer, int index, long offset) {
        buffer.setLong(index + BASE_OFFSET, offset);
    }

    /** Sets the base offset so that the last record gets {@code offset}; outside the CRC. */
    public static void setLastOffset(ByteBuf buffer, int index, long offset) {
        setBaseOffset(buffer, index, offset - lastOffsetDelta(buffer, index));
    }

    /** Sets the leader epoch; outside the CRC. */
    public static void setPartitionLeaderEpoch(ByteBuf buffer, int index, int epoch) {
        buffer.setInt(index + PARTITION_LEADER_EPOCH, epoch);
    }

    /** Gives all records of the batch the broker's time and computes the CRC anew. */
    public static void setLogAppendTime(ByteBuf buffer, int index, long timestampMs) {
        buffer.setShort(index + ATTRIBUTES, attributes(buffer, index) | LOG_APPEND_TIME_FLAG);
        buffer.setLong(index + MAX_TIMESTAMP, timestampMs);
        buffer.setInt(index + CRC, computeCrc(buffer, index));
    }

    public static boolean crcIsValid(ByteBuf buffer, int index) {
        return crc(buffer, index) == computeCrc(buffer, index);
    }

    /** The CRC-32C over what it covers. Reads the buffer's memory where it lies, without a copy to the heap. */
    public static int computeCrc(ByteBuf buffer, int index) {
        CRC32C crc = new CRC32C();
        int length = sizeInBytes(buffer, index) - ATTRIBUTES;
        for (ByteBuffer part : buffer.nioBuffers(index + ATTRIBUTES, length)) {
            crc.update(part);
        }
        return (int) crc.getValue();
    }
}
