// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.AbortedTransactions;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.jms.PropertyKeys;
import io.millrace.protocol.jms.RecordFields;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks the records of a scan over, each once for all lanes, and keeps those that match. For one thread at a time.
 *
 * <p>Records of one batch, priority and message group become one piece; a record that several lanes match is kept once.
 * Control batches, aborted transactions and what cannot be decoded hold no record for a JMS consumer.
 */
final class ScanCollector {
    private static final Logger LOG = LoggerFactory.getLogger(ScanCollector.class);
    private static final int MAX_DECOMPRESSED_BYTES = 256 << 20;
    /** As a record has that no JMS client sent. */
    static final int USUAL_PRIORITY = 4;

    private final ByteBufAllocator allocator;
    private final PartitionId partition;
    private final Scan scan;
    private final PropertyKeys keys = new PropertyKeys();
    private final @Nullable Chunk[] chunks = new @Nullable Chunk[Parked.PRIORITIES];
    private final List<OffsetRange> absent = new ArrayList<>();
    private final List<OffsetRange> expired = new ArrayList<>();
    private final List<OffsetRange> unmatched = new ArrayList<>();
    private final List<Span<Long>> delayed = new ArrayList<>();
    private int rangeIndex;
    private long wanted;
    private boolean found;
    private boolean full;

    ScanCollector(ByteBufAllocator allocator, PartitionId partition, Scan scan) {
        this.allocator = allocator;
        this.partition = partition;
        this.scan = scan;
        this.wanted = scan.wanted().get(0).first();
    }

    Scan scan() {
        return scan;
    }

    /** Whether all was looked at or no lane has room for more. */
    boolean isDone() {
        return full || rangeIndex == scan.wanted().size();
    }

    /** Whether a lane got what need not wait for more: it takes all records, or has no room left. */
    boolean hasFound() {
        return found;
    }

    /** The next offset to look at, while not done. */
    long nextOffset() {
        return wanted;
    }

    /** What the scan found out: everything below was looked at, as far as it was wanted. */
    long examinedTo() {
        return rangeIndex == scan.wanted().size() ? scan.end() : wanted;
    }

    /** Wanted offsets without a record. */
    List<OffsetRange> absent() {
        return absent;
    }

    List<OffsetRange> expired() {
        return expired;
    }

    /** Records that match no lane, if that is to be told. */
    List<OffsetRange> unmatched() {
        return unmatched;
    }

    /** Records whose delivery time has not come, with the time at which to look again. */
    List<Span<Long>> delayed() {
        return delayed;
    }

    /** Gives back all that was collected. */
    void release() {
        scan.parts().forEach(part -> part.takePieces().forEach(Piece::release));
    }

    /** Offsets up to {@code end} (exclusive) hold no more than was seen. */
    void skipTo(long end) {
        while (rangeIndex < scan.wanted().size() && wanted < end) {
            long last = scan.wanted().get(rangeIndex).last();
            append(absent, wanted, Math.min(last, end - 1));
            if (last < end) {
                nextRange();
            } else {
                wanted = end;
            }
        }
    }

    private void nextRange() {
        rangeIndex++;
        if (rangeIndex < scan.wanted().size()) {
            wanted = scan.wanted().get(rangeIndex).first();
        }
    }

    private void onLookedAt(long offset) {
        if (scan.wanted().get(rangeIndex).last() == offset) {
            nextRange();
        } else {
            wanted = offset + 1;
        }
    }

    /** Looks at whole batches in offset order. */
    void collect(ByteBuf batches, AbortedTransactions aborted) {
        PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
        while (!isDone() && indexes.hasNext()) {
            int index = indexes.nextInt();
            skipTo(BatchHeader.baseOffset(batches, index));
            long last = BatchHeader.lastOffset(batches, index);
            if (!isDone()
                    && wanted <= last
                    && !BatchHeader.isControl(batches, index)
                    && !aborted.covers(batches, index)) {
                collectBatch(batches, index);
            }
            if (!full) {
                skipTo(last + 1);
            }
        }
    }

