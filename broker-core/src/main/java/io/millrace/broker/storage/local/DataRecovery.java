// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Opens the segments of a partition: finishes or undoes a replacement that a crash cut short, trusts what was synced,
 * checks what was not. It stops at the first damage behind the synced position. One use, by one thread.
 */
final class DataRecovery {
    private final StoreTools tools;
    private final Path directory;
    private final int indexIntervalBytes;
    private final FlushMode flush;
    private final long stateLimit;
    private final long startOffset;
    private final EpochStarts epochs = new EpochStarts();
    private final List<Segment> opened = new ArrayList<>();
    private final List<Segment> checked = new ArrayList<>();
    private final List<Segment> tail = new ArrayList<>();
    private @Nullable Segment last;
    private @Nullable String damage;
    /** Where {@link #damage} is. */
    private @Nullable Segment damaged;

    /**
     * @param startOffset segments that end at or below it are deleted
     * @param flush how the store ran that left the files
     * @param stateEnd the number of STATE entries there are: under {@code OS} a batch that needs more is cut
     */
    DataRecovery(StoreTools tools, Path directory, long startOffset, FlushMode flush, long stateEnd) {
        this.startOffset = startOffset;
        this.flush = flush;
        this.stateLimit = flush == FlushMode.OS ? stateEnd : Long.MAX_VALUE;
        this.tools = tools;
        this.directory = directory;
        this.indexIntervalBytes = tools.options().indexIntervalBytes();
    }

    /** Whether a range of offsets, from inclusive to exclusive, is known to have held something. */
    @FunctionalInterface
    interface Evidence {
        boolean ofData(long from, long to);
    }

    /**
     * @param listing the files of the partition's directory
     * @param synced up to where the partition was synced
     */
    void open(List<Path> listing, Checkpoint.Position synced, Evidence evidence) throws IOException {
        long syncedBase = synced.dataFile();
        List<SegmentName> names = names(listing);
        requireSynced(names, synced.segments());
        try {
            for (SegmentName name : names) {
                if (name.isReplacement() || name.baseOffset() < syncedBase) {
                    openSealed(name);
                } else if (damage == null) {
                    check(name, name.baseOffset() == syncedBase ? synced.dataBytes() : 0, evidence);
                } else {
                    tail.add(Segment.open(tools, directory, name, indexIntervalBytes));
                }
            }
        } catch (IOException | RuntimeException failure) {
            closeAll(failure);
            throw failure;
        }
    }

    /** All of it was synced: what is missing before it is damage. */
    private void openSealed(SegmentName name) throws IOException {
        Segment segment = Segment.openSealed(tools, directory, name, indexIntervalBytes);
        long end = endBefore();
        opened.add(segment);
        last = null;
        boolean first = opened.size() == 1;
        if (!first && end >= 0 && !name.isReplacement() && segment.previousEnd() > Math.max(end, startOffset)) {
            Segment before = opened.get(opened.size() - 2);
            throw StorageErrors.corrupt(
                    before.path(), before.writtenBytes(), "batches from offset " + end + " on are missing");
        }
    }

    /** The segments that count; the others are deleted. */
    private List<SegmentName> names(List<Path> listing) throws IOException {
        List<SegmentName> all = new ArrayList<>();
        for (Path path : listing) {
            SegmentName name = SegmentName.of(path);
            if (name != null) {
                all.add(name);
            } else if (SegmentName.isUnfinished(path)) {
                tools.files().deleteIfExists(path);
            }
        }
        List<SegmentName> current = SegmentName.current(all);
        while (current.size() > 1 && current.get(1).baseOffset() <= startOffset) {
            current = current.subList(1, current.size());
        }
        for (SegmentName name : all) {
            if (!current.contains(name)) {
                tools.files().deleteIfExists(name.path(directory));
                tools.files().deleteIfExists(name.indexPath(directory));
            }
        }
        return current;
    }

