// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.SegmentContent;
import io.millrace.protocol.record.BatchFilter;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One compaction of one log: learns the last offset of each key in the dirty part, then rewrites the segments from the
 * start without what a later record replaces. Offsets stay; tombstones stay until their delete horizon (KIP-534); the
 * last batch of each producer and of the range stays, if need be without records. Records of aborted transactions go;
 * the marker of a transaction of which nothing is left goes after a delete horizon of its own. On a cleaner thread;
 * blocks.
 */
final class Cleaning {
    private static final int READ_BYTES = 1 << 20;
    private static final int MAX_DECOMPRESSED_BYTES = 256 << 20;
    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private final PartitionLog log;
    private final CleanableRange range;
    private final TopicConfig config;
    private final Set<Long> producersLastOffsets;
    private final Aborted aborted;
    /** Producers of whose present transaction a batch stays. */
    private final Set<Long> withRecords = new HashSet<>();

    private final long nowMs;
    private final OffsetMap map;
    private final BatchFilter filter = new BatchFilter(ALLOCATOR, MAX_DECOMPRESSED_BYTES);
    /** The last batch with an end at or below this is kept: a reader that waits at the log's end comes by it. */
    private long lastKept = -1;

    /**
     * @param producersLastOffsets the offset at which each known idempotent producer's last batch ends
     * @param aborted finds aborted transactions
     * @param mapBytes memory for the keys; where they are more the rest of the log stays dirty
     */
    Cleaning(
            PartitionLog log,
            CleanableRange range,
            TopicConfig config,
            Set<Long> producersLastOffsets,
            Aborted aborted,
            long nowMs,
            long mapBytes) {
        this.log = log;
        this.range = range;
        this.config = config;
        this.producersLastOffsets = producersLastOffsets;
        this.aborted = aborted;
        this.nowMs = nowMs;
        this.map = new OffsetMap(mapBytes);
    }

    /** Finds the aborted transactions with batches between two offsets. */
    @FunctionalInterface
    interface Aborted {
        CompletableFuture<List<AbortedTransaction>> between(long from, long end);
    }

    private AbortedTransactions abortedIn(ByteBuf batches, long from) {
        long end = from;
        boolean transactional = false;
        for (PrimitiveIterator.OfInt indexes = Batches.indexes(batches); indexes.hasNext(); ) {
            int index = indexes.nextInt();
            transactional |= BatchHeader.isTransactional(batches, index);
            end = Math.min(range.endOffset(), BatchHeader.lastOffset(batches, index) + 1);
        }
        return transactional
                ? AbortedTransactions.of(aborted.between(Math.min(from, firstOffset(batches)), end)
                        .join())
                : AbortedTransactions.NONE;
    }

    private static long firstOffset(ByteBuf batches) {
        return BatchHeader.baseOffset(batches, batches.readerIndex());
    }

    /** Does it; answers up to which offset the log is clean then. */
    long run() {
        long clean = learnKeys();
        for (List<LogSegment> group : range.groups(config.get(TopicConfigKeys.SEGMENT_BYTES))) {
            if (group.get(0).baseOffset() >= clean) {
                break;
            }
            log.replace(group, new Content(group)).join();
        }
        return clean;
    }

    /** Fills the map from the first dirty offset on; answers where it ended: at the range's end unless it is full. */
    private long learnKeys() {
        long from = Math.max(range.firstDirty(), log.startOffset());
        long end = range.endOffset();
        while (from < end) {
            try (LogSlice slice = log.read(from, READ_BYTES).join()) {
                ByteBuf batches = slice.buffer();
                if (!batches.isReadable()) {
                    return end;
                }
                AbortedTransactions gone = abortedIn(batches, from);
                PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
                while (indexes.hasNext()) {
                    int index = indexes.nextInt();
                    if (BatchHeader.baseOffset(batches, index) >= end) {
                        return end;
                    }
                    lastKept = BatchHeader.lastOffset(batches, index);
                    long fullAt = gone.covers(batches, index) ? -1 : learnKeys(batches, index);
                    if (fullAt >= 0) {
                        return fullAt;
                    }
                    from = lastKept + 1;
                }
            }
        }
        return end;
    }

