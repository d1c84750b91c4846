// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** Compresses records with Kafka's codecs at their default levels. */
final class Recompression {
    private Recompression() {}

    /** Appends the compressed readable bytes of {@code records} to {@code target}. */
    static void compress(CompressionCodec codec, ByteBuf records, ByteBuf target) {
        ByteBufferOutputStream compressed = new ByteBufferOutputStream(Math.max(512, records.readableBytes() / 2));
        try (OutputStream out = Compression.of(CompressionType.forId(codec.id()))
                .build()
                .wrapForOutput(compressed, BatchHeader.MAGIC_V2)) {
            records.getBytes(records.readerIndex(), out, records.readableBytes());
        } catch (IOException impossible) {
            throw new UncheckedIOException("compressing in memory failed", impossible);
        }
        target.writeBytes(compressed.buffer().flip());
    }
}
