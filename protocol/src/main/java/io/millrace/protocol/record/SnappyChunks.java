// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.millrace.protocol.record.InvalidBatchException.Reason;
import io.netty.buffer.ByteBuf;

/**
 * Checks the lengths that snappy bytes claim, because the decoder allocates what they claim.
 *
 * <pre>
 * header (16 bytes: 0x82 "SNAPPY" 0, version, compatible version) | chunks: length (4) | snappy block
 * block:  uncompressed length (unsigned varint) | data
 * </pre>
 *
 * The framing is that of snappy-java's streams, which Kafka uses; without the header the bytes are one block.
 */
final class SnappyChunks {
    private static final int MAGIC_HEAD = 0x82534e41;
    private static final int HEADER_BYTES = 16;

    private SnappyChunks() {}

    /** @throws InvalidBatchException when a chunk runs over the end or would give more than {@code maxBytes} */
    static void check(ByteBuf compressed, int maxBytes) {
        ByteBuf in = compressed.duplicate();
        if (in.readableBytes() < Integer.BYTES || in.getInt(in.readerIndex()) != MAGIC_HEAD) {
            checkBlock(in, maxBytes);
            return;
        }
        while (in.readableBytes() >= Integer.BYTES) {
            int length = in.getInt(in.readerIndex());
            if (length == MAGIC_HEAD) {
                in.skipBytes(bounded(HEADER_BYTES, in.readableBytes()));
            } else {
                in.skipBytes(Integer.BYTES);
                checkBlock(in.readSlice(bounded(length, in.readableBytes())), maxBytes);
            }
        }
    }

    private static int bounded(int length, int available) {
        if (length < 0 || length > available) {
            throw new InvalidBatchException(
                    Reason.CORRUPT, "a snappy chunk claims " + length + " bytes; " + available + " are there");
        }
        return length;
    }

    private static void checkBlock(ByteBuf block, int maxBytes) {
        long length = 0;
        for (int shift = 0; shift < 35 && block.isReadable(); shift += 7) {
            byte b = block.readByte();
            length |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                break;
            }
        }
        if (length > maxBytes) {
            throw new InvalidBatchException(
                    Reason.TOO_LARGE,
                    "a snappy chunk claims " + length + " bytes; at most " + maxBytes + " are allowed");
        }
    }
}