    /** Each segment that was synced is there, was replaced, or ended at or below the start offset. */
    private void requireSynced(List<SegmentName> names, List<Long> bases) {
        NavigableMap<Long, SegmentName> byBase = new TreeMap<>();
        names.forEach(name -> byBase.put(name.baseOffset(), name));
        for (int i = 0; i < bases.size(); i++) {
            long base = bases.get(i);
            Map.Entry<Long, SegmentName> floor = byBase.floorEntry(base);
            boolean there =
                    floor != null && (floor.getKey() == base || floor.getValue().endOffset() > base);
            Long next = i + 1 < bases.size() ? Long.valueOf(bases.get(i + 1)) : byBase.higherKey(base);
            boolean trimmed = next != null && next <= startOffset;
            if (!there && !trimmed) {
                throw StorageErrors.corrupt(directory, 0, "the segment of offset " + base + " is missing");
            }
        }
    }

    private void check(SegmentName name, long syncedBytes, Evidence evidence) throws IOException {
        Segment segment = Segment.open(tools, directory, name, indexIntervalBytes);
        // Until it is known to count; so that it is closed when this fails.
        tail.add(segment);
        long end = endBefore();
        damage = segment.recover(syncedBytes, stateLimit, end, startOffset, epochs);
        long known = Math.max(end, startOffset);
        boolean isHole = end >= 0 && name.baseOffset() > known && segment.writtenBytes() == 0;
        if (damage == null && isHole && (flush == FlushMode.OS || evidence.ofData(known, name.baseOffset()))) {
            damage = "batches from offset " + known + " on are missing";
        }
        damaged = segment;
        if (damage == null || end < 0 || segment.writtenBytes() > 0) {
            tail.remove(segment);
            opened.add(segment);
            checked.add(segment);
            last = segment;
        }
        // Else nothing of it counts: its name must not make the log longer.
    }

    /** Where the log ends before the next segment; -1 when that is not known. */
    private long endBefore() {
        if (opened.isEmpty()) {
            return 0;
        }
        Segment before = opened.get(opened.size() - 1);
        return before == last || before.endIsKnown() ? before.endOffset() : -1;
    }

    /** What is wrong behind the last segment that was opened; {@code null} when all files are sound. */
    @Nullable
    String damage() {
        return damage;
    }

    /** The CORRUPT that {@link #damage()} stands for. */
    RuntimeException damageException() {
        Segment segment = damaged;
        return segment == null
                ? StorageErrors.corrupt(directory, 0, String.valueOf(damage))
                : StorageErrors.corrupt(segment.path(), segment.writtenBytes(), String.valueOf(damage));
    }

    /** One above every offset that was met, cut or not. */
    long highestSeen() {
        long highest = endOffset();
        for (Segment segment : checked) {
            highest = Math.max(highest, segment.highestSeen());
        }
        for (Segment segment : tail) {
            highest = Math.max(highest, Math.max(segment.baseOffset(), segment.highestSeen()));
        }
        return highest;
    }

    /** Where what is sound ends. */
    long endOffset() {
        return opened.isEmpty()
                ? startOffset
                : Math.max(startOffset, opened.get(opened.size() - 1).endOffset());
    }

    /** The leader epochs of what was checked. */
    EpochStarts epochs() {
        return epochs;
    }

    /** Cuts everything behind the sound part. The directory is not synced. */
    void cutDamage() throws IOException {
        Segment segment = last;
        if (damage == null) {
            return;
        }
        if (segment != null) {
            segment.cutTail();
        }
        for (Segment later : tail) {
            later.doom();
        }
        tail.clear();
        damage = null;
    }

    /** Makes durable what was cut; the caller syncs the directory. */
    void force() throws IOException {
        Segment segment = last;
        if (segment != null) {
            segment.force();
        }
    }

    /** Hands over what was opened. */
    void into(DataStream stream) {
        Segment segment = last;
        stream.opened(SegmentList.of(opened), segment, checked, endOffset());
    }

    /** After a failure. */
    void closeAll(Throwable reason) {
        List<Segment> all = new ArrayList<>(opened);
        all.addAll(tail);
        for (Segment segment : all) {
            try {
                segment.unpin();
            } catch (IOException failure) {
                reason.addSuppressed(failure);
            }
        }
    }
}
