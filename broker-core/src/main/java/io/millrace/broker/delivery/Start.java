// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.TimestampLookup;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Subscribe;
import java.util.concurrent.CompletableFuture;

/** Where a group that does not exist yet begins on a partition. */
@FunctionalInterface
interface Start {
    Start EARLIEST = Partition::startOffset;
    /** Records of transactions that are undecided now come after it: they are sent when they are committed. */
    Start LATEST = Partition::stableEnd;

    /** On the partition's loop. */
    long offset(Partition partition);

    /**
     * What a request says of it, as of now: where it names a time that is above all timestamps, the end of the log.
     *
     * @param startAtMs see {@link Subscribe}
     * @param byDefault for {@link Subscribe#AT_DEFAULT}
     */
    static CompletableFuture<Start> of(Partition partition, long startAtMs, Start byDefault) {
        if (startAtMs == Subscribe.AT_DEFAULT) {
            return CompletableFuture.completedFuture(byDefault);
        } else if (startAtMs == Subscribe.AT_EARLIEST) {
            return CompletableFuture.completedFuture(EARLIEST);
        } else if (startAtMs < 0) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "A subscription cannot start at " + startAtMs + "; give milliseconds since 1970, or -1 or -2");
        }
        long end = partition.highWatermark();
        return TimestampLookup.firstAtOrAfter(partition, startAtMs)
                .thenApply(found -> at(found.map(TimestampLookup.Found::offset).orElse(end)));
    }

    private static Start at(long offset) {
        return partition -> Math.max(offset, partition.startOffset());
    }
}
