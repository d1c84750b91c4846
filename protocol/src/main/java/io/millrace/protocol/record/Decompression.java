// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.millrace.protocol.record.InvalidBatchException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/** Decompresses the records of a batch with Kafka's codecs, within a bound. */
final class Decompression {
    private static final int CHUNK_BYTES = 16 * 1024;

    private Decompression() {}

    /** The decompressed records in a buffer of their own, which the caller releases. */
    static ByteBuf decompress(ByteBufAllocator allocator, CompressionCodec codec, ByteBuf compressed, int maxBytes) {
        if (codec == CompressionCodec.SNAPPY) {
            SnappyChunks.check(compressed, maxBytes);
        }
        long firstGuess = Math.max(CHUNK_BYTES, 2L * compressed.readableBytes());
        ByteBuf result = allocator.buffer((int) Math.min(maxBytes, firstGuess));
        try (InputStream in = Compression.of(CompressionType.forId(codec.id()))
                .build()
                .wrapForInput(compressed.nioBuffer(), BatchHeader.MAGIC_V2, BufferSupplier.NO_CACHING)) {
            while (result.writeBytes(in, CHUNK_BYTES) >= 0) {
                if (result.readableBytes() > maxBytes) {
                    throw new InvalidBatchException(
                            Reason.TOO_LARGE,
                            "a batch of " + compressed.readableBytes() + " bytes decompresses to more than " + maxBytes
                                    + " bytes");
                }
            }
            return result;
        } catch (InvalidBatchException e) {
            result.release();
            throw e;
        } catch (IOException | RuntimeException e) {
            result.release();
            throw new InvalidBatchException(
                    Reason.CORRUPT,
                    "the " + codec + " records of a batch cannot be decompressed: " + e.getMessage(),
                    e);
        }
    }
}
