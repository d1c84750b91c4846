// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogSettings;
import io.millrace.broker.storage.PartitionLog.TimestampOffset;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The segments of one partition. Its writer (the apply thread; recovery before) appends, any thread reads, the
 * maintenance thread removes and replaces.
 */
final class DataStream {
    private static final int MIN_INDEX_INTERVAL = 1 << 10;
    private static final int MAX_INDEX_INTERVAL = 1 << 20;

    private final StoreTools tools;
    private final Path directory;
    private volatile SegmentList segments = SegmentList.EMPTY;
    /** Written since they were last handed to a sync round. Writer. */
    private final List<Segment> unsynced = new ArrayList<>();

    private volatile LogSettings settings;
    private @Nullable Segment active;
    private long endOffset;

    DataStream(StoreTools tools, Path directory) {
        this.tools = tools;
        this.directory = directory;
        this.settings = new LogSettings(
                tools.options().segmentBytes(), Long.MAX_VALUE, tools.options().indexIntervalBytes());
    }

    /** The writer adds, the maintenance thread removes. */
    private synchronized void change(UnaryOperator<SegmentList> by) {
        segments = by.apply(segments);
    }

    /** Takes effect with the next batch. Any thread. */
    void configure(LogSettings changed) {
        settings = changed;
    }

    private int indexIntervalBytes() {
        return Math.max(MIN_INDEX_INTERVAL, Math.min(MAX_INDEX_INTERVAL, settings.indexIntervalBytes()));
    }

    /**
     * Starts with what recovery found.
     *
     * @param end where the log ends
     */
    void opened(SegmentList found, @Nullable Segment last, List<Segment> toSync, long end) {
        segments = found;
        active = last;
        unsynced.addAll(toSync);
        endOffset = end;
    }

    /** One above the last offset that is written; the start offset without any. Writer. */
    long endOffset() {
        return endOffset;
    }

    /**
     * Writes the batches that end at or above {@code from}, not readable before {@link #publish()}. One that begins
     * below it is one in whose middle the log starts.
     *
     * @param stateEnd the number of state entries with this append
     */
    void append(WriteStaging staging, ByteBuf data, long from, long stateEnd) throws IOException {
        long nowMs = tools.clock().wallMs();
        int index = data.readerIndex();
        while (index < data.writerIndex()) {
            int size = BatchLayout.size(data, index);
            if (BatchLayout.lastOffset(data, index) >= from) {
                Segment segment = writable(staging, BatchLayout.baseOffset(data, index), size, nowMs);
                segment.append(staging, data, index, size, stateEnd, endOffset, nowMs);
                endOffset = segment.endOffset();
                if (unsynced.isEmpty() || unsynced.get(unsynced.size() - 1) != segment) {
                    unsynced.add(segment);
                }
            }
            index += size;
        }
    }

    private Segment writable(WriteStaging staging, long baseOffset, int size, long nowMs) throws IOException {
        Segment segment = active;
        LogSettings now = settings;
        if (segment != null && !segment.isFull(size, now.segmentBytes(), now.segmentMs(), nowMs)) {
            return segment;
        }
        if (segment != null) {
            staging.flush();
            segment.publish();
        }
        return create(baseOffset);
    }

    private Segment create(long baseOffset) throws IOException {
        Segment segment = Segment.create(tools, directory, SegmentName.written(baseOffset), indexIntervalBytes());
        active = segment;
        unsynced.add(segment);
        change(list -> list.plus(segment));
        return segment;
    }

    /** Ends the segment that is being written, where it holds anything; all of it was published. Writer. */
    void roll() throws IOException {
        Segment segment = active;
        if (segment != null && segment.writtenBytes() > 0) {
            create(endOffset);
        }
    }

    /** What was flushed may be read. */
    void publish() {
        Segment segment = active;
        if (segment != null) {
            segment.publish();
        }
    }

    /** The segments to sync now; the caller takes the duty over. Writer. */
    List<Segment> takeUnsynced() {
        List<Segment> taken = List.copyOf(unsynced);
        unsynced.clear();
        return taken;
    }

    /** Base offset of the last segment; -1 without any. Writer. */
    long activeBase() {
        Segment segment = active;
        return segment == null ? lastBase() : segment.baseOffset();
    }

    private long lastBase() {
        SegmentList list = segments;
        return list.size() == 0 ? -1 : list.get(list.size() - 1).baseOffset();
    }

    /** Base offsets of all segments. Any thread. */
    List<Long> bases() {
        return segments.all().stream().map(Segment::baseOffset).toList();
    }

    /** Bytes of the last segment. Writer. */
    long activeBytes() {
        Segment segment = active;
        return segment == null ? 0 : segment.writtenBytes();
    }

    /** Whether {@link #read} will not wait for the disk. Any thread. */
    boolean isHot(long offset) {
        SegmentList list = segments;
        return list.size() > 0
                && list.get(list.size() - 1).isHot(offset, tools.clock().wallMs());
    }

