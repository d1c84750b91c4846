// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Splits an append into its batches and refuses what may not go into a log. Stateless; any thread. */
final class BatchChecks {
    private static final int LENGTH_AT = 8;
    private static final int LEADER_EPOCH_AT = 12;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int BASE_SEQUENCE_AT = 53;
    private static final int COUNT_AT = 57;
    private static final int HEADER_BYTES = 61;
    /** Base offset and length, which the length does not count. */
    private static final int LOG_OVERHEAD_BYTES = 12;

    private static final int CODEC_MASK = 0x07;
    private static final int LARGEST_CODEC = 4;
    private static final int TRANSACTIONAL = 0x10;
    private static final int CONTROL = 0x20;
    /** Kafka's default for message.timestamp.after.max.ms. */
    private static final long MAX_AHEAD_MS = 60 * 60 * 1000L;

    private final BrokerClock clock;
    private final int maxBatchBytes;

    BatchChecks(BrokerClock clock, int maxBatchBytes) {
        this.clock = clock;
        this.maxBatchBytes = maxBatchBytes;
    }

    /** Writes what the broker sets in a batch; both fields lie outside its CRC. */
    static void assign(ByteBuf batch, long baseOffset, int leaderEpoch) {
        int at = batch.readerIndex();
        batch.setLong(at, baseOffset);
        batch.setInt(at + LEADER_EPOCH_AT, leaderEpoch);
    }

    List<BatchInfo> check(Append append, PartitionId where) {
        List<BatchInfo> result = new ArrayList<>();
        for (ByteBuf buffer : append.batches()) {
            ByteBuf rest = buffer.slice();
            if (!rest.isReadable()) {
                throw new BrokerException(Code.INVALID_RECORD, "An append to " + where + " has no record batch");
            }
            while (rest.isReadable()) {
                result.add(read(rest.readSlice(checkedSize(rest, where)), append.origin(), where));
            }
        }
        if (result.isEmpty() && append.state().isEmpty()) {
            throw new BrokerException(Code.INVALID_RECORD, "An append to " + where + " is empty");
        }
        return result;
    }

    private static int checkedSize(ByteBuf rest, PartitionId where) {
        if (rest.readableBytes() < HEADER_BYTES) {
            throw corrupt(where, rest.readableBytes() + " bytes where a batch header of 61 bytes is due");
        }
        byte magic = rest.getByte(rest.readerIndex() + MAGIC_AT);
        if (magic != 2) {
            throw new BrokerException(
                    Code.UNSUPPORTED_FORMAT,
                    "A batch for " + where + " has message format " + magic + "; only format 2 is taken");
        }
        int length = rest.getInt(rest.readerIndex() + LENGTH_AT);
        if (length < HEADER_BYTES - LOG_OVERHEAD_BYTES || length > rest.readableBytes() - LOG_OVERHEAD_BYTES) {
            throw corrupt(where, "a length of " + length + " with " + rest.readableBytes() + " bytes there");
        }
        return length + LOG_OVERHEAD_BYTES;
    }

    private BatchInfo read(ByteBuf batch, Origin origin, PartitionId where) {
        if (batch.readableBytes() > maxBatchBytes) {
            throw new BrokerException(
                    Code.RECORD_TOO_LARGE,
                    "A batch for " + where + " has " + batch.readableBytes() + " bytes; message.max.bytes is "
                            + maxBatchBytes);
        }
        checkCrc(batch, where);
        int attributes = batch.getUnsignedShort(ATTRIBUTES_AT);
        if ((attributes & CODEC_MASK) > LARGEST_CODEC) {
            throw new BrokerException(
                    Code.UNSUPPORTED_FORMAT,
                    "A batch for " + where + " uses unknown compression " + (attributes & CODEC_MASK));
        }
        if (origin == Origin.CLIENT && (attributes & (CONTROL | TRANSACTIONAL)) != 0) {
            throw invalid(where, "is a control batch or belongs to a transaction, which this broker does not offer");
        }
        int count = batch.getInt(COUNT_AT);
        int lastDelta = batch.getInt(LAST_OFFSET_DELTA_AT);
        if (count < 1 || lastDelta != count - 1) {
            throw invalid(where, "counts " + count + " records and ends at offset delta " + lastDelta);
        }
        long maxTimestampMs = batch.getLong(MAX_TIMESTAMP_AT);
        if (maxTimestampMs < -1 || maxTimestampMs > clock.wallMs() + MAX_AHEAD_MS) {
            throw new BrokerException(
                    Code.INVALID_TIMESTAMP,
                    "A batch for " + where + " has timestamp " + maxTimestampMs
                            + ", negative or more than an hour ahead of the broker's clock");
        }
        long producerId = batch.getLong(PRODUCER_ID_AT);
        short producerEpoch = batch.getShort(PRODUCER_EPOCH_AT);
        int sequence = batch.getInt(BASE_SEQUENCE_AT);
        if (producerId >= 0 && (producerEpoch < 0 || sequence < 0)) {
            throw invalid(
                    where, "has producer id " + producerId + " with epoch " + producerEpoch + ", sequence " + sequence);
        }
        return new BatchInfo(batch, count, maxTimestampMs, producerId, producerEpoch, sequence);
    }

    /** Takes the next batch from what a store has read. */
    static ByteBuf nextBatch(ByteBuf batches) {
        return batches.readSlice(batches.getInt(batches.readerIndex() + LENGTH_AT) + LOG_OVERHEAD_BYTES);
    }

    /** What recovery needs of a batch that the store has checked. */
    static BatchInfo recovered(ByteBuf batch) {
        return new BatchInfo(
                batch,
                batch.getInt(LAST_OFFSET_DELTA_AT) + 1,
                batch.getLong(MAX_TIMESTAMP_AT),
                batch.getLong(PRODUCER_ID_AT),
                batch.getShort(PRODUCER_EPOCH_AT),
                batch.getInt(BASE_SEQUENCE_AT));
    }

    private static void checkCrc(ByteBuf batch, PartitionId where) {
        CRC32C crc = new CRC32C();
        crc.update(batch.nioBuffer(ATTRIBUTES_AT, batch.readableBytes() - ATTRIBUTES_AT));
        if ((int) crc.getValue() != batch.getInt(CRC_AT)) {
            throw corrupt(where, "a checksum that does not match its bytes");
        }
    }

    private static BrokerException invalid(PartitionId where, String what) {
        return new BrokerException(Code.INVALID_RECORD, "A batch for " + where + " " + what);
    }

    private static BrokerException corrupt(PartitionId where, String what) {
        return new BrokerException(Code.CORRUPT_RECORD, "A batch for " + where + " has " + what);
    }
}
