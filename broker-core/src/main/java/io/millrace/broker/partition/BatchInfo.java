// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;

/**
 * What the broker reads from one record batch.
 *
 * @param batch the whole batch, from index 0: a slice of the frame or segment it came in; not owned
 * @param count how many offsets it takes
 * @param firstSequence the first record's sequence, -1 without a producer id
 * @param transactional whether it is part of a transaction of its producer
 * @param control whether it is a marker
 */
record BatchInfo(
        ByteBuf batch,
        int count,
        long maxTimestampMs,
        long producerId,
        short producerEpoch,
        int firstSequence,
        boolean transactional,
        boolean control) {

    static BatchInfo of(ByteBuf batch) {
        return new BatchInfo(
                batch,
                BatchHeader.lastOffsetDelta(batch, 0) + 1,
                BatchHeader.maxTimestamp(batch, 0),
                BatchHeader.producerId(batch, 0),
                BatchHeader.producerEpoch(batch, 0),
                BatchHeader.baseSequence(batch, 0),
                BatchHeader.isTransactional(batch, 0),
                BatchHeader.isControl(batch, 0));
    }

    boolean hasProducer() {
        return producerId >= 0;
    }

    int lastSequence() {
        return ProducerEntry.increment(firstSequence, count - 1);
    }

    /** The batch with the broker's time in place of its records' own; the CRC is computed anew. */
    BatchInfo withAppendTime(long timestampMs) {
        BatchHeader.setLogAppendTime(batch, 0, timestampMs);
        return of(batch);
    }

    /** Writes what the broker sets, in place; both fields lie outside the CRC. */
    void assign(long baseOffset, int leaderEpoch) {
        BatchHeader.setBaseOffset(batch, 0, baseOffset);
        BatchHeader.setPartitionLeaderEpoch(batch, 0, leaderEpoch);
    }
}
