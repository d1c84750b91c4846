// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.PartitionLog.TimestampOffset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One file of the DATA stream; {@link SegmentWalk} draws its layout. The apply thread writes, any thread reads what was
 * published, the maintenance thread syncs and deletes. Readers pin it: a deleted segment's file goes with its last pin.
 */
final class Segment {
    private static final String SUFFIX = ".log";
    private static final String INDEX_SUFFIX = ".index";

    private final FileLayer files;
    private final StoreFile file;
    private final long baseOffset;
    private final int indexIntervalBytes;
    private final AtomicInteger pins = new AtomicInteger(1);
    private volatile long readableBytes;
    /** Strong while the segment is written, soft afterwards. */
    private volatile @Nullable SparseIndex activeIndex;

    private volatile SoftReference<SparseIndex> sealedIndex = new SoftReference<>(null);
    private long writtenBytes;
    private long maxTimestampMs = -1;
    private long lastOffset = -1;

    private Segment(FileLayer files, StoreFile file, long baseOffset, int indexIntervalBytes) {
        this.files = files;
        this.file = file;
        this.baseOffset = baseOffset;
        this.indexIntervalBytes = indexIntervalBytes;
    }

    static Segment create(FileLayer files, Path directory, long baseOffset, int indexIntervalBytes) throws IOException {
        Path path = directory.resolve(String.format("%020d", baseOffset) + SUFFIX);
        Segment segment = new Segment(files, files.open(path), baseOffset, indexIntervalBytes);
        segment.activeIndex = new SparseIndex();
        return segment;
    }

    /** Opens a file that will not be written any more. */
    static Segment openSealed(FileLayer files, Path path, int indexIntervalBytes) throws IOException {
        StoreFile file = files.open(path);
        Segment segment = new Segment(files, file, baseOffsetOf(path), indexIntervalBytes);
        segment.writtenBytes = file.size();
        segment.readableBytes = segment.writtenBytes;
        return segment;
    }

    static boolean isSegment(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.matches("\\d{20}\\.log");
    }

    private static long baseOffsetOf(Path path) {
        String name = String.valueOf(path.getFileName());
        return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    }

    /**
     * Checks the segment and makes it writable up to where it is sound.
     *
     * @param syncedBytes up to here it was synced: headers are checked, bodies are trusted until read
     * @return what is wrong at {@link #writtenBytes()}; {@code null} when all of the file is sound
     */
    @Nullable
    String recover(long syncedBytes) throws IOException {
        long size = file.size();
        if (size < syncedBytes) {
            throw StorageErrors.corrupt(file.path(), size, "it had " + syncedBytes + " bytes when it was last synced");
        }
        SparseIndex index;
        try (StoreFile indexFile = files.open(indexPath())) {
            index = SparseIndex.load(indexFile, Math.min(size, syncedBytes));
        }
        lastOffset = -1;
        SegmentWalk.Outcome outcome = rebuild(index, size, syncedBytes);
        activeIndex = index;
        writtenBytes = outcome.end();
        readableBytes = writtenBytes;
        if (outcome.damage() != null && outcome.end() < syncedBytes) {
            throw StorageErrors.corrupt(file.path(), outcome.end(), outcome.damage());
        }
        return outcome.damage();
    }

    private SegmentWalk.Outcome rebuild(SparseIndex index, long size, long verifyFrom) throws IOException {
        long known = index.lastPosition();
        long[] max = {index.lastMaxTimestamp()};
        SegmentWalk.Outcome outcome =
                SegmentWalk.walk(file, known, size, verifyFrom, (position, batchSize, base, last, timestampMs) -> {
                    if (index.count() == 0 || position - index.lastPosition() >= indexIntervalBytes) {
                        index.add(base, position, max[0]);
                    }
                    max[0] = Math.max(max[0], timestampMs);
                    lastOffset = last;
                    return true;
                });
        maxTimestampMs = max[0];
        return outcome;
    }

    /** Cuts what recovery found unsound. */
    void cutTail() throws IOException {
        file.truncate(writtenBytes);
    }

