// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.PartitionLog.TimestampOffset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of the DATA stream; {@link SegmentWalk} draws its layout, {@link SegmentName} its names. The log's writer
 * writes, any thread reads what was published, the maintenance thread syncs and deletes. Readers pin it: a deleted
 * segment's file goes with its last pin.
 */
final class Segment {
    private static final Logger LOG = LoggerFactory.getLogger(Segment.class);

    private static final int HOT_BYTES = 64 << 10;
    private static final long HOT_MS = 1_000;

    private final StoreTools tools;
    private final SegmentFile file;
    private final Path indexPath;
    private final SegmentName name;
    private final int indexIntervalBytes;
    private final AtomicInteger pins = new AtomicInteger(1);
    /** Written before {@link #readableBytes}, read after it: the times of what may be read. */
    private long maxTimestampMs = -1;

    private long firstTimestampMs = -1;
    private long lastWriteMs;
    private volatile long readableBytes;
    /** While the segment is written; that of a sealed one is in the store's {@link IndexCache}. */
    private volatile @Nullable SparseIndex activeIndex;

    private volatile boolean doomed;
    /** Whether a sealed segment's last batch was looked for when it was opened. */
    private boolean endIsKnown;

    private long writtenBytes;
    private long writtenMaxTimestampMs = -1;
    private long lastOffset = -1;
    private long highestSeen;

    private Segment(StoreTools tools, Path directory, SegmentName name, SegmentFile file, int indexIntervalBytes) {
        this.tools = tools;
        this.file = file;
        this.indexPath = name.indexPath(directory);
        this.name = name;
        this.indexIntervalBytes = indexIntervalBytes;
    }

    /** Makes a new one. */
    static Segment create(StoreTools tools, Path directory, SegmentName name, int indexIntervalBytes)
            throws IOException {
        Segment segment = new Segment(tools, directory, name, held(tools, name.path(directory)), indexIntervalBytes);
        SparseIndex index = new SparseIndex(tools.clock().wallMs());
        segment.activeIndex = index;
        segment.lastWriteMs = index.createdMs();
        tools.files().deleteIfExists(segment.indexPath);
        segment.persist(index, null);
        return segment;
    }

    /** Makes one that takes the place of others: under a name that does not count before {@link #finish}. */
    static Segment createReplacement(StoreTools tools, Path directory, SegmentName name, int indexIntervalBytes)
            throws IOException {
        Path unfinished = name.unfinishedPath(directory);
        tools.files().deleteIfExists(unfinished);
        tools.files().deleteIfExists(name.indexPath(directory));
        Segment segment = new Segment(tools, directory, name, held(tools, unfinished), indexIntervalBytes);
        segment.activeIndex = new SparseIndex(tools.clock().wallMs());
        return segment;
    }

    /** Opens a file that lies behind the synced position or that {@link #recover} is to check. */
    static Segment open(StoreTools tools, Path directory, SegmentName name, int indexIntervalBytes) throws IOException {
        return open(tools, directory, name, held(tools, name.path(directory)), indexIntervalBytes);
    }

    private static Segment open(
            StoreTools tools, Path directory, SegmentName name, SegmentFile file, int indexIntervalBytes)
            throws IOException {
        Segment segment = new Segment(tools, directory, name, file, indexIntervalBytes);
        segment.writtenBytes = tools.files().size(file.path());
        segment.lastWriteMs = tools.files().lastModifiedMs(file.path());
        segment.readableBytes = segment.writtenBytes;
        return segment;
    }

    private static SegmentFile held(StoreTools tools, Path path) throws IOException {
        return SegmentFile.held(tools.segments(), tools.files(), path);
    }

    /**
     * One that was synced and sealed; its index tells what is in it, or is made again. The file itself is opened when it
     * is read.
     */
    static Segment openSealed(StoreTools tools, Path directory, SegmentName name, int indexIntervalBytes)
            throws IOException {
        SegmentFile file = SegmentFile.lazy(tools.segments(), name.path(directory));
        Segment segment = open(tools, directory, name, file, indexIntervalBytes);
        SparseIndex.@Nullable Footer footer;
        try (StoreFile indexFile = tools.files().open(segment.indexPath)) {
            footer = SparseIndex.footer(indexFile);
        }
        if (footer == null || footer.bytes() != segment.writtenBytes) {
            if (footer != null && name.isReplacement()) {
                throw StorageErrors.corrupt(
                        file.path(), segment.writtenBytes, "it had " + footer.bytes() + " bytes when it was made");
            }
            segment.index();
            segment.endIsKnown = true;
        } else {
            segment.firstTimestampMs = footer.firstTimestampMs();
            segment.maxTimestampMs = footer.maxTimestampMs();
            segment.lastWriteMs = footer.lastWriteMs();
        }
        segment.readableBytes = segment.writtenBytes;
        return segment;
    }

