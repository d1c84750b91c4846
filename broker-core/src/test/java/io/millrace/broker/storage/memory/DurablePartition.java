// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.PartitionLog.EpochEnd;
import io.millrace.broker.storage.PartitionLog.TimestampOffset;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a partition keeps when its owner goes. Guarded by the store's lock. */
final class DurablePartition {
    private final PartitionId partition;
    private final TreeMap<Long, byte[]> batches = new TreeMap<>();
    private final List<ByteBuf> state = new ArrayList<>();
    private final TreeMap<Integer, Long> epochs = new TreeMap<>();
    private final MemorySegments segments;
    private long startOffset;
    private long endOffset;
    private long nextOffset;

    DurablePartition(PartitionId partition, BrokerClock clock) {
        this.partition = partition;
        this.segments = new MemorySegments(clock);
    }

    PartitionId partition() {
        return partition;
    }

    int leaderEpoch() {
        return epochs.isEmpty() ? -1 : epochs.lastKey();
    }

    void startEpoch(int leaderEpoch) {
        epochs.put(leaderEpoch, nextOffset);
    }

    long startOffset() {
        return startOffset;
    }

    long endOffset() {
        return endOffset;
    }

    long nextOffset() {
        return nextOffset;
    }

    List<ByteBuf> state() {
        return List.copyOf(state);
    }

    /** The offsets of {@code append} are used up, whatever becomes of it. */
    void reserve(LogAppend append) {
        if (append.data() != null) {
            nextOffset = append.lastOffset() + 1;
        }
    }

    void add(PendingPart part) {
        if (part.data() != null) {
            ByteBuf data = part.data();
            while (data.isReadable()) {
                int size = BatchLayout.size(data, data.readerIndex());
                long baseOffset = BatchLayout.baseOffset(data, data.readerIndex());
                byte[] batch = new byte[size];
                data.readBytes(batch);
                batches.put(baseOffset, batch);
                segments.onBatch(Unpooled.wrappedBuffer(batch));
            }
            endOffset = part.lastOffset() + 1;
        }
        if (part.state() != null) {
            if (part.stateIsSnapshot()) {
                state.clear();
            }
            state.add(part.state());
        }
    }

    ByteBuf read(long offset, int maxBytes) {
        ByteBuf out = Unpooled.buffer();
        Map.Entry<Long, byte[]> entry = batches.floorEntry(offset);
        if (entry == null || BatchLayout.lastOffset(Unpooled.wrappedBuffer(entry.getValue()), 0) < offset) {
            entry = batches.higherEntry(offset);
        }
        while (entry != null
                && (out.readableBytes() == 0 || out.readableBytes() + entry.getValue().length <= maxBytes)) {
            out.writeBytes(entry.getValue());
            entry = batches.higherEntry(entry.getKey());
        }
        return out;
    }

    Optional<TimestampOffset> offsetForTimestamp(long timestampMs) {
        for (byte[] batch : batches.values()) {
            ByteBuf buffer = Unpooled.wrappedBuffer(batch);
            long max = BatchLayout.maxTimestampMs(buffer, 0);
            if (max >= timestampMs && BatchLayout.lastOffset(buffer, 0) >= startOffset) {
                long offset = Math.max(startOffset, BatchLayout.baseOffset(buffer, 0));
                return Optional.of(new TimestampOffset(offset, max));
            }
        }
        return Optional.empty();
    }

    Optional<EpochEnd> endOffsetForEpoch(int leaderEpoch) {
        Map.Entry<Integer, Long> epoch = epochs.floorEntry(leaderEpoch);
        if (epoch == null || leaderEpoch > epochs.lastKey()) {
            return Optional.empty();
        }
        Map.Entry<Integer, Long> next = epochs.higherEntry(epoch.getKey());
        return Optional.of(new EpochEnd(epoch.getKey(), next == null ? endOffset : next.getValue()));
    }

    void trimPrefix(long newStartOffset) {
        startOffset = Math.max(startOffset, newStartOffset);
        batches.values().removeIf(batch -> BatchLayout.lastOffset(Unpooled.wrappedBuffer(batch), 0) < startOffset);
        segments.trimTo(startOffset);
    }

    MemorySegments segments() {
        return segments;
    }

    /** Swaps the batches of neighbouring sealed segments; false, and nothing changed, when one of them is gone. */
    boolean replace(List<LogSegment> sealed, List<byte[]> content) {
        long first = sealed.get(0).baseOffset();
        long end = sealed.get(sealed.size() - 1).endOffset();
        if (!segments.merge(sealed, content)) {
            return false;
        }
        batches.subMap(first, end).clear();
        for (byte[] batch : content) {
            ByteBuf buffer = Unpooled.wrappedBuffer(batch);
            long base = BatchLayout.baseOffset(buffer, 0);
            if (base < first || BatchLayout.lastOffset(buffer, 0) >= end) {
                throw new IllegalArgumentException("a batch at " + base + " lies outside of " + first + " to " + end);
            }
            batches.put(base, batch);
        }
        batches.values().removeIf(batch -> BatchLayout.lastOffset(Unpooled.wrappedBuffer(batch), 0) < startOffset);
        return true;
    }

    long sizeBytes() {
        return batches.values().stream().mapToLong(batch -> batch.length).sum()
                + state.stream().mapToLong(ByteBuf::readableBytes).sum();
    }
}
