// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.InvalidBatchException;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.PrimitiveIterator;
import java.util.function.Supplier;

/**
 * Splits an append into its batches and refuses what may not go into a log. Reads headers only: CRC and records were
 * checked by {@link ClientRecords} before. Any thread.
 */
final class BatchChecks {
    private final BrokerClock clock;
    private final Supplier<BatchRules> rules;

    /** @param rules what holds at present */
    BatchChecks(BrokerClock clock, Supplier<BatchRules> rules) {
        this.clock = clock;
        this.rules = rules;
    }

    List<BatchInfo> check(Append append, PartitionId where) {
        List<BatchInfo> result = new ArrayList<>();
        for (ByteBuf buffer : append.batches()) {
            PrimitiveIterator.OfInt indexes = Batches.indexes(buffer);
            while (indexes.hasNext()) {
                int index = indexes.nextInt();
                BatchInfo batch = BatchInfo.of(buffer.slice(index, BatchHeader.sizeInBytes(buffer, index)));
                check(batch, append.origin(), where);
                result.add(batch);
            }
        }
        if (result.isEmpty() && append.state().isEmpty()) {
            throw new BrokerException(Code.INVALID_RECORD, "An append to " + where + " is empty");
        }
        return result;
    }

    private void check(BatchInfo info, Origin origin, PartitionId where) {
        ByteBuf batch = info.batch();
        int most = rules.get().maxBatchBytes();
        // A dead letter is larger than the message was, by its reason.
        if (origin.isProducer() && batch.readableBytes() > most) {
            throw new BrokerException(
                    Code.RECORD_TOO_LARGE,
                    "A batch for " + where + " has " + batch.readableBytes() + " bytes; the topic takes at most " + most
                            + " (max.message.bytes, else the broker's message.max.bytes)");
        }
        if (origin.isProducer() && info.control()) {
            throw invalid(where, "is a control batch; only the broker writes those");
        }
        if (info.transactional() && origin == Origin.CLIENT) {
            throw invalid(where, "belongs to a transaction that it was not sent in");
        }
        if (origin.isProducer() && BatchHeader.isLogAppendTime(batch, 0)) {
            throw invalid(where, "claims to have the broker's time");
        }
        if (BatchHeader.lastOffsetDelta(batch, 0) != BatchHeader.recordCount(batch, 0) - 1) {
            throw invalid(
                    where,
                    "counts " + BatchHeader.recordCount(batch, 0) + " records and ends at offset delta "
                            + BatchHeader.lastOffsetDelta(batch, 0));
        }
        if (origin.isProducer() && !rules.get().takes(info.maxTimestampMs(), clock.wallMs())) {
            throw new BrokerException(
                    Code.INVALID_TIMESTAMP,
                    "A batch for " + where + " has timestamp " + info.maxTimestampMs()
                            + ", negative or further from the broker's clock than the topic's"
                            + " message.timestamp.after.max.ms or message.timestamp.before.max.ms allows");
        }
        if (info.hasProducer() && !info.control() && (info.producerEpoch() < 0 || info.firstSequence() < 0)) {
            throw invalid(
                    where,
                    "has producer id " + info.producerId() + " with epoch " + info.producerEpoch() + ", sequence "
                            + info.firstSequence());
        }
    }

    /** The time that the batches of an append get; empty when they keep their producer's. */
    OptionalLong appendTimeMs() {
        return rules.get().logAppendTime() ? OptionalLong.of(clock.wallMs()) : OptionalLong.empty();
    }

    static BrokerException translate(InvalidBatchException invalid, Object where) {
        Code code = switch (invalid.reason()) {
            case CORRUPT -> Code.CORRUPT_RECORD;
            case UNSUPPORTED_FORMAT, UNSUPPORTED_COMPRESSION -> Code.UNSUPPORTED_FORMAT;
            case INVALID_RECORD -> Code.INVALID_RECORD;
            case TOO_LARGE -> Code.RECORD_TOO_LARGE;
        };
        return new BrokerException(code, "For " + where + ": " + invalid.getMessage(), invalid);
    }

    private static BrokerException invalid(PartitionId where, String what) {
        return new BrokerException(Code.INVALID_RECORD, "A batch for " + where + " " + what);
    }
}