    private void collectBatch(ByteBuf batches, int index) {
        long baseOffset = BatchHeader.baseOffset(batches, index);
        BatchStart batch = new BatchStart(
                baseOffset,
                BatchHeader.baseTimestamp(batches, index),
                BatchHeader.sizeInBytes(batches, index) - BatchHeader.SIZE);
        try (RecordReader reader = RecordReader.ofBatch(allocator, batches, index, MAX_DECOMPRESSED_BYTES)) {
            while (!isDone() && reader.hasNext()) {
                RecordView record = reader.next();
                skipTo(record.offset());
                if (!isDone() && record.offset() == wanted) {
                    look(record, batch);
                }
            }
        } catch (InvalidBatchException damaged) {
            LOG.warn(
                    "The batch at offset {} of {} cannot be decoded ({}); JMS consumers do not get the rest of it",
                    baseOffset,
                    partition,
                    damaged.getMessage());
        } finally {
            for (int i = 0; i < Parked.PRIORITIES; i++) {
                Chunk chunk = chunks[i];
                if (chunk != null) {
                    chunk.release();
                    chunks[i] = null;
                }
            }
        }
    }

    private void look(RecordView record, BatchStart batch) {
        long offset = record.offset();
        RecordFields fields = new RecordFields(record, partition.topic(), partition.partition(), keys);
        boolean heeds = scan.rules().heedsMessageFields();
        long expirationMs = heeds ? fields.expirationMs() : 0;
        long deliveryTimeMs = heeds ? fields.deliveryTimeMs() : 0;
        if (expirationMs != 0 && expirationMs <= scan.nowMs()) {
            append(expired, offset, offset);
        } else if (deliveryTimeMs > scan.nowMs()) {
            onDelayed(offset, DelayIndex.lookAgainMs(deliveryTimeMs, scan.nowMs()));
        } else if (!match(record, fields, batch, expirationMs)) {
            full = scan.parts().stream().allMatch(Scan.Part::isStopped);
            if (full) {
                return;
            }
            if (scan.tellsUnmatched()) {
                append(unmatched, offset, offset);
            }
        }
        onLookedAt(offset);
    }

    /** Gives the record to the lanes that it matches and that have room; answers whether there was one. */
    private boolean match(RecordView record, RecordFields fields, BatchStart batch, long expirationMs) {
        Chunk chunk = null;
        int index = -1;
        boolean matched = false;
        String group = null;
        for (Scan.Part part : scan.parts()) {
            if (part.isStopped()
                    || !part.wants(record.offset())
                    || !part.filter().matches(fields)) {
                continue;
            }
            int priority = scan.rules().heedsMessageFields() ? fields.priority() : USUAL_PRIORITY;
            if (part.parks(priority)) {
                matched |= part.park(priority, record.offset());
                found |= part.isStopped();
                continue;
            }
            if (!part.reserve(record.offset(), record.sizeInBytes())) {
                found = true;
                continue;
            }
            if (chunk == null) {
                chunk = chunkFor(record, priority, batch);
                index = chunk.add(record);
                group = scan.rules().keepsMessageGroups() && record.hasKey() ? fields.groupId() : null;
            }
            part.add(chunk, index, record.offset(), group, expirationMs);
            matched = true;
            found |= part.filter().matchesAll();
        }
        return matched;
    }

    private Chunk chunkFor(RecordView record, int priority, BatchStart batch) {
        Chunk chunk = chunks[priority];
        if (chunk == null) {
            int bytes = record.sizeInBytes();
            for (Scan.Part part : scan.parts()) {
                if (part.filter().matchesAll()) {
                    bytes = (int) Math.max(bytes, Math.min(batch.bytes, part.bytesLeft() + bytes));
                }
            }
            chunk = new Chunk(allocator, batch.baseOffset, batch.baseTimestampMs, priority, bytes);
            chunks[priority] = chunk;
        }
        return chunk;
    }

    private record BatchStart(long baseOffset, long baseTimestampMs, int bytes) {}

    private void onDelayed(long offset, long wakeMs) {
        int end = delayed.size() - 1;
        if (end >= 0
                && delayed.get(end).last() == offset - 1
                && delayed.get(end).value() == wakeMs) {
            delayed.set(end, new Span<>(delayed.get(end).first(), offset, wakeMs));
        } else {
            delayed.add(new Span<>(offset, offset, wakeMs));
        }
    }

    private static void append(List<OffsetRange> ranges, long first, long last) {
        int end = ranges.size() - 1;
        if (end >= 0 && ranges.get(end).last() == first - 1) {
            ranges.set(end, new OffsetRange(ranges.get(end).first(), last));
        } else {
            ranges.add(new OffsetRange(first, last));
        }
    }
}
