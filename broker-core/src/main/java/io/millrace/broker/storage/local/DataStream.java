// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.PartitionLog.TimestampOffset;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The segments of one partition. Written by the apply thread (by recovery before), read by any. */
final class DataStream {
    private final FileLayer files;
    private final Path directory;
    private final LocalStoreOptions options;
    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    /** Written since they were last handed to a sync round. Apply thread. */
    private final List<Segment> unsynced = new ArrayList<>();

    private @Nullable Segment active;
    private @Nullable String damage;

    DataStream(FileLayer files, Path directory, LocalStoreOptions options) {
        this.files = files;
        this.directory = directory;
        this.options = options;
    }

    /**
     * Opens what is there. Stops at the first damage behind the synced position: {@link #damage()}.
     *
     * @param syncedBase base offset of the segment that was written when the partition was last synced; -1 for none
     * @param syncedBytes bytes of it that were synced
     */
    void recover(long syncedBase, long syncedBytes) throws IOException {
        for (Path path : files.list(directory)) {
            if (Segment.isSegment(path)) {
                Segment segment = Segment.openSealed(files, path, options.indexIntervalBytes());
                segments.put(segment.baseOffset(), segment);
            }
        }
        if (syncedBase >= 0 && segments.ceilingKey(syncedBase) == null) {
            throw StorageErrors.corrupt(directory, 0, "the segment of offset " + syncedBase + " is missing");
        }
        for (Segment segment : segments.tailMap(syncedBase).values()) {
            damage = segment.recover(segment.baseOffset() == syncedBase ? syncedBytes : 0);
            active = segment;
            unsynced.add(segment);
            if (damage != null) {
                break;
            }
        }
    }

    /** What is wrong behind {@link #endOffset()}; {@code null} when all files are sound. Recovery only. */
    @Nullable
    String damage() {
        return damage;
    }

    /** The CORRUPT that {@link #damage()} stands for. */
    RuntimeException damageException() {
        Segment segment = active;
        return segment == null
                ? new IllegalStateException("no damage in " + directory)
                : StorageErrors.corrupt(segment.path(), segment.writtenBytes(), String.valueOf(damage));
    }

    /** Cuts everything behind the sound part; the journal has it. Recovery only. */
    void cutDamage() throws IOException {
        Segment segment = active;
        if (damage == null || segment == null) {
            return;
        }
        segment.cutTail();
        for (Segment later : segments.tailMap(segment.baseOffset(), false).values()) {
            segments.remove(later.baseOffset());
            later.deleteFiles();
            later.unpin();
        }
        damage = null;
    }

    /** One above the last offset that is written; 0 without any. Apply thread. */
    long endOffset() {
        Segment segment = active;
        return segment == null ? 0 : segment.endOffset();
    }

    /** Writes the batches that start at or above {@code from}, not readable before {@link #publish()}. */
    void append(WriteStaging staging, ByteBuf data, long from) throws IOException {
        int index = data.readerIndex();
        while (index < data.writerIndex()) {
            int size = BatchLayout.size(data, index);
            long baseOffset = BatchLayout.baseOffset(data, index);
            if (baseOffset >= from) {
                Segment segment = writable(staging, baseOffset, size);
                segment.append(staging, data, index, size);
                if (unsynced.isEmpty() || unsynced.get(unsynced.size() - 1) != segment) {
                    unsynced.add(segment);
                }
            }
            index += size;
        }
    }

    private Segment writable(WriteStaging staging, long baseOffset, int size) throws IOException {
        Segment segment = active;
        boolean full = segment != null
                && segment.writtenBytes() > 0
                && segment.writtenBytes() + SegmentWalk.PREFIX + size > options.segmentBytes();
        if (segment == null || full) {
            if (segment != null) {
                staging.flush();
                segment.publish();
            }
            segment = Segment.create(files, directory, baseOffset, options.indexIntervalBytes());
            segments.put(baseOffset, segment);
            active = segment;
        }
        return segment;
    }

    /** What was flushed may be read. */
    void publish() {
        Segment segment = active;
        if (segment != null) {
            segment.publish();
        }
    }

    /** The segments to sync now; the caller takes the duty over. Apply thread. */
    List<Segment> takeUnsynced() {
        List<Segment> taken = List.copyOf(unsynced);
        unsynced.clear();
        return taken;
    }

    /** Base offset of the segment being written; -1 without any. Apply thread. */
    long activeBase() {
        Segment segment = active;
        return segment == null ? -1 : segment.baseOffset();
    }

    /** Bytes of the segment being written. Apply thread. */
    long activeBytes() {
        Segment segment = active;
        return segment == null ? 0 : segment.writtenBytes();
    }

    /** The whole batches from {@code offset} on; {@code null} when there is none below {@code endOffset}. Any thread. */
    @Nullable
    ByteBuf read(long offset, int maxBytes, long endOffset) throws IOException {
        Map.Entry<Long, Segment> entry = segments.floorEntry(offset);
        entry = entry == null ? segments.firstEntry() : entry;
        while (entry != null && entry.getKey() < endOffset) {
            Segment segment = entry.getValue();
            if (segment.pin()) {
                try {
                    ByteBuf batches = segment.read(offset, maxBytes, endOffset);
                    if (batches != null) {
                        return batches;
                    }
                } finally {
                    segment.unpin();
                }
            }
            entry = segments.higherEntry(entry.getKey());
        }
        return null;
    }

    Optional<TimestampOffset> offsetForTimestamp(long timestampMs, long from, long endOffset) throws IOException {
        for (Segment segment : segments.values()) {
            if (segment.pin()) {
                try {
                    Optional<TimestampOffset> found = segment.firstAtOrAfter(timestampMs, from, endOffset);
                    if (found.isPresent()) {
                        return found;
                    }
                } finally {
                    segment.unpin();
                }
            }
        }
        return Optional.empty();
    }

    /** Deletes the segments that hold nothing at or above {@code startOffset}, never the last. Maintenance thread. */
    void deleteBelow(long startOffset) throws IOException {
        Map.Entry<Long, Segment> first = segments.firstEntry();
        while (first != null) {
            Long next = segments.higherKey(first.getKey());
            if (next == null || next > startOffset) {
                return;
            }
            segments.remove(first.getKey());
            first.getValue().deleteFiles();
            first.getValue().unpin();
            first = segments.firstEntry();
        }
    }

    /** After a sync: segments before the last will not be written any more. Maintenance thread. */
    void sealBefore(long activeBase) {
        segments.headMap(activeBase).values().forEach(Segment::seal);
    }

    long sizeBytes() {
        long size = 0;
        for (Segment segment : segments.values()) {
            size += segment.readableBytes();
        }
        return size;
    }

    void close() throws IOException {
        for (Segment segment : segments.values()) {
            segment.unpin();
        }
        segments.clear();
    }
}
