// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One look at a stretch of the log for some lanes. Made on the partition's loop, filled on the threads that read, then
 * the loop's again.
 *
 * @param number unique in the group
 * @param wanted the offsets to look at, in order, never empty; not each has a record
 * @param end once all wanted ones were looked at, nothing below this offset is left to look at
 * @param forward whether it goes on from the lanes' cursors; else it looks at offsets again
 * @param parts what it is for
 * @param rules the group's
 * @param tellsUnmatched whether records that match no part are to be told
 * @param highWatermark one above the last offset that may be delivered
 * @param nowMs the time of the look, milliseconds since the epoch
 * @param readBytes how much to read at once
 */
record Scan(
        long number,
        List<OffsetRange> wanted,
        long end,
        boolean forward,
        List<Part> parts,
        DeliveryRules rules,
        boolean tellsUnmatched,
        long highWatermark,
        long nowMs,
        int readBytes) {

    /** What one lane wants of a scan, and what it got. */
    static final class Part {
        private final Lane lane;
        private final RecordFilter filter;
        private final long from;
        private final @Nullable OffsetSet only;
        private final int parksUpTo;
        private final List<Piece> pieces = new ArrayList<>();
        private final @Nullable OffsetSet[] parked = new @Nullable OffsetSet[Parked.PRIORITIES];
        private long recordsLeft;
        private long bytesLeft;
        private long parkedLeft;
        private long stop = OffsetSet.NONE;

        /**
         * @param from the least offset it wants
         * @param only the offsets it wants; {@code null} for all
         * @param maxRecords room for records with their bytes
         * @param maxBytes room for their bytes
         */
        Part(Lane lane, long from, @Nullable OffsetSet only, long maxRecords, long maxBytes) {
            this(lane, from, only, maxRecords, maxBytes, -1, 0);
        }

        /**
         * @param parksUpTo of records of this priority and below the offsets are enough: better ones fill the window
         * @param maxParked room for such offsets
         */
        Part(
                Lane lane,
                long from,
                @Nullable OffsetSet only,
                long maxRecords,
                long maxBytes,
                int parksUpTo,
                long maxParked) {
            this.parksUpTo = parksUpTo;
            this.parkedLeft = maxParked;
            this.lane = lane;
            this.filter = lane.filter();
            this.from = from;
            this.only = only;
            this.recordsLeft = maxRecords;
            this.bytesLeft = maxBytes;
        }

        Lane lane() {
            return lane;
        }

        RecordFilter filter() {
            return filter;
        }

        /** The first offset it had no room for; {@link OffsetSet#NONE} while it has room. */
        long stop() {
            return stop;
        }

        boolean isStopped() {
            return stop != OffsetSet.NONE;
        }

        /** Hands out the offsets below {@code end} that it wanted, and perhaps others that are not available. */
        void forEachWantedBelow(long end, BiConsumer<Long, Long> visitor) {
            if (only == null) {
                visitor.accept(from, end - 1);
            } else {
                only.ranges(from, end - 1, Integer.MAX_VALUE)
                        .forEach(range -> visitor.accept(range.first(), range.last()));
            }
        }

        /** How many bytes it has room for. */
        long bytesLeft() {
            return bytesLeft;
        }

        boolean wants(long offset) {
            return offset >= from && (only == null || only.contains(offset));
        }

        /** Whether of a record of this priority the offset is enough. */
        boolean parks(int priority) {
            return priority <= parksUpTo;
        }

        /** Takes an offset, if there is room for it; if not, the part ends before it. */
        boolean park(int priority, long offset) {
            if (parkedLeft <= 0) {
                stop = offset;
                return false;
            }
            parkedLeft--;
            OffsetSet offsets = parked[priority];
            if (offsets == null) {
                offsets = new OffsetSet();
                parked[priority] = offsets;
            }
            offsets.add(offset, offset);
            return true;
        }

        /** Hands out the offsets that it parked. */
        void forEachParked(ObjIntConsumer<OffsetSet> visitor) {
            for (int priority = 0; priority < parked.length; priority++) {
                OffsetSet offsets = parked[priority];
                if (offsets != null) {
                    visitor.accept(offsets, priority);
                }
            }
        }

        /** Whether there is room for a record; if not, the part ends before it. */
        boolean reserve(long offset, int bytes) {
            if (recordsLeft <= 0 || (bytes > bytesLeft && !pieces.isEmpty())) {
                stop = offset;
                return false;
            }
            recordsLeft--;
            bytesLeft -= bytes;
            return true;
        }

        void add(Chunk chunk, int index, long offset, @Nullable String group, long expirationMs) {
            Piece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
            if (last == null || !last.extend(chunk, index, offset, group, expirationMs)) {
                pieces.add(new Piece(chunk, index, offset, group, expirationMs));
            }
        }

        /** What it got, in offset order; the taker releases them. */
        List<Piece> takePieces() {
            List<Piece> taken = List.copyOf(pieces);
            pieces.clear();
            return taken;
        }
    }
}
