// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.AbortedTransactions;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.jms.PropertyKeys;
import io.millrace.protocol.jms.RecordFields;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.millrace.protocol.selector.Selector;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Picks what a browser sees out of the batches read for it, one run for each batch. For one thread at a time. */
final class BrowsePage {
    private static final Logger LOG = LoggerFactory.getLogger(BrowsePage.class);
    private static final int MAX_DECOMPRESSED_BYTES = 256 << 20;
    private static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private final PartitionId partition;
    private final List<OffsetRange> unfinished;
    private final long end;
    private final @Nullable Selector selector;
    private final long nowMs;
    private final int maxMessages;
    private final int maxBytes;
    private final PropertyKeys keys = new PropertyKeys();
    private final List<Pull.Run> runs = new ArrayList<>();
    private int rangeIndex;
    private long next;
    private int messages;
    private int bytes;
    private boolean full;

    /**
     * @param unfinished the offsets to look at, ascending
     * @param end above them: where the page ends if nothing else ends it
     */
    BrowsePage(
            PartitionId partition,
            List<OffsetRange> unfinished,
            long end,
            @Nullable Selector selector,
            long nowMs,
            int maxMessages,
            int maxBytes) {
        this.partition = partition;
        this.unfinished = unfinished;
        this.end = end;
        this.selector = selector;
        this.nowMs = nowMs;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.next = unfinished.isEmpty() ? end : unfinished.get(0).first();
    }

    /** Whether all was looked at or no more may be taken. */
    boolean isDone() {
        return full || next >= end;
    }

    /** The next offset to look at; the end of the page when there is none. */
    long nextOffset() {
        return next;
    }

    /** The messages so far; the caller takes over their buffers. */
    List<Pull.Run> runs() {
        return runs;
    }

    void release() {
        runs.forEach(run -> run.records().release());
        runs.clear();
    }

    /** Looks at whole batches, which begin with the one that holds the next offset or one above it. */
    void collect(ByteBuf batches, AbortedTransactions aborted) {
        if (!batches.isReadable()) {
            next = end;
            return;
        }
        PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
        while (!isDone() && indexes.hasNext()) {
            int index = indexes.nextInt();
            long last = BatchHeader.lastOffset(batches, index);
            if (next <= last && !BatchHeader.isControl(batches, index) && !aborted.covers(batches, index)) {
                collectBatch(batches, index);
            }
            if (!full) {
                skipTo(last + 1);
            }
        }
    }

    private void skipTo(long offset) {
        if (next >= offset) {
            return;
        }
        while (rangeIndex < unfinished.size() && unfinished.get(rangeIndex).last() < offset) {
            rangeIndex++;
        }
        next = rangeIndex == unfinished.size()
                ? end
                : Math.max(offset, unfinished.get(rangeIndex).first());
    }

    private void collectBatch(ByteBuf batches, int index) {
        ByteBuf copy = null;
        int count = 0;
        try (RecordReader reader = RecordReader.ofBatch(ALLOCATOR, batches, index, MAX_DECOMPRESSED_BYTES)) {
            while (!isDone() && reader.hasNext()) {
                RecordView record = reader.next();
                skipTo(record.offset());
                if (isDone() || record.offset() != next) {
                    continue;
                }
                if (isWanted(record)) {
                    if (!fits(record)) {
                        full = true;
                        continue;
                    }
                    copy = copy == null ? ALLOCATOR.buffer(record.sizeInBytes()) : copy;
                    take(record, copy);
                    count++;
                }
                skipTo(record.offset() + 1);
                full = messages >= maxMessages;
            }
        } catch (InvalidBatchException damaged) {
            LOG.warn(
                    "The batch at offset {} of {} cannot be decoded ({}); browsers do not see the rest of it",
                    BatchHeader.baseOffset(batches, index),
                    partition,
                    damaged.getMessage());
        } finally {
            if (copy != null) {
                runs.add(new Pull.Run(
                        partition.partition(),
                        0,
                        0,
                        false,
                        BatchHeader.baseOffset(batches, index),
                        BatchHeader.baseTimestamp(batches, index),
                        count,
                        copy));
            }
        }
    }

    private boolean isWanted(RecordView record) {
        RecordFields fields = new RecordFields(record, partition.topic(), partition.partition(), keys);
        boolean expired = fields.expirationMs() != 0 && fields.expirationMs() <= nowMs;
        return !expired && fields.deliveryTimeMs() <= nowMs && (selector == null || selector.matches(fields));
    }

    private boolean fits(RecordView record) {
        return messages == 0 || (long) bytes + record.sizeInBytes() <= maxBytes;
    }

    private void take(RecordView record, ByteBuf copy) {
        record.writeTo(copy);
        bytes += record.sizeInBytes();
        messages++;
    }
}
