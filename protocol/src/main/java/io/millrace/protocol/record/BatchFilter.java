// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes records out of one batch, as log compaction does: base offset, last offset, sequences, codec and the records'
 * own offsets stay what they were, so that idempotent producers and readers see the same log with gaps.
 */
public final class BatchFilter {
    private final ByteBufAllocator allocator;
    private final int maxBytes;

    /** @param maxBytes the most bytes of records to decompress a batch to */
    public BatchFilter(ByteBufAllocator allocator, int maxBytes) {
        this.allocator = allocator;
        this.maxBytes = maxBytes;
    }

    /**
     * Appends to {@code target} what is left of the batch at {@code index}: its very bytes when nothing changes, nothing
     * when no record is left and {@code keepEmpty} is false.
     *
     * @param keep whether a record stays; asked once for each, in order
     * @param newHorizonMs when the tombstones in it may be removed, set where one stays and the batch has no horizon yet
     * @param keepEmpty whether the header stays when no record does
     * @throws InvalidBatchException when the batch cannot be read
     */
    public void apply(
            ByteBuf buffer,
            int index,
            Predicate<RecordView> keep,
            long newHorizonMs,
            boolean keepEmpty,
            ByteBuf target) {
        Kept kept = new Kept();
        ByteBuf records = allocator.buffer();
        ByteBuf shifted = allocator.buffer();
        boolean mayNeedHorizon = BatchHeader.deleteHorizon(buffer, index).isEmpty();
        try (RecordReader reader = RecordReader.ofBatch(allocator, buffer, index, maxBytes)) {
            while (reader.hasNext()) {
                RecordView view = reader.next();
                if (!keep.test(view)) {
                    continue;
                }
                kept.add(view);
                records.writeBytes(view.encoded().duplicate());
                if (mayNeedHorizon) {
                    write(shifted, view, BatchHeader.baseOffset(buffer, index), newHorizonMs);
                }
            }
            boolean setHorizon = mayNeedHorizon && kept.tombstone;
            int size = BatchHeader.sizeInBytes(buffer, index);
            if (kept.count == BatchHeader.recordCount(buffer, index) && kept.count > 0 && !setHorizon) {
                target.writeBytes(buffer, index, size);
            } else if (kept.count > 0 || keepEmpty) {
                rebuild(buffer, index, kept, setHorizon ? shifted : records, setHorizon, newHorizonMs, target);
            }
        } finally {
            records.release();
            shifted.release();
        }
    }

    private static void rebuild(
            ByteBuf buffer, int index, Kept kept, ByteBuf records, boolean setHorizon, long horizonMs, ByteBuf target) {
        int at = target.writerIndex();
        target.writeBytes(buffer, index, BatchHeader.SIZE);
        CompressionCodec codec = BatchHeader.compression(buffer, index);
        if (kept.count == 0) {
            BatchHeader.setUncompressed(target, at);
        } else if (codec == CompressionCodec.NONE) {
            target.writeBytes(records);
        } else {
            Recompression.compress(codec, records, target);
        }
        if (setHorizon) {
            BatchHeader.setDeleteHorizon(target, at, horizonMs);
        }
        if (kept.count > 0 && !BatchHeader.isLogAppendTime(buffer, index)) {
            target.setLong(at + BatchHeader.MAX_TIMESTAMP, kept.maxTimestampMs);
        }
        target.setInt(at + BatchHeader.RECORD_COUNT, kept.count);
        target.setInt(at + BatchHeader.LENGTH, target.writerIndex() - at - BatchHeader.LOG_OVERHEAD);
        target.setInt(at + BatchHeader.CRC, BatchHeader.computeCrc(target, at));
    }

    private static void write(ByteBuf target, RecordView view, long baseOffset, long baseTimestampMs) {
        RecordFormat.write(
                target,
                view.timestampMs() - baseTimestampMs,
                (int) (view.offset() - baseOffset),
                bytes(view.key()),
                bytes(view.value()),
                view.headers());
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuf buffer) {
        return buffer == null ? null : ByteBufUtil.getBytes(buffer);
    }

    /** What is known of the records that stay. */
    private static final class Kept {
        private int count;
        private long maxTimestampMs = Long.MIN_VALUE;
        private boolean tombstone;

        void add(RecordView view) {
            count++;
            maxTimestampMs = Math.max(maxTimestampMs, view.timestampMs());
            tombstone |= view.value() == null;
        }
    }
}
