// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;

/**
 * Where some of a segment's batches lie. Grown by one thread, read by any. On disk beside the segment, 32 bytes each:
 *
 * <pre>
 * 0 offset int64 | 8 position int64 | 16 maxTimestamp of all batches before int64 | 24 zero int32 | 28 crc32c of 0..27
 * </pre>
 *
 * It is a cache: what is missing or does not fit its CRC is found again by walking the segment.
 */
final class SparseIndex {
    static final int ENTRY_BYTES = 32;
    private static final int FIELDS = 3;
    private static final int INITIAL_ENTRIES = 16;

    private volatile long[] cells = new long[FIELDS * INITIAL_ENTRIES];
    private volatile int count;
    /** Entries that are in the file; maintenance thread only. */
    private int persisted;

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

    /** Appends to the file what it lacks. Not synced: it is a cache. */
    void persist(StoreFile file) throws IOException {
        int known = count;
        ByteBuffer bytes = ByteBuffer.allocate((known - persisted) * ENTRY_BYTES);
        for (int entry = persisted; entry < known; entry++) {
            int start = bytes.position();
            for (int field = 0; field < FIELDS; field++) {
                bytes.putLong(cells[entry * FIELDS + field]);
            }
            bytes.putInt(0).putInt(crc(bytes, start));
        }
        file.writeFully(bytes.flip(), (long) persisted * ENTRY_BYTES);
        persisted = known;
    }

    /** Reads the sound entries that lie below {@code limit} in the segment, and cuts the file behind them. */
    static SparseIndex load(StoreFile file, long limit) throws IOException {
        SparseIndex index = new SparseIndex();
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), limit * ENTRY_BYTES));
        file.readUpTo(bytes, 0);
        bytes.flip();
        while (bytes.remaining() >= ENTRY_BYTES) {
            int start = bytes.position();
            long position = bytes.getLong(start + 8);
            boolean sound = bytes.getInt(start + 28) == crc(bytes, start);
            boolean fits = position < limit && (index.count == 0 ? position == 0 : position > index.lastPosition());
            if (!sound || !fits) {
                break;
            }
            index.add(bytes.getLong(start), position, bytes.getLong(start + 16));
            bytes.position(start + ENTRY_BYTES);
        }
        index.persisted = index.count;
        file.truncate((long) index.count * ENTRY_BYTES);
        return index;
    }

    private static int crc(ByteBuffer bytes, int start) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(start + ENTRY_BYTES - Integer.BYTES).position(start));
        return (int) crc.getValue();
    }
}
