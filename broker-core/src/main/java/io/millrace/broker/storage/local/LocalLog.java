// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

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
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One ownership of a local partition. Appends belong to the owner loop's thread, the rest to any. */
final class LocalLog implements PartitionLog {
    private static final Logger LOG = LoggerFactory.getLogger(LocalLog.class);

    private final LocalLogStore store;
    private final PartitionFiles files;
    private final int leaderEpoch;
    private final LossListener listener;
    private final AtomicReference<@Nullable StorageException> ended = new AtomicReference<>();
    /** The journal thread's own view of the end, so that nothing slips in behind a fence. */
    private @Nullable StorageException journalClosed;

    private final AtomicInteger inPipeline = new AtomicInteger();
    private long nextOffset;
    private long previousEnd;
    private long nextOrdinal;

    LocalLog(LocalLogStore store, PartitionFiles files, int leaderEpoch, LossListener listener) {
        this.store = store;
        this.files = files;
        this.leaderEpoch = leaderEpoch;
        this.listener = listener;
        nextOffset = files.nextOffset();
        previousEnd = files.durableEnd();
        nextOrdinal = files.state().nextOrdinal();
    }

    /** Ends ownership; only the first call says true. Any thread. */
    boolean end(StorageException cause) {
        return ended.compareAndSet(null, cause);
    }

    /** Ends ownership against the owner's will and tells it. Store threads. */
    void lose(StorageException cause) {
        if (end(cause)) {
            try {
                listener.onLost(cause);
            } catch (RuntimeException broken) {
                LOG.error("The owner of {} failed when told of its loss", partition(), broken);
            }
        }
    }

    /** Why ownership ended; {@code null} while it lasts. */
    @Nullable
    StorageException endCause() {
        return ended.get();
    }

    void enterPipeline() {
        inPipeline.incrementAndGet();
    }

    void leavePipeline() {
        inPipeline.decrementAndGet();
    }

    /** Whether all that was appended is done. Owner thread. */
    boolean isIdle() {
        return inPipeline.get() == 0;
    }

    /** Journal thread. */
    void closeJournal(StorageException cause) {
        journalClosed = cause;
    }

    /** Journal thread. */
    @Nullable
    StorageException journalClosed() {
        return journalClosed;
    }

    PartitionFiles files() {
        return files;
    }

    PartitionKey key() {
        return files.key();
    }

    /** Takes the append's offsets and turns it into a part of a frame. Owner thread. */
    FrameEntry enter(LogAppend append) {
        ByteBuf data = append.data();
        long before = previousEnd;
        long base = -1;
        if (data != null) {
            base = BatchLayout.baseOffset(data, data.readerIndex());
            nextOffset = append.lastOffset() + 1;
            previousEnd = nextOffset;
        }
        if (append.state() != null) {
            nextOrdinal++;
        }
        return new FrameEntry(
                this,
                data,
                base,
                data == null ? -1 : append.lastOffset(),
                before,
                previousEnd,
                append.state(),
                nextOrdinal,
                append.stateIsSnapshot());
    }

    /** Refuses data that is not whole batches at the right offsets: a mistake of the caller. */
    void check(LogAppend append) {
        ByteBuf data = append.data();
        if (data == null) {
            return;
        }
        int index = data.readerIndex();
        long last = nextOffset - 1;
        while (index < data.writerIndex()) {
            int left = data.writerIndex() - index;
            int size = left < BatchLayout.MIN_SIZE ? -1 : BatchLayout.size(data, index);
            if (size < BatchLayout.MIN_SIZE || size > left || BatchLayout.baseOffset(data, index) <= last) {
                throw new IllegalArgumentException("data for " + partition() + " is not whole batches from offset "
                        + nextOffset + " on; byte " + (index - data.readerIndex()));
            }
            last = BatchLayout.lastOffset(data, index);
            index += size;
        }
        if (last != append.lastOffset() || !data.isReadable()) {
            throw new IllegalArgumentException(
                    "data for " + partition() + " ends at offset " + last + "; the append says " + append.lastOffset());
        }
    }

    @Override
    public PartitionId partition() {
        return files.meta().partition();
    }

    @Override
    public int leaderEpoch() {
        return leaderEpoch;
    }

    @Override
    public long startOffset() {
        return files.meta().startOffset();
    }

    @Override
    public long durableEndOffset() {
        return files.durableEnd();
    }

    @Override
    public long nextOffset() {
        return nextOffset;
    }

    @Override
    public void replayState(Consumer<ByteBuf> entry) {
        try {
            files.state().replay(entry);
        } catch (IOException failure) {
            throw StorageErrors.of("reading the state of " + partition(), failure);
        }
    }

    @Override
    public CompletableFuture<Void> append(LogAppend append) {
        return store.append(List.of(append));
    }

    @Override
    public CompletableFuture<LogSlice> read(long offset, int maxBytes) {
        long end = files.durableEnd();
        if (offset < startOffset() || offset > end) {
            return CompletableFuture.failedFuture(outOfRange(offset));
        }
        if (offset == end) {
            return CompletableFuture.completedFuture(new BufferSlice(Unpooled.EMPTY_BUFFER));
        }
        // A reader at the tail costs no change of threads.
        return store.read("reading " + partition(), this, files.data().isHot(offset), () -> {
            ByteBuf batches = files.data().read(offset, maxBytes, end);
            if (batches == null && offset < startOffset()) {
                throw outOfRange(offset);
            }
            return new BufferSlice(batches == null ? Unpooled.EMPTY_BUFFER : batches);
        });
    }

    private StorageException outOfRange(long offset) {
        return new StorageException(
                Reason.OFFSET_OUT_OF_RANGE,
                "offset " + offset + " of " + partition() + " is outside of " + startOffset() + " to "
                        + durableEndOffset());
    }

    @Override
    public CompletableFuture<Optional<TimestampOffset>> offsetForTimestamp(long timestampMs) {
        return store.read(
                "searching " + partition(),
                this,
                false,
                () -> files.data().offsetForTimestamp(timestampMs, startOffset(), files.durableEnd()));
    }

    @Override
    public Optional<EpochEnd> endOffsetForEpoch(int epoch) {
        return files.meta().endOffsetForEpoch(epoch, files.durableEnd());
    }

    @Override
    public CompletableFuture<Void> trimPrefix(long newStartOffset) {
        if (newStartOffset > files.durableEnd()) {
            return CompletableFuture.failedFuture(outOfRange(newStartOffset));
        }
        return store.trim(this, newStartOffset);
    }

    @Override
    public void configure(LogSettings settings) {
        files.data().configure(settings);
    }

    @Override
    public List<LogSegment> segments() {
        return files.data().describe(startOffset(), files.durableEnd());
    }

    @Override
    public CompletableFuture<Void> roll() {
        return store.roll(this);
    }

    @Override
    public CompletableFuture<Void> replace(List<LogSegment> sealed, SegmentContent content) {
        return store.replace(this, sealed, content);
    }

    @Override
    public long sizeBytes() {
        return files.data().sizeBytes() + files.state().activeBytes();
    }

    @Override
    public CompletableFuture<Void> close() {
        return store.close(this);
    }

    private record BufferSlice(ByteBuf buffer) implements LogSlice {
        @Override
        public void close() {
            buffer.release();
        }
    }
}
