// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Where some of a segment's batches lie, by offset and by time. Grown by one thread, read by any. On disk beside the
 * segment in cells of 32 bytes, {@code a, b, c int64 | kind int32 | crc32c of 0..27}:
 *
 * <pre>
 * kind 1, the first cell:  a segment's creation, ms since the epoch | b maxTimestamp of the first batch | c 1, or 0 where
 *                          there is no batch yet and b tells nothing
 * kind 0, one each batch:  a offset | b position | c maxTimestamp of all batches before
 * kind 2, once sealed:     a last write, ms since the epoch | b the segment's bytes | c maxTimestamp of all batches
 * </pre>
 *
 * It is a cache: what is missing or does not fit its CRC is found again by walking the segment.
 */
final class SparseIndex {
    static final int CELL_BYTES = 32;
    private static final int ENTRY = 0;
    private static final int HEADER = 1;
    private static final int FOOTER = 2;
    private static final long BEGUN = 1;
    private static final int FIELDS = 3;
    private static final int INITIAL_ENTRIES = 8;

    private volatile long[] cells = new long[FIELDS * INITIAL_ENTRIES];
    private volatile int count;
    private long createdMs;
    private long firstTimestampMs = -1;
    private boolean begun;
    /** Entries that are in the file; maintenance thread only. */
    private int persisted;

    /** @param createdMs when the segment was made, milliseconds since the epoch */
    SparseIndex(long createdMs) {
        this.createdMs = createdMs;
    }

    /** What the last cell of a sealed segment's index says, and its first one of the first batch. */
    record Footer(long lastWriteMs, long bytes, long firstTimestampMs, long maxTimestampMs) {}

    /** Adds a batch behind all others. */
    void add(long offset, long position, long maxTimestampBefore) {
        int known = count;
        int at = known * FIELDS;
        long[] grown = cells;
        if (at == grown.length) {
            grown = Arrays.copyOf(grown, at * 2);
        }
        grown[at] = offset;
        grown[at + 1] = position;
        grown[at + 2] = maxTimestampBefore;
        cells = grown;
        count = known + 1;
    }

    int count() {
        return count;
    }

    long memoryBytes() {
        return (long) cells.length * Long.BYTES;
    }

    long createdMs() {
        return createdMs;
    }

    void createdMs(long firstWriteMs) {
        createdMs = firstWriteMs;
    }

    /** The largest timestamp of the segment's first batch; -1 for none. */
    long firstTimestampMs() {
        return firstTimestampMs;
    }

    /** Tells of the segment's first batch; before it is added. */
    void begin(long maxTimestampMs) {
        firstTimestampMs = maxTimestampMs;
        begun = true;
    }

    long lastPosition() {
        int known = count;
        return known == 0 ? 0 : cells[(known - 1) * FIELDS + 1];
    }

    long lastMaxTimestamp() {
        int known = count;
        return known == 0 ? -1 : cells[(known - 1) * FIELDS + 2];
    }

    /** The position of the last known batch that starts at or below {@code offset}; 0 when there is none. */
    long floorPosition(long offset) {
        int low = lastMatching(entry -> cells[entry * FIELDS] <= offset);
        return low < 0 ? 0 : cells[low * FIELDS + 1];
    }

    /** A position before which all timestamps are below {@code timestampMs}. */
    long positionBeforeTimestamp(long timestampMs) {
        int low = lastMatching(entry -> cells[entry * FIELDS + 2] < timestampMs);
        return low < 0 ? 0 : cells[low * FIELDS + 1];
    }

