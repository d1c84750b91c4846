// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.millrace.protocol.record.InvalidBatchException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The records of one batch or run, in order. Borrows the buffer; {@link #close()} gives back what decompression took.
 * For one thread.
 */
public final class RecordReader implements Iterator<RecordView>, AutoCloseable {
    private final ByteBuf records;
    private final boolean owned;
    private final long baseOffset;
    private final long baseTimestampMs;
    private final boolean logAppendTime;
    private final int count;
    private int read;

    private RecordReader(
            ByteBuf records, boolean owned, long baseOffset, long baseTimestampMs, boolean logAppendTime, int count) {
        this.records = records;
        this.owned = owned;
        this.baseOffset = baseOffset;
        this.baseTimestampMs = baseTimestampMs;
        this.logAppendTime = logAppendTime;
        this.count = count;
    }

    /**
     * Reads the batch at {@code index}, which {@link Batches} has found whole.
     *
     * @param maxBytes the most bytes of records to decompress to; not applied to an uncompressed batch
     * @throws InvalidBatchException when its compressed bytes are damaged or give more than {@code maxBytes}
     */
    public static RecordReader ofBatch(ByteBufAllocator allocator, ByteBuf buffer, int index, int maxBytes) {
        CompressionCodec codec = BatchHeader.compression(buffer, index);
        boolean logAppendTime = BatchHeader.isLogAppendTime(buffer, index);
        ByteBuf bytes =
                buffer.slice(index + BatchHeader.SIZE, BatchHeader.sizeInBytes(buffer, index) - BatchHeader.SIZE);
        boolean compressed = codec != CompressionCodec.NONE;
        return new RecordReader(
                compressed ? Decompression.decompress(allocator, codec, bytes, maxBytes) : bytes,
                compressed,
                BatchHeader.baseOffset(buffer, index),
                logAppendTime ? BatchHeader.maxTimestamp(buffer, index) : BatchHeader.baseTimestamp(buffer, index),
                logAppendTime,
                BatchHeader.recordCount(buffer, index));
    }

    /** Reads uncompressed records without a batch header, as a {@code Pull.Run} has them. */
    public static RecordReader ofRun(ByteBuf records, long baseOffset, long baseTimestampMs, int count) {
        return new RecordReader(records.slice(), false, baseOffset, baseTimestampMs, false, count);
    }

    @Override
    public boolean hasNext() {
        return read < count;
    }

    /** @throws InvalidBatchException when the bytes do not make a record, or there are bytes after the last one */
    @Override
    public RecordView next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        RecordView view = RecordFormat.read(records, baseOffset, baseTimestampMs, logAppendTime);
        read++;
        if (read == count && records.isReadable()) {
            throw new InvalidBatchException(
                    Reason.INVALID_RECORD, records.readableBytes() + " bytes follow the last of " + count + " records");
        }
        return view;
    }

    /** Whether the records were decompressed: then {@link RecordView#encoded()} ends with this reader. */
    public boolean isDecompressed() {
        return owned;
    }

    @Override
    public void close() {
        if (owned && records.refCnt() > 0) {
            records.release();
        }
    }
}
