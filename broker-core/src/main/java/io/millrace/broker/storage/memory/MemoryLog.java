// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogSettings;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.LogStore.LossListener;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.SegmentContent;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The log of one owner of a partition in memory. It is one segment for ever: nothing is sealed, nor compacted. */
final class MemoryLog implements PartitionLog {
    private final MemoryPartition stored;
    private final int leaderEpoch;
    private final LossListener listener;
    private @Nullable StorageException ended;

    MemoryLog(MemoryPartition stored, int leaderEpoch, LossListener listener) {
        this.stored = stored;
        this.leaderEpoch = leaderEpoch;
        this.listener = listener;
    }

    /** Takes no append from now on; false when it took none before. */
    synchronized boolean end(StorageException cause) {
        if (ended != null) {
            return false;
        }
        ended = cause;
        return true;
    }

    /** Somebody else ended it: the owner is told. */
    void lose(StorageException cause) {
        if (end(cause)) {
            listener.onLost(cause);
        }
    }

    @Override
    public PartitionId partition() {
        return stored.id();
    }

    @Override
    public int leaderEpoch() {
        return leaderEpoch;
    }

    @Override
    public long startOffset() {
        return stored.startOffset();
    }

    @Override
    public long durableEndOffset() {
        return stored.endOffset();
    }

    @Override
    public long nextOffset() {
        return stored.endOffset();
    }

    @Override
    public long freeBytes() {
        return stored.freeBytes();
    }

    @Override
    public void replayState(Consumer<ByteBuf> entry) {
        stored.state().forEach(bytes -> entry.accept(Unpooled.wrappedBuffer(bytes)));
    }

    @Override
    public synchronized CompletableFuture<Void> append(LogAppend append) {
        try {
            if (ended != null) {
                return CompletableFuture.failedFuture(ended);
            }
            stored.append(append);
            return CompletableFuture.completedFuture(null);
        } finally {
            ReferenceCountUtil.release(append.data());
            ReferenceCountUtil.release(append.state());
        }
    }

    @Override
    public CompletableFuture<LogSlice> read(long offset, int maxBytes) {
        return answered(() -> new MemorySlice(stored.read(offset, maxBytes)));
    }

    @Override
    public CompletableFuture<Optional<TimestampOffset>> offsetForTimestamp(long timestampMs) {
        return CompletableFuture.completedFuture(stored.offsetForTimestamp(timestampMs));
    }

    @Override
    public Optional<EpochEnd> endOffsetForEpoch(int epoch) {
        return stored.endOffsetForEpoch(epoch);
    }

    @Override
    public CompletableFuture<Void> trimPrefix(long newStartOffset) {
        try {
            stored.trimPrefix(newStartOffset);
            return CompletableFuture.completedFuture(null);
        } catch (StorageException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private static <T> CompletableFuture<T> answered(Supplier<T> call) {
        try {
            return CompletableFuture.completedFuture(call.get());
        } catch (StorageException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    @Override
    public void configure(LogSettings settings) {
        // Is never cut.
    }

    @Override
    public List<LogSegment> segments() {
        return stored.segments();
    }

    @Override
    public CompletableFuture<Void> roll() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> replace(List<LogSegment> sealed, SegmentContent content) {
        return CompletableFuture.failedFuture(
                new StorageException(Reason.CLOSED, "The log of " + stored.id() + " in memory has no sealed segment"));
    }

    @Override
    public long sizeBytes() {
        return stored.bytes();
    }

    @Override
    public CompletableFuture<Void> close() {
        if (end(MemoryLogStore.closed(stored.id()))) {
            stored.closed(this);
        }
        return CompletableFuture.completedFuture(null);
    }

    private record MemorySlice(ByteBuf buffer) implements LogSlice {
        @Override
        public void close() {
            buffer.release();
        }
    }
}
