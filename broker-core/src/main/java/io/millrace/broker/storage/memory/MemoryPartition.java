// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogStore.LossListener;
import io.millrace.broker.storage.PartitionLog.EpochEnd;
import io.millrace.broker.storage.PartitionLog.TimestampOffset;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a partition in memory holds, whoever owns it. Safe for any thread: one lock. */
final class MemoryPartition {
    private final PartitionId id;
    private final MemoryLogStore store;
    private final TreeMap<Long, byte[]> batches = new TreeMap<>();
    private final List<byte[]> state = new ArrayList<>();
    private final TreeMap<Integer, Long> epochs = new TreeMap<>();
    private @Nullable MemoryLog log;
    private long startOffset;
    private long nextOffset;
    private long bytes;
    private long lastWriteMs;

    MemoryPartition(PartitionId id, MemoryLogStore store) {
        this.id = id;
        this.store = store;
    }

    PartitionId id() {
        return id;
    }

    // ---- ownership

    MemoryLog acquire(int leaderEpoch, LossListener listener) {
        MemoryLog acquired = new MemoryLog(this, leaderEpoch, listener);
        MemoryLog previous;
        synchronized (this) {
            if (!epochs.isEmpty() && leaderEpoch <= epochs.lastKey()) {
                throw new StorageException(
                        Reason.FENCED,
                        "Epoch " + leaderEpoch + " of " + id + " is not above " + epochs.lastKey()
                                + ", under which it was acquired before");
            }
            epochs.put(leaderEpoch, nextOffset);
            previous = log;
            log = acquired;
        }
        if (previous != null) {
            previous.lose(
                    new StorageException(Reason.FENCED, "Epoch " + leaderEpoch + " has taken over the log of " + id));
        }
        return acquired;
    }

    void delete() {
        MemoryLog open;
        synchronized (this) {
            open = log;
            log = null;
            free(bytes);
            batches.clear();
            state.clear();
        }
        if (open != null) {
            open.lose(new StorageException(Reason.CLOSED, id + " was deleted"));
        }
    }

    void closeLog() {
        MemoryLog open;
        synchronized (this) {
            open = log;
            log = null;
        }
        if (open != null) {
            var unused = open.end(MemoryLogStore.closed(id));
        }
    }

    synchronized void closed(MemoryLog ended) {
        if (log == ended) {
            log = null;
        }
    }

    // ---- content

    synchronized long startOffset() {
        return startOffset;
    }

    synchronized long endOffset() {
        return nextOffset;
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized long freeBytes() {
        return store.freeBytes(bytes);
    }

    synchronized List<byte[]> state() {
        return List.copyOf(state);
    }

    /** Copies, so that a small message does not pin the large buffer it came in. */
    synchronized void append(LogAppend append) {
        ByteBuf data = append.data();
        if (data != null) {
            int index = data.readerIndex();
            while (index < data.writerIndex()) {
                byte[] batch = new byte[BatchLayout.size(data, index)];
                data.getBytes(index, batch);
                batches.put(BatchLayout.baseOffset(data, index), batch);
                use(batch.length);
                index += batch.length;
            }
            nextOffset = append.lastOffset() + 1;
            lastWriteMs = store.clock().wallMs();
        }
        ByteBuf entry = append.state();
        if (entry != null) {
            if (append.stateIsSnapshot()) {
                state.forEach(old -> free(old.length));
                state.clear();
            }
            byte[] copy = new byte[entry.readableBytes()];
            entry.getBytes(entry.readerIndex(), copy);
            state.add(copy);
            use(copy.length);
        }
    }

    private void use(long more) {
        bytes += more;
        store.onUsed(more);
    }

    private void free(long less) {
        use(-less);
    }

    /** Whole batches; they share memory with the log, which never changes a batch. */
    synchronized ByteBuf read(long offset, int maxBytes) {
        if (offset < startOffset || offset > nextOffset) {
            throw new StorageException(
                    Reason.OFFSET_OUT_OF_RANGE,
                    "Offset " + offset + " of " + id + " is outside of " + startOffset + " to " + nextOffset);
        }
        Map.Entry<Long, byte[]> entry = batches.floorEntry(offset);
        if (entry == null || lastOffset(entry.getValue()) < offset) {
            entry = batches.higherEntry(offset);
        }
        List<byte[]> read = new ArrayList<>();
        long size = 0;
        while (entry != null && (read.isEmpty() || size + entry.getValue().length <= maxBytes)) {
            read.add(entry.getValue());
            size += entry.getValue().length;
            entry = batches.higherEntry(entry.getKey());
        }
        return Unpooled.wrappedBuffer(read.toArray(byte[][]::new));
    }

    private static long lastOffset(byte[] batch) {
        return BatchLayout.lastOffset(Unpooled.wrappedBuffer(batch), 0);
    }

    synchronized Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        for (Map.Entry<Long, byte[]> entry : batches.entrySet()) {
            long max = maxTimestampMs(entry.getValue());
            if (max >= timestampMs) {
                return Optional.of(new TimestampOffset(Math.max(startOffset, entry.getKey()), max));
            }
        }
        return Optional.empty();
    }

    private static long maxTimestampMs(byte[] batch) {
        return BatchLayout.maxTimestampMs(Unpooled.wrappedBuffer(batch), 0);
    }

    synchronized Optional<EpochEnd> endOffsetForEpoch(int leaderEpoch) {
        Map.Entry<Integer, Long> epoch = epochs.floorEntry(leaderEpoch);
        if (epoch == null || leaderEpoch > epochs.lastKey()) {
            return Optional.empty();
        }
        Map.Entry<Integer, Long> next = epochs.higherEntry(epoch.getKey());
        return Optional.of(new EpochEnd(epoch.getKey(), next == null ? nextOffset : next.getValue()));
    }

    synchronized void trimPrefix(long newStartOffset) {
        if (newStartOffset > nextOffset) {
            throw new StorageException(
                    Reason.OFFSET_OUT_OF_RANGE,
                    "Start " + newStartOffset + " of " + id + " is above its end " + nextOffset);
        }
        startOffset = Math.max(startOffset, newStartOffset);
        Map.Entry<Long, byte[]> first = batches.firstEntry();
        while (first != null && lastOffset(first.getValue()) < startOffset) {
            free(first.getValue().length);
            batches.remove(first.getKey());
            first = batches.firstEntry();
        }
    }

    /** All there is, in one piece that is never sealed. */
    synchronized List<LogSegment> segments() {
        if (batches.isEmpty()) {
            return List.of();
        }
        long size = 0;
        long maxTimestampMs = -1;
        for (byte[] batch : batches.values()) {
            size += batch.length;
            maxTimestampMs = Math.max(maxTimestampMs, maxTimestampMs(batch));
        }
        long firstTimestampMs = maxTimestampMs(batches.firstEntry().getValue());
        return List.of(new LogSegment(
                batches.firstKey(), nextOffset, size, firstTimestampMs, maxTimestampMs, lastWriteMs, false));
    }
}