    /** Writes one batch, not yet readable. Apply thread. */
    void append(WriteStaging staging, ByteBuf data, int batchIndex, int size) throws IOException {
        SparseIndex index = activeIndex;
        if (index != null && (index.count() == 0 || writtenBytes - index.lastPosition() >= indexIntervalBytes)) {
            index.add(BatchLayout.baseOffset(data, batchIndex), writtenBytes, maxTimestampMs);
        }
        staging.seek(file, writtenBytes);
        staging.putInt(Checksums.ofBatchHeader(data, batchIndex));
        staging.put(data, batchIndex, size);
        writtenBytes += SegmentWalk.PREFIX + size;
        maxTimestampMs = Math.max(maxTimestampMs, BatchLayout.maxTimestampMs(data, batchIndex));
        lastOffset = BatchLayout.lastOffset(data, batchIndex);
    }

    /** What was written may be read. */
    void publish() {
        readableBytes = writtenBytes;
    }

    /** Syncs what was written, and keeps the index. Maintenance thread. */
    void force() throws IOException {
        file.force();
        SparseIndex index = activeIndex;
        if (index != null) {
            try (StoreFile indexFile = files.open(indexPath())) {
                index.persist(indexFile);
            }
        }
    }

    /** No batch follows: the index may leave memory. Maintenance thread, after {@link #force()}. */
    void seal() {
        SparseIndex index = activeIndex;
        if (index != null) {
            sealedIndex = new SoftReference<>(index);
            activeIndex = null;
        }
    }

    private SparseIndex index() throws IOException {
        SparseIndex index = activeIndex;
        if (index == null) {
            index = sealedIndex.get();
        }
        if (index == null) {
            synchronized (this) {
                try (StoreFile indexFile = files.open(indexPath())) {
                    index = SparseIndex.load(indexFile, readableBytes);
                    rebuild(index, readableBytes, Long.MAX_VALUE);
                    index.persist(indexFile);
                }
                sealedIndex = new SoftReference<>(index);
            }
        }
        return index;
    }

    /** The batches from the one that holds {@code offset}, or the next one; {@code null} when none is left here. */
    @Nullable
    ByteBuf read(long offset, int maxBytes, long endOffset) throws IOException {
        long limit = readableBytes;
        long position = index().floorPosition(offset);
        long want = Math.max(0L, maxBytes) + indexIntervalBytes;
        while (position < limit) {
            ByteBuf chunk = PooledByteBufAllocator.DEFAULT.directBuffer((int) Math.min(want, limit - position));
            boolean found = false;
            try {
                SegmentWalk.fill(file, chunk, position, (int) Math.min(want, limit - position));
                ReadWindow window = new ReadWindow(file.path(), position, limit, chunk);
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
        TimestampOffset[] found = new TimestampOffset[1];
        long start = index().positionBeforeTimestamp(timestampMs);
        SegmentWalk.Outcome outcome =
                SegmentWalk.walk(file, start, readableBytes, Long.MAX_VALUE, (position, size, base, last, batchMs) -> {
                    if (batchMs >= timestampMs && last >= from && last < endOffset) {
                        found[0] = new TimestampOffset(Math.max(base, from), batchMs);
                    }
                    return found[0] == null;
                });
        if (outcome.damage() != null) {
            throw StorageErrors.corrupt(file.path(), outcome.end(), outcome.damage());
        }
        return Optional.ofNullable(found[0]);
    }

    /** Keeps the file open until {@link #unpin()}; false when it is deleted already. */
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

    /** Ends a pin, the first one is the log's own; the last one closes the file. */
    void unpin() throws IOException {
        if (pins.decrementAndGet() == 0) {
            file.close();
        }
    }

    void deleteFiles() throws IOException {
        files.deleteIfExists(file.path());
        files.deleteIfExists(indexPath());
    }

    Path path() {
        return file.path();
    }

    long baseOffset() {
        return baseOffset;
    }

    long writtenBytes() {
        return writtenBytes;
    }

    long readableBytes() {
        return readableBytes;
    }

    /** One above the last batch; the base offset without any. Apply thread, or recovery. */
    long endOffset() {
        return Math.max(baseOffset, lastOffset + 1);
    }

    private Path indexPath() {
        String name = String.valueOf(file.path().getFileName());
        return file.path().resolveSibling(name.replace(SUFFIX, INDEX_SUFFIX));
    }
}