    static boolean isSegment(Path path) {
        return SegmentName.of(path) != null;
    }

    /**
     * Checks the segment and makes it writable up to where it is sound.
     *
     * @param syncedBytes up to here it was synced: headers are checked, bodies are trusted until read
     * @param stateLimit a batch behind them that needs more STATE entries is not sound
     * @param end where the log ends before this segment; -1 when that is not known
     * @param startOffset what is missing below it was trimmed away
     * @param epochs takes the leader epochs of what is checked
     * @return what is wrong at {@link #writtenBytes()}; {@code null} when all of the file is sound
     */
    @Nullable
    String recover(long syncedBytes, long stateLimit, long end, long startOffset, EpochStarts epochs)
            throws IOException {
        long size = file.size();
        if (size < syncedBytes) {
            throw StorageErrors.corrupt(file.path(), size, "it had " + syncedBytes + " bytes when it was last synced");
        }
        SparseIndex index;
        try (StoreFile indexFile = tools.files().open(indexPath)) {
            index = SparseIndex.load(indexFile, Math.min(size, syncedBytes), lastWriteMs);
        }
        lastOffset = -1;
        long known = index.lastPosition() > 0 ? -1 : end;
        SegmentWalk.Outcome outcome =
                rebuild(index, size, syncedBytes, new TailCheck(stateLimit, known, startOffset, epochs));
        activeIndex = index;
        writtenBytes = outcome.end();
        writtenMaxTimestampMs = maxTimestampMs;
        readableBytes = writtenBytes;
        if (outcome.damage() != null && outcome.end() < syncedBytes) {
            throw StorageErrors.corrupt(file.path(), outcome.end(), outcome.damage());
        }
        return outcome.damage();
    }

    /** One above the last offset that recovery met, sound or not. */
    long highestSeen() {
        return highestSeen;
    }

    /** Walks what the index does not know yet. */
    private SegmentWalk.Outcome rebuild(SparseIndex index, long size, long verifyFrom, @Nullable TailCheck check)
            throws IOException {
        long known = index.lastPosition();
        long[] max = {index.lastMaxTimestamp()};
        long[] cutAt = {-1};
        @Nullable String[] damage = new String[1];
        SegmentWalk.Outcome outcome = SegmentWalk.walk(file, known, size, verifyFrom, (position, batch) -> {
            highestSeen = Math.max(highestSeen, batch.lastOffset() + 1);
            if (cutAt[0] < 0 && check != null) {
                damage[0] = check.damage(batch, position < verifyFrom);
                cutAt[0] = damage[0] == null ? -1 : position;
            }
            if (cutAt[0] >= 0) {
                return true;
            }
            if (position == 0) {
                index.begin(batch.maxTimestampMs());
            }
            if (index.count() == 0 || position - index.lastPosition() >= indexIntervalBytes) {
                index.add(batch.baseOffset(), position, max[0]);
            }
            max[0] = Math.max(max[0], batch.maxTimestampMs());
            lastOffset = batch.lastOffset();
            return true;
        });
        firstTimestampMs = index.firstTimestampMs();
        maxTimestampMs = max[0];
        return cutAt[0] < 0 ? outcome : new SegmentWalk.Outcome(cutAt[0], damage[0]);
    }

    /** Cuts what recovery found unsound. */
    void cutTail() throws IOException {
        file.truncate(writtenBytes);
    }