    /** The whole batches from {@code offset} on; {@code null} when there is none below {@code endOffset}. Any thread. */
    @Nullable
    ByteBuf read(long offset, int maxBytes, long end) throws IOException {
        SegmentList list = segments;
        int at = Math.max(0, list.floor(offset));
        while (at < list.size() && list.get(at).baseOffset() < end) {
            Segment segment = list.get(at);
            if (segment.pin()) {
                try {
                    ByteBuf batches = segment.read(offset, maxBytes, end);
                    if (batches != null) {
                        return batches;
                    }
                } finally {
                    segment.unpin();
                }
                at++;
            } else {
                // Removed or replaced since: the list that tells so was there before its last pin went.
                list = segments;
                at = Math.max(0, list.floor(offset));
            }
        }
        return null;
    }

    Optional<TimestampOffset> offsetForTimestamp(long timestampMs, long from, long end) throws IOException {
        for (Segment segment : segments.all()) {
            if (segment.maxTimestampMs() >= timestampMs && segment.pin()) {
                try {
                    Optional<TimestampOffset> found = segment.firstAtOrAfter(timestampMs, from, end);
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

    /** The segments with something at or above {@code startOffset} and below {@code end}. Any thread. */
    List<LogSegment> describe(long startOffset, long end) {
        SegmentList list = segments;
        List<LogSegment> described = new ArrayList<>();
        for (int i = Math.max(0, list.floor(startOffset)); i < list.size(); i++) {
            Segment segment = list.get(i);
            long segmentEnd = list.endOffset(i, end);
            boolean holdsAny = segment.readableBytes() > 0 || segment.name().isReplacement();
            if (holdsAny && segment.baseOffset() < end && segmentEnd > startOffset) {
                described.add(new LogSegment(
                        segment.baseOffset(),
                        segmentEnd,
                        segment.readableBytes(),
                        segment.firstTimestampMs(),
                        segment.maxTimestampMs(),
                        segment.lastWriteMs(),
                        i + 1 < list.size() || segment.name().isReplacement()));
            }
        }
        return described;
    }

    /** The neighbours that {@code described} names; empty when they are not all there any more. Any thread. */
    List<Segment> find(List<LogSegment> described) {
        SegmentList list = segments;
        int first = list.floor(described.get(0).baseOffset());
        List<Segment> found = new ArrayList<>();
        for (int i = 0; i < described.size(); i++) {
            int at = first + i;
            LogSegment wanted = described.get(i);
            boolean same = at >= 0
                    && at < list.size()
                    && list.get(at).baseOffset() == wanted.baseOffset()
                    && list.endOffset(at, endOffsetOf(list, at)) == wanted.endOffset();
            if (!same || (at + 1 == list.size() && !list.get(at).name().isReplacement())) {
                return List.of();
            }
            found.add(list.get(at));
        }
        return found;
    }

    private static long endOffsetOf(SegmentList list, int at) {
        return list.get(at).name().endOffset();
    }

    /** The name of what takes the place of neighbours that end at {@code end}. Maintenance. */
    SegmentName replacementName(List<Segment> replaced, long end) {
        long generation = 0;
        for (Segment segment : segments.all()) {
            generation = Math.max(generation, segment.name().generation());
        }
        return new SegmentName(replaced.get(0).baseOffset(), end, generation + 1);
    }

    Segment createReplacement(SegmentName name) throws IOException {
        return Segment.createReplacement(tools, directory, name, indexIntervalBytes());
    }

    /**
     * Puts a finished replacement in its place, for readers at once and for recovery durably; false when one of
     * {@code replaced} is gone. Maintenance thread.
     */
    boolean replace(List<Segment> replaced, SegmentName name) throws IOException {
        if (!segments.all().containsAll(replaced)) {
            return false;
        }
        tools.files().rename(name.unfinishedPath(directory), name.path(directory));
        tools.files().forceDirectory(directory);
        Segment replacement = Segment.openSealed(tools, directory, name, indexIntervalBytes());
        change(list -> list.replace(replaced, replacement));
        for (Segment old : replaced) {
            old.doom();
        }
        return true;
    }

    /** Removes a replacement that did not get its place. Maintenance thread. */
    void discardReplacement(SegmentName name) throws IOException {
        tools.files().deleteIfExists(name.unfinishedPath(directory));
        tools.files().deleteIfExists(name.indexPath(directory));
    }

    /** Deletes the segments that hold nothing at or above {@code startOffset}, never the last. Maintenance thread. */
    void deleteBelow(long startOffset) throws IOException {
        SegmentList list = segments;
        int keep = 0;
        while (keep + 1 < list.size() && list.get(keep + 1).baseOffset() <= startOffset) {
            keep++;
        }
        List<Segment> gone = list.all().subList(0, keep);
        if (!gone.isEmpty()) {
            change(now -> now.minus(gone));
            for (Segment segment : gone) {
                segment.doom();
            }
        }
    }

    /** After a sync: segments before the last will not be written any more. Maintenance thread. */
    void sealBefore(long base) throws IOException {
        for (Segment segment : segments.all()) {
            if (segment.baseOffset() >= base) {
                return;
            }
            if (segment.pin()) {
                try {
                    segment.seal();
                } finally {
                    segment.unpin();
                }
            }
        }
    }

    long sizeBytes() {
        long size = 0;
        for (Segment segment : segments.all()) {
            size += segment.readableBytes();
        }
        return size;
    }

    void close() throws IOException {
        SegmentList last = segments;
        change(list -> SegmentList.EMPTY);
        for (Segment segment : last.all()) {
            segment.unpin();
        }
        active = null;
    }
}
