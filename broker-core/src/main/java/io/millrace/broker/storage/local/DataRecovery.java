// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    private final List<Segment> opened = new ArrayList<>();
    private final List<Segment> checked = new ArrayList<>();
    private final List<Segment> tail = new ArrayList<>();
    private @Nullable Segment last;
    private @Nullable String damage;
    private long highestSeen;

    /**
     * @param flush how the store ran that left the files
     * @param stateEnd the number of STATE entries there are: under {@code OS} a batch that needs more is cut
     */
    DataRecovery(StoreTools tools, Path directory, FlushMode flush, long stateEnd) {
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
     * @param syncedBase base offset of the segment that was written when the partition was last synced; -1 for none
     * @param syncedBytes bytes of it that were synced
     */
    void open(long syncedBase, long syncedBytes, long startOffset, Evidence evidence) throws IOException {
        List<SegmentName> names = names(startOffset);
        requireSynced(names, syncedBase);
        try {
            for (SegmentName name : names) {
                if (name.isReplacement() || name.baseOffset() < syncedBase) {
                    opened.add(Segment.openSealed(tools, directory, name, indexIntervalBytes));
                    last = null;
                } else if (damage == null) {
                    check(name, name.baseOffset() == syncedBase ? syncedBytes : 0, evidence);
                } else {
                    tail.add(Segment.open(tools, directory, name, indexIntervalBytes));
                }
            }
        } catch (IOException | RuntimeException failure) {
            closeAll(failure);
            throw failure;
        }
    }

    /** The segments that count; the others are deleted. */
    private List<SegmentName> names(long startOffset) throws IOException {
        List<SegmentName> all = new ArrayList<>();
        for (Path path : tools.files().list(directory)) {
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

    private void requireSynced(List<SegmentName> names, long syncedBase) {
        if (syncedBase < 0) {
            return;
        }
        SegmentName newest = names.isEmpty() ? null : names.get(names.size() - 1);
        boolean there = newest != null && (newest.baseOffset() >= syncedBase || newest.endOffset() > syncedBase);
        if (!there) {
            throw StorageErrors.corrupt(directory, 0, "the segment of offset " + syncedBase + " is missing");
        }
    }

    private void check(SegmentName name, long syncedBytes, Evidence evidence) throws IOException {
        Segment segment = Segment.open(tools, directory, name, indexIntervalBytes);
        String wrong = segment.recover(syncedBytes, stateLimit);
        Segment before = last;
        boolean hole = before != null
                && (flush == FlushMode.OS
                        ? segment.previousEnd() > before.endOffset()
                        : evidence.ofData(before.endOffset(), segment.baseOffset()));
        if (before != null && hole) {
            highestSeen = segment.endOffset();
            damage = "batches from offset " + before.endOffset() + " on are missing at its end";
            tail.add(segment);
            return;
        }
        opened.add(segment);
        checked.add(segment);
        last = segment;
        damage = wrong;
    }

    /** What is wrong behind the last segment that was opened; {@code null} when all files are sound. */
    @Nullable
    String damage() {
        return damage;
    }

    /** The CORRUPT that {@link #damage()} stands for. */
    RuntimeException damageException() {
        Segment segment = last;
        return segment == null
                ? new IllegalStateException("no damage in " + directory)
                : StorageErrors.corrupt(segment.path(), segment.writtenBytes(), String.valueOf(damage));
    }

    /** One above every offset that was met, cut or not. */
    long highestSeen() {
        long highest = Math.max(highestSeen, endOffset());
        for (Segment segment : checked) {
            highest = Math.max(highest, segment.highestSeen());
        }
        for (Segment segment : tail) {
            highest = Math.max(highest, segment.baseOffset());
        }
        return highest;
    }

    /** Where what is sound ends. */
    long endOffset() {
        return opened.isEmpty() ? 0 : opened.get(opened.size() - 1).endOffset();
    }

    /** Cuts everything behind the sound part. */
    void cutDamage() throws IOException {
        Segment segment = last;
        if (damage == null || segment == null) {
            return;
        }
        segment.cutTail();
        for (Segment later : tail) {
            later.doom();
        }
        tail.clear();
        damage = null;
    }

    /** Hands over what was opened. */
    void into(DataStream stream) {
        Segment segment = last;
        stream.opened(SegmentList.of(opened), segment, checked);
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
