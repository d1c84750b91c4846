// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Batches with a sound header and CRC around bytes that depend on the offset only; the records are not records. */
public final class TestBatches {
    private TestBatches() {}

    /** A batch of {@code count} offsets and {@code payloadBytes} of content. */
    public static ByteBuf batch(long baseOffset, int count, long timestampMs, int payloadBytes) {
        ByteBuf batch = PooledByteBufAllocator.DEFAULT.directBuffer(BatchLayout.MIN_SIZE + payloadBytes);
        batch.writeLong(baseOffset)
                .writeInt(BatchLayout.MIN_SIZE - BatchLayout.LENGTH_OVERHEAD + payloadBytes)
                .writeInt(1)
                .writeByte(2)
                .writeInt(0)
                .writeShort(0)
                .writeInt(count - 1)
                .writeLong(timestampMs)
                .writeLong(timestampMs)
                .writeLong(-1)
                .writeShort(-1)
                .writeInt(-1)
                .writeInt(count);
        for (int i = 0; i < payloadBytes; i++) {
            batch.writeByte((int) (baseOffset * 31 + i));
        }
        CRC32C crc = new CRC32C();
        crc.update(batch.nioBuffer(BatchLayout.CRC_END, batch.readableBytes() - BatchLayout.CRC_END));
        return batch.setInt(17, (int) crc.getValue());
    }

    /** An append of one batch at the log's next offset. */
    public static LogAppend next(PartitionLog log, int count, int payloadBytes) {
        long base = log.nextOffset();
        return LogAppend.ofData(log, batch(base, count, 1000 + base, payloadBytes), base + count - 1, 1000 + base);
    }

    /** Base offsets of the batches in a slice, which is closed; fails on content that is not {@link #batch}'s. */
    public static List<Long> baseOffsets(LogSlice slice) {
        try (slice) {
            List<Long> offsets = new ArrayList<>();
            ByteBuf buffer = slice.buffer();
            int at = buffer.readerIndex();
            while (at < buffer.writerIndex()) {
                long base = BatchLayout.baseOffset(buffer, at);
                int size = BatchLayout.size(buffer, at);
                int count = (int) (BatchLayout.lastOffset(buffer, at) - base) + 1;
                ByteBuf expected =
                        batch(base, count, BatchLayout.maxTimestampMs(buffer, at), size - BatchLayout.MIN_SIZE);
                boolean same = expected.equals(buffer.slice(at, size));
                expected.release();
                if (!same) {
                    throw new AssertionError("the batch at offset " + base + " has other bytes than were appended");
                }
                offsets.add(base);
                at += size;
            }
            return offsets;
        }
    }

    /** All base offsets of a log from its start. */
    public static List<Long> readAll(PartitionLog log) {
        List<Long> all = new ArrayList<>();
        long at = log.startOffset();
        while (at < log.durableEndOffset()) {
            List<Long> some = baseOffsets(log.read(at, 1 << 16).join());
            if (some.isEmpty()) {
                throw new AssertionError("nothing at " + at + " though the end is " + log.durableEndOffset());
            }
            all.addAll(some);
            long last = some.get(some.size() - 1);
            at = last + 1;
            // Batches of several offsets: the next read starts inside of one; step over it.
            while (at < log.durableEndOffset() && firstOf(log, at) == last) {
                at++;
            }
        }
        return all;
    }

    private static long firstOf(PartitionLog log, long offset) {
        return baseOffsets(log.read(offset, 1).join()).get(0);
    }
}
