// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds one uncompressed v2 record batch with base offset 0, as a client sends it. Use one builder for one batch;
 * {@link #build()} or {@link #close()} ends it. For one thread.
 */
public final class BatchBuilder implements AutoCloseable {
    private final ByteBuf buffer;
    private int count;
    private long baseTimestampMs;
    private long maxTimestampMs;
    private long producerId = BatchHeader.NO_PRODUCER_ID;
    private short producerEpoch = BatchHeader.NO_PRODUCER_EPOCH;
    private int baseSequence = BatchHeader.NO_SEQUENCE;
    private int attributes;
    private boolean ended;

    public BatchBuilder(ByteBufAllocator allocator) {
        buffer = allocator.buffer(512);
        buffer.writeZero(BatchHeader.SIZE);
    }

    /** Makes the batch one of an idempotent producer. */
    public BatchBuilder producer(long id, short epoch, int firstSequence) {
        this.producerId = id;
        this.producerEpoch = epoch;
        this.baseSequence = firstSequence;
        return this;
    }

    /** Makes the batch one of a transaction of its producer. */
    public BatchBuilder transactional() {
        attributes |= BatchHeader.TRANSACTIONAL_FLAG;
        return this;
    }

    /** Makes the batch a marker of a transaction. */
    BatchBuilder control() {
        attributes |= BatchHeader.TRANSACTIONAL_FLAG | BatchHeader.CONTROL_FLAG;
        return this;
    }

    /**
     * Adds a record.
     *
     * @param timestampMs milliseconds since the epoch
     */
    public BatchBuilder add(
            long timestampMs, byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
        if (count == 0) {
            baseTimestampMs = timestampMs;
            maxTimestampMs = timestampMs;
        }
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        RecordFormat.write(buffer, timestampMs - baseTimestampMs, count, key, value, headers);
        count++;
        return this;
    }

    public int recordCount() {
        return count;
    }

    /** Bytes of the batch so far, header included. */
    public int sizeInBytes() {
        return buffer.readableBytes();
    }

    /**
     * The batch, with its CRC; the caller releases it.
     *
     * @throws IllegalStateException when there is no record in it or it was built before
     */
    public ByteBuf build() {
        if (ended || count == 0) {
            throw new IllegalStateException(ended ? "this builder has ended" : "a batch needs a record");
        }
        ended = true;
        buffer.setLong(BatchHeader.BASE_OFFSET, 0);
        buffer.setInt(BatchHeader.LENGTH, buffer.readableBytes() - BatchHeader.LOG_OVERHEAD);
        buffer.setInt(BatchHeader.PARTITION_LEADER_EPOCH, -1);
        buffer.setByte(BatchHeader.MAGIC, BatchHeader.MAGIC_V2);
        buffer.setShort(BatchHeader.ATTRIBUTES, attributes);
        buffer.setInt(BatchHeader.LAST_OFFSET_DELTA, count - 1);
        buffer.setLong(BatchHeader.BASE_TIMESTAMP, baseTimestampMs);
        buffer.setLong(BatchHeader.MAX_TIMESTAMP, maxTimestampMs);
        buffer.setLong(BatchHeader.PRODUCER_ID, producerId);
        buffer.setShort(BatchHeader.PRODUCER_EPOCH, producerEpoch);
        buffer.setInt(BatchHeader.BASE_SEQUENCE, baseSequence);
        buffer.setInt(BatchHeader.RECORD_COUNT, count);
        buffer.setInt(BatchHeader.CRC, BatchHeader.computeCrc(buffer, 0));
        return buffer;
    }

    /** Gives the memory back when the batch was not built; else does nothing. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            buffer.release();
        }
    }
}
