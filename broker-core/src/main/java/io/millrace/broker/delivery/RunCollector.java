// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.message.Pull;
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
 * Picks a claim's records out of the batches read for it. For one thread at a time.
 *
 * <p>Claimed records of one batch become one run. Control batches and what cannot be decoded hold no
 * record for a JMS consumer.
 */
final class RunCollector {
    private static final Logger LOG = LoggerFactory.getLogger(RunCollector.class);
    private static final int MAX_DECOMPRESSED_BYTES = 256 << 20;

    private final ByteBufAllocator allocator;
    private final int partition;
    private final Claim claim;
    private final int maxBytes;
    private final List<Pull.Run> runs = new ArrayList<>();
    private final List<OffsetRange> delivered = new ArrayList<>();
    private int bytes;
    private int spanIndex;
    private long wanted;
    private boolean full;

    RunCollector(ByteBufAllocator allocator, int partition, Claim claim, int maxBytes) {
        this.allocator = allocator;
        this.partition = partition;
        this.claim = claim;
        this.maxBytes = maxBytes;
        this.wanted = claim.spans().get(0).first();
    }

    Claim claim() {
        return claim;
    }

    /** Whether all was looked at or no byte more may be taken. */
    boolean isDone() {
        return full || spanIndex == claim.spans().size();
    }

    /** The next offset to look at, while not done. */
    long nextOffset() {
        return wanted;
    }

    /** How many more bytes may be taken. */
    int bytesLeft() {
        return Math.max(1, maxBytes - bytes);
    }

    /** How many of the claim's spans were looked at entirely. */
    int examinedSpans() {
        return spanIndex;
    }

    /** The runs so far; the caller takes over their buffers. */
    List<Pull.Run> runs() {
        return runs;
    }

    /** The offsets of the records in the runs. */
    List<OffsetRange> delivered() {
        return delivered;
    }

    /** Gives back all that was collected. */
    void release() {
        runs.forEach(run -> run.records().release());
        runs.clear();
    }

    /** Offsets up to {@code end} (exclusive) hold no more than was seen. */
    void skipTo(long end) {
        while (spanIndex < claim.spans().size() && wanted < end) {
            if (claim.spans().get(spanIndex).last() < end) {
                spanIndex++;
                wanted = spanIndex < claim.spans().size()
                        ? claim.spans().get(spanIndex).first()
                        : end;
            } else {
                wanted = end;
            }
        }
    }

    /** Looks at whole batches in offset order. */
    void collect(ByteBuf batches) {
        PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
        while (!isDone() && indexes.hasNext()) {
            int index = indexes.nextInt();
            skipTo(BatchHeader.baseOffset(batches, index));
            long last = BatchHeader.lastOffset(batches, index);
            if (!isDone() && wanted <= last && !BatchHeader.isControl(batches, index)) {
                collectBatch(batches, index);
            }
            if (!full) {
                skipTo(last + 1);
            }
        }
    }

    private void collectBatch(ByteBuf batches, int index) {
        long baseOffset = BatchHeader.baseOffset(batches, index);
        Copy copy = new Copy(baseOffset, BatchHeader.baseTimestamp(batches, index));
        try (RecordReader reader = RecordReader.ofBatch(allocator, batches, index, MAX_DECOMPRESSED_BYTES)) {
            while (!isDone() && reader.hasNext()) {
                RecordView record = reader.next();
                skipTo(record.offset());
                if (!isDone() && record.offset() == wanted) {
                    take(copy, record);
                }
            }
        } catch (InvalidBatchException damaged) {
            LOG.warn(
                    "The batch at offset {} of partition {} cannot be decoded ({}); JMS consumers do not get the rest of it",
                    baseOffset,
                    partition,
                    damaged.getMessage());
        } finally {
            copy.flush();
        }
    }

    private void take(Copy copy, RecordView record) {
        ByteBuf encoded = record.encoded();
        if (bytes > 0 && (long) bytes + encoded.readableBytes() > maxBytes) {
            full = true;
            return;
        }
        bytes += encoded.readableBytes();
        copy.add(encoded, claim.spans().get(spanIndex).value());
        markDelivered(record.offset());
        skipTo(record.offset() + 1);
    }

    private void markDelivered(long offset) {
        int end = delivered.size() - 1;
        if (end >= 0 && delivered.get(end).last() == offset - 1) {
            delivered.set(end, new OffsetRange(delivered.get(end).first(), offset));
        } else {
            delivered.add(new OffsetRange(offset, offset));
        }
    }

    /** Gathers records of one batch that share count and flag into one run. */
    private final class Copy {
        private final long baseOffset;
        private final long baseTimestampMs;
        private @Nullable ByteBuf records;
        private Returned was = Returned.UNSEEN;
        private int count;

        Copy(long baseOffset, long baseTimestampMs) {
            this.baseOffset = baseOffset;
            this.baseTimestampMs = baseTimestampMs;
        }

        void add(ByteBuf encoded, Returned history) {
            if (!history.equals(was)) {
                flush();
            }
            ByteBuf target = records;
            if (target == null) {
                target = allocator.buffer(encoded.readableBytes());
                records = target;
                was = history;
                count = 0;
            }
            target.writeBytes(encoded, encoded.readerIndex(), encoded.readableBytes());
            count++;
        }

        void flush() {
            if (records != null) {
                runs.add(new Pull.Run(
                        partition,
                        claim.lease(),
                        was.deliveryCount(),
                        was.redelivered(),
                        baseOffset,
                        baseTimestampMs,
                        count,
                        records));
                records = null;
            }
        }
    }
}