    /** The offset of the first record that found no room, -1 when all did. */
    private long learnKeys(ByteBuf batches, int index) {
        if (BatchHeader.isControl(batches, index)) {
            return -1;
        }
        try (RecordReader reader = RecordReader.ofBatch(ALLOCATOR, batches, index, MAX_DECOMPRESSED_BYTES)) {
            while (reader.hasNext()) {
                RecordView view = reader.next();
                ByteBuf key = view.key();
                if (key == null || view.offset() < range.firstDirty()) {
                    continue;
                }
                if (map.isFull()) {
                    return view.offset();
                }
                map.put(key, view.offset());
            }
        }
        return -1;
    }

    private boolean stays(RecordView view, boolean tombstonesOver) {
        ByteBuf key = view.key();
        if (key == null || map.lastOffset(key) > view.offset()) {
            return false;
        }
        return view.value() != null || !tombstonesOver;
    }

    /** What is left of neighbouring segments; pulled by a thread of the store. */
    private final class Content implements SegmentContent {
        private final long end;
        private long next;

        Content(List<LogSegment> group) {
            this.next = group.get(0).baseOffset();
            this.end = group.get(group.size() - 1).endOffset();
        }

        @Override
        public @Nullable ByteBuf next() {
            while (next < end) {
                try (LogSlice slice =
                        log.read(Math.max(next, log.startOffset()), READ_BYTES).join()) {
                    ByteBuf kept = filtered(slice.buffer());
                    if (kept.isReadable()) {
                        return kept;
                    }
                    kept.release();
                }
            }
            return null;
        }

        private ByteBuf filtered(ByteBuf batches) {
            ByteBuf kept = ALLOCATOR.buffer(Math.max(BatchHeader.SIZE, batches.readableBytes()));
            try {
                next = batches.isReadable() ? next : end;
                AbortedTransactions gone = abortedIn(batches, next);
                PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
                while (indexes.hasNext()) {
                    int index = indexes.nextInt();
                    if (BatchHeader.baseOffset(batches, index) >= end) {
                        next = end;
                        return kept;
                    }
                    filter(batches, index, gone.covers(batches, index), kept);
                    next = BatchHeader.lastOffset(batches, index) + 1;
                }
                return kept;
            } catch (RuntimeException unreadable) {
                kept.release();
                throw unreadable;
            }
        }

        private void filter(ByteBuf batches, int index, boolean isAborted, ByteBuf kept) {
            if (BatchHeader.isControl(batches, index)) {
                filterMarker(batches, index, kept);
                return;
            }
            long producerId = BatchHeader.producerId(batches, index);
            long lastOffset = BatchHeader.lastOffset(batches, index);
            boolean keepEmpty =
                    lastOffset == lastKept || (producerId >= 0 && producersLastOffsets.contains(lastOffset));
            boolean tombstonesOver = BatchHeader.deleteHorizon(batches, index).orElse(Long.MAX_VALUE) <= nowMs;
            int before = kept.writerIndex();
            filter.apply(
                    batches, index, view -> !isAborted && stays(view, tombstonesOver), newHorizonMs(), keepEmpty, kept);
            if (kept.writerIndex() > before && BatchHeader.isTransactional(batches, index)) {
                withRecords.add(producerId);
            }
        }

        /** A marker stays as long as a batch of its transaction does, and then until its delete horizon. */
        private void filterMarker(ByteBuf batches, int index, ByteBuf kept) {
            boolean needed = withRecords.remove(BatchHeader.producerId(batches, index))
                    || BatchHeader.lastOffset(batches, index) == lastKept;
            OptionalLong horizon = BatchHeader.deleteHorizon(batches, index);
            if (!needed && horizon.isPresent() && horizon.getAsLong() <= nowMs) {
                return;
            }
            int at = kept.writerIndex();
            kept.writeBytes(batches, index, BatchHeader.sizeInBytes(batches, index));
            if (!needed && horizon.isEmpty()) {
                BatchHeader.setControlDeleteHorizon(kept, at, newHorizonMs());
            }
        }

        private long newHorizonMs() {
            return saturatedSum(nowMs, config.get(TopicConfigKeys.DELETE_RETENTION_MS));
        }
    }

    private static long saturatedSum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