    /**
     * Writes one batch, not yet readable. Writer only.
     *
     * @param stateEnd the ordinal up to which the STATE stream must reach for this batch to count
     * @param previousEnd where the log ends before it
     */
    void append(
            WriteStaging staging, ByteBuf data, int batchIndex, int size, long stateEnd, long previousEnd, long nowMs)
            throws IOException {
        SparseIndex index = activeIndex;
        if (index != null) {
            if (writtenBytes == 0) {
                firstTimestampMs = BatchLayout.maxTimestampMs(data, batchIndex);
                index.createdMs(nowMs);
                index.begin(firstTimestampMs);
            }
            if (index.count() == 0 || writtenBytes - index.lastPosition() >= indexIntervalBytes) {
                index.add(BatchLayout.baseOffset(data, batchIndex), writtenBytes, writtenMaxTimestampMs);
            }
        }
        staging.seek(file, writtenBytes);
        staging.putInt(Checksums.ofBatchHeader(stateEnd, previousEnd, data, batchIndex));
        staging.putLong(stateEnd);
        staging.putLong(previousEnd);
        staging.put(data, batchIndex, size);
        writtenBytes += SegmentWalk.PREFIX + size;
        writtenMaxTimestampMs = Math.max(writtenMaxTimestampMs, BatchLayout.maxTimestampMs(data, batchIndex));
        lastOffset = BatchLayout.lastOffset(data, batchIndex);
        lastWriteMs = nowMs;
    }

    /** What was written may be read. */
    void publish() {
        maxTimestampMs = writtenMaxTimestampMs;
        readableBytes = writtenBytes;
    }

    /** Whether the batch that comes next belongs into another segment. Writer only. */
    boolean isFull(int batchSize, long segmentBytes, long segmentMs, long nowMs) {
        SparseIndex index = activeIndex;
        return writtenBytes > 0
                && (writtenBytes + SegmentWalk.PREFIX + batchSize > segmentBytes
                        || (index != null && nowMs - index.createdMs() >= segmentMs));
    }

    /** Syncs what was written, and keeps the index. Maintenance thread. */
    void force() throws IOException {
        file.force();
        SparseIndex index = activeIndex;
        if (index != null) {
            persist(index, null);
        }
    }

    private void persist(SparseIndex index, SparseIndex.@Nullable Footer footer) throws IOException {
        try (StoreFile indexFile = tools.files().open(indexPath)) {
            index.persist(indexFile, footer);
        }
    }

    /** No batch follows, and all was published: the index may leave memory. Maintenance thread, after {@link #force}. */
    void seal() throws IOException {
        SparseIndex index = activeIndex;
        if (index != null) {
            persist(index, new SparseIndex.Footer(lastWriteMs, readableBytes, firstTimestampMs, maxTimestampMs));
            tools.indexes().put(this, index);
            activeIndex = null;
            file.release();
        }
    }

    /** Makes a replacement durable, and its index, with the time of the last write to what it replaces. */
    void finish(long replacedLastWriteMs) throws IOException {
        file.force();
        lastWriteMs = replacedLastWriteMs;
        publish();
        seal();
    }

    private SparseIndex index() throws IOException {
        SparseIndex index = activeIndex;
        index = index == null ? tools.indexes().get(this) : index;
        return index == null ? loadIndex() : index;
    }

    private synchronized SparseIndex loadIndex() throws IOException {
        SparseIndex known = tools.indexes().get(this);
        if (known != null) {
            return known;
        }
        long size = readableBytes;
        try (StoreFile indexFile = tools.files().open(indexPath)) {
            SparseIndex index = SparseIndex.load(indexFile, size, lastWriteMs);
            SparseIndex.Footer footer = SparseIndex.footer(indexFile);
            if (footer == null || footer.bytes() != size) {
                rebuild(index, size, Long.MAX_VALUE, null);
                index.persist(indexFile, new SparseIndex.Footer(lastWriteMs, size, firstTimestampMs, maxTimestampMs));
            }
            tools.indexes().put(this, index);
            return index;
        }
    }

    /** Whether what follows {@code offset} is little and just written, so that it is still in the page cache. */
    boolean isHot(long offset, long nowMs) {
        SparseIndex index = activeIndex;
        long limit = readableBytes;
        return index != null
                && offset >= baseOffset()
                && nowMs - lastWriteMs <= HOT_MS
                && limit - index.floorPosition(offset) <= HOT_BYTES;
    }

