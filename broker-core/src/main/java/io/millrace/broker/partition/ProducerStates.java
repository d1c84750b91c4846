// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.partition.ProducerEntry.Written;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a partition remembers of idempotent producers. Appended batches are the record of it: only snapshots go to
 * STATE, and recovery adds the headers of the batches after the last snapshot.
 *
 * <pre>
 *   first record of a snapshot: int8 0, int64 data end
 *   one for each producer:      int8 1, int64 producer id, int16 epoch, int8 batches,
 *                               batches x (int32 first, int32 last sequence, int64 base offset, int64 timestamp)
 * </pre>
 */
final class ProducerStates implements StateMachine {
    static final byte TAG = 1;
    private static final byte DATA_END = 0;
    private static final byte PRODUCER = 1;
    private static final int PRODUCER_HEADER_BYTES = 12;
    private static final int BATCH_BYTES = 24;

    private final BrokerClock clock;
    private final long expirationMs;
    private final int maxProducers;
    /** Those silent for longest come first. */
    private final Map<Long, ProducerEntry> producers = new LinkedHashMap<>();

    private long dataEnd;

    /**
     * @param expirationMs a producer silent for this long is forgotten, milliseconds
     * @param maxProducers of more producers those silent for longest are forgotten
     */
    ProducerStates(BrokerClock clock, long expirationMs, int maxProducers) {
        this.clock = clock;
        this.expirationMs = expirationMs;
        this.maxProducers = maxProducers;
    }

    @Override
    public byte tag() {
        return TAG;
    }

    /** One above the last offset whose batch is in here. */
    long dataEnd() {
        return dataEnd;
    }

    @Nullable
    ProducerEntry get(long producerId) {
        ProducerEntry entry = producers.get(producerId);
        return entry == null || isExpired(entry) ? null : entry;
    }

    /** The offset at which each producer's last batch ends. */
    Set<Long> lastOffsets() {
        return producers.values().stream().map(ProducerEntry::lastOffset).collect(Collectors.toUnmodifiableSet());
    }

    /** Takes a batch in that is in the log or about to be. */
    void onBatch(BatchInfo batch, long baseOffset) {
        dataEnd = Math.max(dataEnd, baseOffset + batch.count());
        if (!batch.hasProducer()) {
            return;
        }
        ProducerEntry entry = producers.remove(batch.producerId());
        if (entry == null || entry.epoch() != batch.producerEpoch()) {
            entry = new ProducerEntry(batch.producerEpoch());
        }
        producers.put(batch.producerId(), entry);
        entry.add(new Written(batch.firstSequence(), batch.lastSequence(), baseOffset, clock.wallMs()));
        forgetSilent();
    }

    private void forgetSilent() {
        Iterator<ProducerEntry> silentFirst = producers.values().iterator();
        while (silentFirst.hasNext()) {
            boolean expired = isExpired(silentFirst.next());
            if (!expired && producers.size() <= maxProducers) {
                return;
            }
            silentFirst.remove();
        }
    }

    private boolean isExpired(ProducerEntry entry) {
        return entry.lastTimestampMs() < clock.wallMs() - expirationMs;
    }

    @Override
    public void replay(ByteBuf record) {
        byte kind = record.readByte();
        switch (kind) {
            case DATA_END -> dataEnd = record.readLong();
            case PRODUCER -> replayProducer(record);
            default -> throw new IllegalStateException("A producer snapshot has a record of kind " + kind);
        }
    }

    private void replayProducer(ByteBuf record) {
        long producerId = record.readLong();
        ProducerEntry entry = new ProducerEntry(record.readShort());
        int count = record.readByte();
        for (int i = 0; i < count; i++) {
            entry.add(new Written(record.readInt(), record.readInt(), record.readLong(), record.readLong()));
        }
        producers.put(producerId, entry);
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        producers.values().removeIf(this::isExpired);
        ByteBuf end = PooledByteBufAllocator.DEFAULT.buffer(1 + Long.BYTES);
        writer.accept(new StateRecord(TAG, end.writeByte(DATA_END).writeLong(dataEnd)));
        producers.forEach((id, entry) -> writer.accept(new StateRecord(TAG, encode(id, entry))));
    }

    private static ByteBuf encode(long producerId, ProducerEntry entry) {
        ByteBuf record =
                PooledByteBufAllocator.DEFAULT.buffer(PRODUCER_HEADER_BYTES + ProducerEntry.KEPT_BATCHES * BATCH_BYTES);
        record.writeByte(PRODUCER).writeLong(producerId).writeShort(entry.epoch());
        int countIndex = record.writerIndex();
        record.writeByte(0);
        int count = 0;
        for (Written batch : entry.batches()) {
            record.writeInt(batch.firstSequence()).writeInt(batch.lastSequence());
            record.writeLong(batch.baseOffset()).writeLong(batch.timestampMs());
            count++;
        }
        return record.setByte(countIndex, count);
    }
}
