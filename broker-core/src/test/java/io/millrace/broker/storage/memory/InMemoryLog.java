// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.BatchLayout;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** An open log of {@link InMemoryLogStore}, guarded by the store's lock. */
final class InMemoryLog implements PartitionLog {
    private final InMemoryLogStore store;
    private final DurablePartition stored;
    private final int leaderEpoch;
    private final LossListener listener;
    private StorageException cause;

    InMemoryLog(InMemoryLogStore store, DurablePartition stored, int leaderEpoch, LossListener listener) {
        this.store = store;
        this.stored = stored;
        this.leaderEpoch = leaderEpoch;
        this.listener = listener;
    }

    DurablePartition stored() {
        return stored;
    }

    LossListener listener() {
        return listener;
    }

    /** Why no append is taken any more; {@code null} while open. */
    StorageException cause() {
        return cause;
    }

    /** Ends this log; false when it had ended already. */
    boolean die(StorageException why) {
        if (cause != null) {
            return false;
        }
        cause = why;
        return true;
    }

    @Override
    public PartitionId partition() {
        return stored.partition();
    }

    @Override
    public int leaderEpoch() {
        return leaderEpoch;
    }

    @Override
    public long startOffset() {
        synchronized (store) {
            return stored.startOffset();
        }
    }

    @Override
    public long durableEndOffset() {
        synchronized (store) {
            return stored.endOffset();
        }
    }

    @Override
    public long nextOffset() {
        synchronized (store) {
            return stored.nextOffset();
        }
    }

    @Override
    public void replayState(Consumer<ByteBuf> entry) {
        List<ByteBuf> entries;
        synchronized (store) {
            entries = stored.state();
        }
        entries.forEach(bytes -> entry.accept(bytes.duplicate()));
    }

    @Override
    public CompletableFuture<Void> append(LogAppend append) {
        return store.append(List.of(append));
    }

    @Override
    public CompletableFuture<LogSlice> read(long offset, int maxBytes) {
        synchronized (store) {
            if (offset < stored.startOffset() || offset > stored.endOffset()) {
                return CompletableFuture.failedFuture(new StorageException(
                        Reason.OFFSET_OUT_OF_RANGE,
                        "offset " + offset + " of " + stored.partition() + " is outside of " + stored.startOffset()
                                + " to " + stored.endOffset()));
            }
            return CompletableFuture.completedFuture(new InMemorySlice(stored.read(offset, maxBytes)));
        }
    }

    @Override
    public CompletableFuture<Optional<TimestampOffset>> offsetForTimestamp(long timestampMs) {
        synchronized (store) {
            return CompletableFuture.completedFuture(stored.offsetForTimestamp(timestampMs));
        }
    }

    @Override
    public Optional<EpochEnd> endOffsetForEpoch(int epoch) {
        synchronized (store) {
            return stored.endOffsetForEpoch(epoch);
        }
    }

    @Override
    public CompletableFuture<Void> trimPrefix(long newStartOffset) {
        synchronized (store) {
            if (newStartOffset > stored.endOffset()) {
                return CompletableFuture.failedFuture(new StorageException(
                        Reason.OFFSET_OUT_OF_RANGE,
                        "start " + newStartOffset + " of " + stored.partition() + " is above its end "
                                + stored.endOffset()));
            }
            stored.trimPrefix(newStartOffset);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void configure(LogSettings settings) {
        synchronized (store) {
            stored.segments().configure(settings);
        }
    }

    @Override
    public List<LogSegment> segments() {
        synchronized (store) {
            return stored.segments().list();
        }
    }

    @Override
    public CompletableFuture<Void> roll() {
        synchronized (store) {
            stored.segments().roll();
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Void> replace(List<LogSegment> sealed, SegmentContent content) {
        List<byte[]> batches = new ArrayList<>();
        try {
            for (ByteBuf next = content.next(); next != null; next = content.next()) {
                while (next.isReadable()) {
                    byte[] batch = new byte[BatchLayout.size(next, next.readerIndex())];
                    next.readBytes(batch);
                    batches.add(batch);
                }
                next.release();
            }
        } catch (IOException | RuntimeException broken) {
            return CompletableFuture.failedFuture(broken);
        }
        synchronized (store) {
            if (cause != null || !stored.replace(sealed, batches)) {
                return CompletableFuture.failedFuture(new StorageException(
                        Reason.CLOSED, "a segment of " + stored.partition() + " was trimmed away"));
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public long sizeBytes() {
        synchronized (store) {
            return stored.sizeBytes();
        }
    }

    @Override
    public CompletableFuture<Void> close() {
        store.close(this);
        return CompletableFuture.completedFuture(null);
    }

    private record InMemorySlice(ByteBuf buffer) implements LogSlice {
        @Override
        public void close() {
            buffer.release();
        }
    }
}