    private int lastMatching(IntPredicate matches) {
        int low = -1;
        int high = count;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (matches.test(middle)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Writes to the file what it lacks; the footer once nothing will be added. Not synced: it is a cache. */
    void persist(StoreFile file, @Nullable Footer footer) throws IOException {
        int known = count;
        ByteBuffer bytes = ByteBuffer.allocate((known - persisted + 2) * CELL_BYTES);
        file.writeFully(header(), 0);
        for (int entry = persisted; entry < known; entry++) {
            int at = entry * FIELDS;
            cell(bytes, cells[at], cells[at + 1], cells[at + 2], ENTRY);
        }
        if (footer != null) {
            cell(bytes, footer.lastWriteMs(), footer.bytes(), footer.maxTimestampMs(), FOOTER);
        }
        file.writeFully(bytes.flip(), (1L + persisted) * CELL_BYTES);
        persisted = known;
    }

    private ByteBuffer header() {
        ByteBuffer bytes = ByteBuffer.allocate(CELL_BYTES);
        cell(bytes, createdMs, firstTimestampMs, begun ? BEGUN : 0, HEADER);
        return bytes.flip();
    }

    private static void cell(ByteBuffer bytes, long a, long b, long c, int kind) {
        int start = bytes.position();
        bytes.putLong(a).putLong(b).putLong(c).putInt(kind);
        bytes.putInt(crc(bytes, start, new CRC32C()));
    }

    /**
     * Reads the sound entries that lie below {@code limit} in the segment, and cuts the file behind them.
     *
     * @param unknownCreatedMs the segment's creation where the file does not tell
     */
    static SparseIndex load(StoreFile file, long limit, long unknownCreatedMs) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), (limit + 2) * CELL_BYTES));
        file.readUpTo(bytes, 0);
        bytes.flip();
        CRC32C crc = new CRC32C();
        boolean headed = isSound(bytes, 0, HEADER, crc);
        SparseIndex index = new SparseIndex(headed ? bytes.getLong(0) : unknownCreatedMs);
        index.cells = new long[FIELDS * Math.max(INITIAL_ENTRIES, bytes.limit() / CELL_BYTES)];
        boolean begun = headed && bytes.getLong(16) == BEGUN;
        if (begun) {
            index.begin(bytes.getLong(8));
        }
        int at = CELL_BYTES;
        while (begun && isSound(bytes, at, ENTRY, crc)) {
            long position = bytes.getLong(at + 8);
            boolean fits = position < limit && (index.count == 0 ? position == 0 : position > index.lastPosition());
            if (!fits) {
                break;
            }
            index.add(bytes.getLong(at), position, bytes.getLong(at + 16));
            at += CELL_BYTES;
        }
        index.persisted = index.count;
        if (!isSound(bytes, at, FOOTER, crc) || bytes.getLong(at + 8) != limit) {
            file.truncate(headed ? at : 0);
        }
        return index;
    }

    /** What the file ends with once its segment is sealed; {@code null} when it has no footer. */
    static @Nullable Footer footer(StoreFile file) throws IOException {
        long at = file.size() - CELL_BYTES;
        if (at < CELL_BYTES) {
            return null;
        }
        ByteBuffer first = cellAt(file, 0);
        ByteBuffer last = cellAt(file, at);
        CRC32C crc = new CRC32C();
        if (!isSound(first, 0, HEADER, crc) || !isSound(last, 0, FOOTER, crc)) {
            return null;
        }
        long bytes = last.getLong(8);
        if (first.getLong(16) != BEGUN && bytes > 0) {
            return null;
        }
        return new Footer(last.getLong(0), bytes, first.getLong(8), last.getLong(16));
    }

    private static ByteBuffer cellAt(StoreFile file, long position) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(CELL_BYTES);
        file.readUpTo(bytes, position);
        return bytes.flip();
    }

    private static boolean isSound(ByteBuffer bytes, int start, int kind, CRC32C crc) {
        return bytes.limit() >= start + CELL_BYTES
                && bytes.getInt(start + 24) == kind
                && bytes.getInt(start + 28) == crc(bytes, start, crc);
    }

    /** @param crc used for it: a start asks for hundreds of cells of each segment */
    private static int crc(ByteBuffer bytes, int start, CRC32C crc) {
        crc.reset();
        crc.update(bytes.array(), bytes.arrayOffset() + start, CELL_BYTES - Integer.BYTES);
        return (int) crc.getValue();
    }
}
