// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.AbortedTransaction;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.message.FetchResponseData;
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

    /**
     * The partition's answer without records: its watermarks, or what is wrong.
     *
     * @param committed whether the client reads committed records only
     */
    PartitionData look(FetchTarget target, boolean committed) {
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
            long stable = partition.lastStableOffset();
            long highWatermark = Math.max(stable, partition.highWatermark());
            data.setHighWatermark(highWatermark)
                    .setLastStableOffset(stable)
                    .setAbortedTransactions(committed ? new ArrayList<>() : null)
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
    CompletableFuture<LogSlice> read(FetchTarget target, PartitionData data, int maxBytes, boolean committed) {
        if (data.errorCode() != Errors.NONE.code() || target.offset() >= end(data, committed)) {
            return null;
        }
        try {
            Partition partition = target.resolve(partitions);
            CompletableFuture<LogSlice> read =
                    partition.read(target.offset(), Math.max(1, Math.min(target.maxBytes(), maxBytes)));
            return committed ? read.thenCompose(slice -> addAborted(partition, target.offset(), data, slice)) : read;
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    /** Up to where the client may read. */
    static long end(PartitionData data, boolean committed) {
        return committed ? data.lastStableOffset() : data.highWatermark();
    }

    /** Tells the client which of the transactions it is about to read were aborted. */
    private static CompletableFuture<LogSlice> addAborted(
            Partition partition, long from, PartitionData data, LogSlice slice) {
        long end = endOf(slice.buffer(), data.lastStableOffset());
        return partition.abortedTransactions(from, end).handle((aborted, failure) -> {
            if (failure != null) {
                slice.close();
                throw new CompletionException(Completions.unwrap(failure));
            }
            for (AbortedTransaction transaction : aborted) {
                data.abortedTransactions()
                        .add(new FetchResponseData.AbortedTransaction()
                                .setProducerId(transaction.producerId())
                                .setFirstOffset(transaction.firstOffset()));
            }
            return slice;
        });
    }

    /** One above the last offset of the batches that begin below {@code limit}. */
    private static long endOf(ByteBuf batches, long limit) {
        long end = 0;
        for (PrimitiveIterator.OfInt indexes = Batches.indexes(batches); indexes.hasNext(); ) {
            int index = indexes.nextInt();
            if (BatchHeader.baseOffset(batches, index) >= limit) {
                break;
            }
            end = BatchHeader.lastOffset(batches, index) + 1;
        }
        return end;
    }

    /**
     * Puts what was read into the answer; of a client that reads committed records only no more than those.
     *
     * @param room the bytes that the answer has left for it; a batch that is larger stays for a later fetch
     */
    void take(PartitionData data, @Nullable LogSlice slice, @Nullable Throwable failure, boolean committed, int room) {
        if (slice == null) {
            fail(data, failure == null ? new IllegalStateException("nothing was read") : failure);
            return;
        }
        ByteBuf records = committed ? stable(slice, data.lastStableOffset()) : buffer(slice);
        if (records.readableBytes() <= room) {
            FetchRecords.set(data, records);
            return;
        }
        records.release();
        if (data.abortedTransactions() != null) {
            data.abortedTransactions().clear();
        }
    }

    private static ByteBuf buffer(LogSlice slice) {
        try (slice) {
            return slice.buffer().retainedSlice();
        }
    }

    private static ByteBuf stable(LogSlice slice, long lastStableOffset) {
        try (slice) {
            ByteBuf batches = slice.buffer();
            int end = batches.readerIndex();
            for (PrimitiveIterator.OfInt indexes = Batches.indexes(batches); indexes.hasNext(); ) {
                int index = indexes.nextInt();
                if (BatchHeader.baseOffset(batches, index) >= lastStableOffset) {
                    break;
                }
                end = index + BatchHeader.sizeInBytes(batches, index);
            }
            return batches.retainedSlice(batches.readerIndex(), end - batches.readerIndex());
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
