// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of a producer's transaction in a partition (KIP-98): a control batch with one record.
 *
 * <pre>
 *   key:   int16 version = 0 | int16 type (0 abort, 1 commit)
 *   value: int16 version = 0 | int32 epoch of the transaction coordinator
 * </pre>
 *
 * @param commit whether the transaction was committed
 * @param coordinatorEpoch the epoch of the coordinator that wrote it, from 0
 */
public record TransactionMarker(boolean commit, int coordinatorEpoch) {
    private static final short VERSION = 0;
    private static final short ABORT = 0;
    private static final short COMMIT = 1;
    private static final int KEY_BYTES = 4;
    private static final int VALUE_BYTES = 6;
    private static final int MAX_BYTES = 1 << 10;

    /**
     * The batch that says so; the caller releases it.
     *
     * @param timestampMs milliseconds since the epoch
     */
    public ByteBuf toBatch(ByteBufAllocator allocator, long producerId, short producerEpoch, long timestampMs) {
        byte[] key = ByteBuffer.allocate(KEY_BYTES)
                .putShort(VERSION)
                .putShort(commit ? COMMIT : ABORT)
                .array();
        byte[] value = ByteBuffer.allocate(VALUE_BYTES)
                .putShort(VERSION)
                .putInt(coordinatorEpoch)
                .array();
        try (BatchBuilder builder = new BatchBuilder(allocator)) {
            return builder.producer(producerId, producerEpoch, BatchHeader.NO_SEQUENCE)
                    .control()
                    .add(timestampMs, key, value, List.of())
                    .build();
        }
    }

    /**
     * What the control batch at {@code index} says; {@code null} for a control batch of another kind, or one that
     * compaction has emptied.
     *
     * @throws InvalidBatchException when its record breaks the format
     */
    public static @Nullable TransactionMarker read(ByteBufAllocator allocator, ByteBuf buffer, int index) {
        if (BatchHeader.recordCount(buffer, index) == 0) {
            return null;
        }
        try (RecordReader records = RecordReader.ofBatch(allocator, buffer, index, MAX_BYTES)) {
            RecordView record = records.next();
            ByteBuf key = record.key();
            ByteBuf value = record.value();
            if (key == null || key.readableBytes() < KEY_BYTES) {
                return null;
            }
            short type = key.getShort(key.readerIndex() + Short.BYTES);
            if (type != ABORT && type != COMMIT) {
                return null;
            }
            int epoch = value == null || value.readableBytes() < VALUE_BYTES
                    ? -1
                    : value.getInt(value.readerIndex() + Short.BYTES);
            return new TransactionMarker(type == COMMIT, epoch);
        }
    }
}