    /** The batches from the one that holds {@code offset}, or the next one; {@code null} when none is left here. */
    @Nullable
    ByteBuf read(long offset, int maxBytes, long endOffset) throws IOException {
        long limit = readableBytes;
        long position = limit == 0 ? 0 : index().floorPosition(offset);
        long want = Math.max(0L, maxBytes) + indexIntervalBytes;
        while (position < limit) {
            ByteBuf chunk = PooledByteBufAllocator.DEFAULT.directBuffer((int) Math.min(want, limit - position));
            boolean found = false;
            try {
                SegmentWalk.fill(file, chunk, position, (int) Math.min(want, limit - position));
                ReadWindow window = new ReadWindow(path(), position, limit, chunk);
                found = window.collect(offset, maxBytes, endOffset);
                if (found) {
                    return chunk;
                }
                position = window.nextPosition();
                want = Math.max(want, window.neededBytes());
            } finally {
                if (!found) {
                    chunk.release();
                }
            }
        }
        return null;
    }

    /** The first batch with a timestamp at or after {@code timestampMs} and an offset at or after {@code from}. */
    Optional<TimestampOffset> firstAtOrAfter(long timestampMs, long from, long endOffset) throws IOException {
        long limit = readableBytes;
        if (limit == 0 || maxTimestampMs < timestampMs) {
            return Optional.empty();
        }
        TimestampOffset[] found = new TimestampOffset[1];
        long start = index().positionBeforeTimestamp(timestampMs);
        SegmentWalk.Outcome outcome = SegmentWalk.walk(file, start, limit, Long.MAX_VALUE, (position, batch) -> {
            if (batch.maxTimestampMs() >= timestampMs && batch.lastOffset() >= from && batch.lastOffset() < endOffset) {
                found[0] = new TimestampOffset(Math.max(batch.baseOffset(), from), batch.maxTimestampMs());
            }
            return found[0] == null;
        });
        if (outcome.damage() != null) {
            throw StorageErrors.corrupt(path(), outcome.end(), outcome.damage());
        }
        return Optional.ofNullable(found[0]);
    }

    /** Keeps the file open until {@link #unpin()}; false when the log has given it up already. */
    boolean pin() {
        int now = pins.get();
        while (now > 0) {
            if (pins.compareAndSet(now, now + 1)) {
                return true;
            }
            now = pins.get();
        }
        return false;
    }

    /** Ends a pin, the first one is the log's own; the last one closes the file, and deletes it where that is due. */
    void unpin() throws IOException {
        if (pins.decrementAndGet() == 0) {
            tools.indexes().remove(this);
            file.close();
            if (doomed) {
                delete();
            }
        }
    }

    private void delete() {
        try {
            tools.files().deleteIfExists(path());
            tools.files().deleteIfExists(indexPath);
        } catch (IOException failure) {
            LOG.warn("{} holds nothing that is needed and goes at the next start: {}", path(), failure.toString());
        }
    }

    /** Gives the file up: it is deleted once no reader needs it. Ends the log's own pin. */
    void doom() throws IOException {
        doomed = true;
        unpin();
    }

    Path path() {
        return file.path();
    }

    SegmentName name() {
        return name;
    }

    long baseOffset() {
        return name.baseOffset();
    }

    long writtenBytes() {
        return writtenBytes;
    }

    long readableBytes() {
        return readableBytes;
    }

    /** Of the first batch, if it may be read; -1 for none. */
    long firstTimestampMs() {
        return readableBytes == 0 ? -1 : firstTimestampMs;
    }

    /** Of what may be read; -1 for none. */
    long maxTimestampMs() {
        return readableBytes == 0 ? -1 : maxTimestampMs;
    }

    /** Of what may be read, milliseconds since the epoch. */
    long lastWriteMs() {
        return readableBytes == 0 ? 0 : lastWriteMs;
    }

    /** Whether {@link #endOffset()} of a sealed segment is where its batches end. Recovery only. */
    boolean endIsKnown() {
        return endIsKnown || name.isReplacement();
    }

    /** Where the log ended before the first batch; the base offset without any. Recovery only. */
    long previousEnd() throws IOException {
        long[] previous = {name.baseOffset()};
        SegmentWalk.Outcome outcome = SegmentWalk.walk(file, 0, writtenBytes, Long.MAX_VALUE, (position, batch) -> {
            previous[0] = batch.previousEnd();
            return false;
        });
        if (outcome.damage() != null) {
            throw StorageErrors.corrupt(path(), outcome.end(), outcome.damage());
        }
        return previous[0];
    }

    /** One above the last batch, or what its name says; the base offset without either. Writer, or recovery. */
    long endOffset() {
        return name.isReplacement() ? name.endOffset() : Math.max(name.baseOffset(), lastOffset + 1);
    }
}
