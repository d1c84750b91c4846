// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Asks for records. Parked at the broker until one is available or {@code maxWaitMs} has passed; at most one pull of a
 * consumer is outstanding.
 *
 * @param consumerId the consumer
 * @param sessionEpoch the session epoch; a pull of an earlier one ends with {@link ErrorCode#STALE_SESSION_EPOCH}
 * @param maxMessages credit: the most records to acquire, at least 1
 * @param maxBytes the most record bytes to answer with; one record is always answered, however large
 * @param maxWaitMs how long to park, milliseconds; 0 answers at once
 * @param acks applied first, without waiting for their durability
 */
public record Pull(
        long consumerId, int sessionEpoch, int maxMessages, int maxBytes, int maxWaitMs, List<Acknowledgement> acks)
        implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.PULL;
    }

    /** @param runs the acquired records in delivery order; empty when none was available */
    public record Response(Status status, int sessionEpoch, List<Run> runs) implements MillraceResponse {
        @Override
        public void release() {
            runs.forEach(run -> run.records().release());
        }
    }

    /**
     * Acquired records of one batch that share lease, delivery count and flag.
     *
     * @param partition the partition index
     * @param lease quoted by their acknowledgements
     * @param deliveryCount how often the application received them before (0: never)
     * @param redelivered whether they may have been received before, also when the count is not known after a crash
     * @param baseOffset what the records' offset deltas count from
     * @param baseTimestampMs what the records' timestamp deltas count from, milliseconds since the epoch
     * @param count how many records
     * @param records the records, uncompressed, in the encoding of the v2 record batch (length-prefixed, one after
     *     another)
     */
    public record Run(
            int partition,
            long lease,
            int deliveryCount,
            boolean redelivered,
            long baseOffset,
            long baseTimestampMs,
            int count,
            ByteBuf records) {}
}
