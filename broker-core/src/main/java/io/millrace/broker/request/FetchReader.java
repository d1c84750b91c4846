// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.kafka.FetchRecords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Reads one partition for a fetch; what goes wrong is in the answer. Has no state; safe for any thread. */
final class FetchReader {
    private static final long UNKNOWN = -1;

    private final Partitions partitions;

    FetchReader(Partitions partitions) {
        this.partitions = partitions;
    }

    /** The partition's answer without records: its watermarks, or what is wrong. */
    PartitionData look(FetchTarget target) {
        PartitionData data = FetchRecords.set(
                new PartitionData()
                        .setPartitionIndex(target.key().partition())
                        .setHighWatermark(UNKNOWN)
                        .setAbortedTransactions(null),
                Unpooled.EMPTY_BUFFER);
        try {
            Partition partition = target.resolve(partitions);
            LeaderEpochs.check(partition, target.leaderEpoch());
            long startOffset = partition.startOffset();
            long highWatermark = partition.highWatermark();
            data.setHighWatermark(highWatermark)
                    .setLastStableOffset(highWatermark)
                    .setLogStartOffset(startOffset);
            target.checkRange(startOffset, highWatermark);
        } catch (BrokerException refused) {
            return fail(data, refused);
        }
        return data;
    }

    /**
     * The records of a partition that was looked at, or {@code null} when there are none to read.
     *
     * @param maxBytes the most bytes; one batch is read however large it is
     */
    @Nullable
    CompletableFuture<LogSlice> read(FetchTarget target, PartitionData data, int maxBytes) {
        if (data.errorCode() != Errors.NONE.code() || target.offset() >= data.highWatermark()) {
            return null;
        }
        try {
            return target.resolve(partitions).read(target.offset(), Math.max(1, Math.min(target.maxBytes(), maxBytes)));
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    /** Puts what was read into the answer. */
    void take(PartitionData data, @Nullable LogSlice slice, @Nullable Throwable failure) {
        if (slice == null) {
            fail(data, failure == null ? new IllegalStateException("nothing was read") : failure);
        } else {
            FetchRecords.set(data, buffer(slice));
        }
    }

    private static ByteBuf buffer(LogSlice slice) {
        try (slice) {
            return slice.buffer().retainedSlice();
        }
    }

    private static PartitionData fail(PartitionData data, Throwable failure) {
        Errors error = KafkaErrors.of(failure);
        if (error != Errors.OFFSET_OUT_OF_RANGE) {
            data.setHighWatermark(UNKNOWN).setLastStableOffset(UNKNOWN).setLogStartOffset(UNKNOWN);
        }
        return data.setErrorCode(error.code());
    }
}
