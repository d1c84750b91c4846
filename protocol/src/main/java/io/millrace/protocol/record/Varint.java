// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;

/** Zigzag variable-length integers as the record format has them (KIP-98: Protocol Buffers' sint32 and sint64). */
public final class Varint {
    private Varint() {}

    public static int read(ByteBuf buffer) {
        long value = readLong(buffer);
        if (value != (int) value) {
            throw new InvalidBatchException(
                    InvalidBatchException.Reason.INVALID_RECORD, "a varint of " + value + " does not fit 32 bits");
        }
        return (int) value;
    }

    public static long readLong(ByteBuf buffer) {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            if (!buffer.isReadable()) {
                throw new InvalidBatchException(
                        InvalidBatchException.Reason.INVALID_RECORD, "a varint runs over the end of its record");
            }
            byte b = buffer.readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new InvalidBatchException(
                InvalidBatchException.Reason.INVALID_RECORD, "a varint is longer than 10 bytes");
    }

    public static void write(ByteBuf buffer, long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            buffer.writeByte((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        buffer.writeByte((int) rest);
    }

    /** Bytes that {@link #write} takes for this value: 1 to 10. */
    public static int size(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }
}
