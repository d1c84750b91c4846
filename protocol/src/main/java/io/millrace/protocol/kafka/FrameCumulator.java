// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Gathers a connection's bytes until a frame is whole, in a buffer that doubles until it holds it: Netty's own grows by
 * 4 MiB a time, which copies a frame of 64 MiB sixteen times. A size that a peer only claims takes no memory: the buffer is
 * never more than twice what has come. Stateless.
 */
public final class FrameCumulator implements ByteToMessageDecoder.Cumulator {
    @Override
    public ByteBuf cumulate(ByteBufAllocator allocator, ByteBuf gathered, ByteBuf bytes) {
        if (gathered.refCnt() == 1 && bytes.readableBytes() > gathered.writableBytes()) {
            int missing = missing(gathered);
            if (missing > bytes.readableBytes()) {
                gathered.ensureWritable(
                        Math.max(bytes.readableBytes(), Math.min(missing, gathered.readableBytes())), false);
            }
        }
        return ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, gathered, bytes);
    }

    /** Bytes until the frame that comes first is whole; 0 when that is not known. */
    private static int missing(ByteBuf gathered) {
        int present = gathered.readableBytes() - Integer.BYTES;
        return present < 0 ? 0 : Math.max(0, gathered.getInt(gathered.readerIndex()) - present);
    }
}
