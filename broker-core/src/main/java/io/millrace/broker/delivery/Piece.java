// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Candidates of a lane: records of consecutive offsets that share batch, priority and message group. Holds a reference
 * to its chunk until it is empty or released. Made by the thread that looked the records over, then owned by the
 * partition's loop.
 */
final class Piece {
    /** The order of delivery: higher priority first, then lower offset. */
    static final Comparator<Piece> DELIVERY_ORDER = Comparator.comparingInt(Piece::priority)
            .reversed()
            .thenComparingLong(Piece::firstOffset)
            .thenComparingLong(piece -> piece.number);

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long number = NUMBERS.getAndIncrement();
    private final Chunk chunk;
    private final @Nullable String group;
    private long expiresAtMs;
    private long firstOffset;
    private int index;
    private int count;

    /** A piece of one record, which has this index in the chunk; takes a reference. */
    Piece(Chunk chunk, int index, long offset, @Nullable String group, long expirationMs) {
        this.chunk = chunk;
        this.index = index;
        this.firstOffset = offset;
        this.group = group;
        this.expiresAtMs = expirationMs == 0 ? Long.MAX_VALUE : expirationMs;
        this.count = 1;
        chunk.retain();
    }

    /** Takes the record that follows in the chunk in, if it is of the same kind. */
    boolean extend(Chunk other, int otherIndex, long offset, @Nullable String otherGroup, long expirationMs) {
        boolean same = other == chunk
                && otherIndex == index + count
                && offset == firstOffset + count
                && (group == null ? otherGroup == null : group.equals(otherGroup));
        if (same) {
            count++;
            expiresAtMs = Math.min(expiresAtMs, expirationMs == 0 ? Long.MAX_VALUE : expirationMs);
        }
        return same;
    }

    Chunk chunk() {
        return chunk;
    }

    int priority() {
        return chunk.priority();
    }

    @Nullable
    String group() {
        return group;
    }

    /** When the first of its records may expire, milliseconds since the epoch. */
    long expiresAtMs() {
        return expiresAtMs;
    }

    long firstOffset() {
        return firstOffset;
    }

    long lastOffset() {
        return firstOffset + count - 1;
    }

    /** The place of the first record in the chunk. */
    int index() {
        return index;
    }

    int count() {
        return count;
    }

    int bytes() {
        return bytes(count);
    }

    /** Bytes of the first {@code records} records. */
    int bytes(int records) {
        return chunk.bytes(index, index + records);
    }

    /** How many of the first records fit into some bytes. */
    int fitting(int records, long maxBytes) {
        int low = 0;
        int high = records;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (bytes(middle) <= maxBytes) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Takes the first records away; not while the piece is in an ordered set. */
    void dropFirst(int records) {
        index += records;
        firstOffset += records;
        count -= records;
    }

    void release() {
        chunk.release();
    }
}
