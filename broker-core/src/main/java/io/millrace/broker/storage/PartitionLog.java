// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import io.millrace.broker.record.PartitionId;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * The log of one partition, open for its one writer. Appends come from one thread, the partition's owner loop; reads
 * may come from any. Readers see what is durable and nothing else.
 */
public interface PartitionLog {

    PartitionId partition();

    int leaderEpoch();

    /** The first offset that can be read. */
    long startOffset();

    /** One above the last durable offset: the high watermark. */
    long durableEndOffset();

    /**
     * Where the next batch must start: at least one above every offset that was ever appended, so that no offset is
     * used twice, also after a crash that cut a tail. Fixed at acquisition, then moved by each append.
     */
    long nextOffset();

    /**
     * Hands over the state entries that survived, oldest first, from the last snapshot on. Called once, after
     * acquisition and before the first append; blocks. Buffers are only valid during the call.
     */
    void replayState(Consumer<ByteBuf> entry);

    /**
     * Appends at once in memory and answers when durable by the store's own rule. Futures of one log complete in append
     * order. After a failure every later append fails as well: ownership has ended.
     */
    CompletableFuture<Void> append(LogAppend append);

    /**
     * Reads whole batches from the one that holds {@code offset} (or the next one after it) up to the durable end. Never
     * waits for the disk on the calling thread; what is at hand may be there at once.
     *
     * @param offset in {@code [startOffset, durableEndOffset]}; outside, the future fails with {@link
     *     StorageException.Reason#OFFSET_OUT_OF_RANGE}
     * @param maxBytes the most bytes; at least one batch is returned where there is one
     */
    CompletableFuture<LogSlice> read(long offset, int maxBytes);

    /** The first record at or after a timestamp (milliseconds since the epoch), to batch precision or finer. */
    CompletableFuture<Optional<TimestampOffset>> offsetForTimestamp(long timestampMs);

    /**
     * The end offset of the largest epoch at or below {@code leaderEpoch}; empty when none is known, or when {@code
     * leaderEpoch} is above all that are (KIP-101, as Kafka answers).
     */
    Optional<EpochEnd> endOffsetForEpoch(int leaderEpoch);

    /** Raises the start offset; completes when that survives a crash. Space is freed in the background. */
    CompletableFuture<Void> trimPrefix(long newStartOffset);

    /** How the log is cut from now on. Any thread; takes effect at a later append. */
    void configure(LogSettings settings);

    /** The segments that hold durable data at or above the start offset, ascending; the last one is being written. */
    List<LogSegment> segments();

    /** Seals the segment being written, where it holds anything: the next batch opens a new one. Any thread. */
    CompletableFuture<Void> roll();

    /**
     * Puts {@code content} in the place of neighbouring sealed segments (compaction): readers and a crash see all of
     * the old ones or all of the new. Offsets stay what they were; the range keeps its base and its end also where
     * its first or last batches are gone. Completes when the swap survives a crash. Any thread; one call at a time.
     * Fails with CLOSED, and changes nothing, when one of them was trimmed away meanwhile.
     *
     * @param sealed neighbours from {@link #segments()}, ascending
     */
    CompletableFuture<Void> replace(List<LogSegment> sealed, SegmentContent content);

    /**
     * How many bytes may be appended now; {@link Long#MAX_VALUE} where the log has no bound of its own. Whoever appends
     * asks first: a bounded log does not check it itself.
     */
    default long freeBytes() {
        return Long.MAX_VALUE;
    }

    /** Bytes this log takes on its medium now. */
    long sizeBytes();

    /** Gives up ownership after what was appended is durable. Idempotent. */
    CompletableFuture<Void> close();

    /** @param timestampMs milliseconds since the epoch */
    record TimestampOffset(long offset, long timestampMs) {}

    record EpochEnd(int leaderEpoch, long endOffset) {}
}
