// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.partition.ProducerEntry.Written;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.record.TransactionMarker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
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
 *   after that, of one that had a transaction:
 *                               int8 2, int64 producer id, int64 last heard of, int32 coordinator epoch, int64 open offset
 *   one for each aborted one:   int8 3, int64 producer id, int64 first offset, int64 marker offset
 *   what is complete of those:  int8 4, int64 offset
 * </pre>
 *
 * Transactions are found again the same way: by their batches and markers.
 */
final class ProducerStates implements StateMachine {
    static final byte TAG = 1;
    private static final byte DATA_END = 0;
    private static final byte PRODUCER = 1;
    private static final byte TRANSACTION = 2;
    private static final byte ABORTED = 3;
    private static final byte ABORTED_FROM = 4;
    private static final int PRODUCER_HEADER_BYTES = 12;
    private static final int BATCH_BYTES = 24;

    private final BrokerClock clock;
    private final long expirationMs;
    private final int maxProducers;
    /** Those silent for longest come first. */
    private final Map<Long, ProducerEntry> producers = new LinkedHashMap<>();

    private final TransactionIndex transactions;
    private long dataEnd;

    /**
     * @param expirationMs a producer silent for this long is forgotten, milliseconds
     * @param maxProducers of more producers those silent for longest are forgotten
     * @param maxAborted how many aborted transactions are kept in memory
     */
    ProducerStates(BrokerClock clock, long expirationMs, int maxProducers, int maxAborted) {
        this.clock = clock;
        this.expirationMs = expirationMs;
        this.maxProducers = maxProducers;
        this.transactions = new TransactionIndex(maxAborted);
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
        if (batch.control()) {
            onMarker(batch, baseOffset);
            return;
        }
        ProducerEntry entry = take(batch);
        entry.add(new Written(batch.firstSequence(), batch.lastSequence(), baseOffset, clock.wallMs()));
        if (batch.transactional() && !entry.isOpen()) {
            entry.openAt(baseOffset);
            transactions.onOpened(baseOffset);
        }
        forgetSilent();
    }

    private void onMarker(BatchInfo batch, long offset) {
        TransactionMarker marker = TransactionMarker.read(PooledByteBufAllocator.DEFAULT, batch.batch(), 0);
        if (marker == null) {
            return;
        }
        ProducerEntry entry = take(batch);
        if (entry.isOpen()) {
            transactions.onEnded(batch.producerId(), entry.openOffset(), offset, marker.commit());
        }
        entry.onMarker(marker.coordinatorEpoch(), clock.wallMs());
        forgetSilent();
    }

    /** The batch's producer, at its epoch, as the one heard of last. */
    private ProducerEntry take(BatchInfo batch) {
        ProducerEntry before = producers.remove(batch.producerId());
        ProducerEntry entry = before != null && before.epoch() == batch.producerEpoch()
                ? before
                : before == null
                        ? new ProducerEntry(batch.producerEpoch())
                        : new ProducerEntry(batch.producerEpoch(), before);
        producers.put(batch.producerId(), entry);
        return entry;
    }

    /** Who has an undecided transaction is never forgotten. */
    private void forgetSilent() {
        Iterator<ProducerEntry> silentFirst = producers.values().iterator();
        while (silentFirst.hasNext()) {
            ProducerEntry entry = silentFirst.next();
            if (!isExpired(entry) && producers.size() <= maxProducers) {
                return;
            }
            if (!entry.isOpen()) {
                silentFirst.remove();
            }
        }
    }

    private boolean isExpired(ProducerEntry entry) {
        return !entry.isOpen() && entry.lastTimestampMs() < clock.wallMs() - expirationMs;
    }

    /** Which transactions are undecided, and which were aborted. */
    TransactionIndex transactions() {
        return transactions;
    }

    boolean hasOpenTransaction(long producerId, short epoch) {
        ProducerEntry entry = producers.get(producerId);
        return entry != null && entry.epoch() == epoch && entry.isOpen();
    }

    /** What is known of each producer. */
    List<ProducerInfo> describe() {
        List<ProducerInfo> infos = new ArrayList<>();
        producers.forEach((id, entry) -> {
            if (!isExpired(entry)) {
                infos.add(new ProducerInfo(
                        id,
                        entry.epoch(),
                        entry.lastSequence(),
                        entry.lastTimestampMs(),
                        entry.coordinatorEpoch(),
                        entry.openOffset()));
            }
        });
        return infos;
    }

    /** No record of an undecided transaction is deleted by age or size. */
    @Override
    public long retentionFloor(TopicConfig config) {
        return transactions.firstUnstable();
    }

    @Override
    public void onHighWatermark(long highWatermark) {
        transactions.onHighWatermark(highWatermark);
    }

    @Override
    public void replay(ByteBuf record) {
        byte kind = record.readByte();
        switch (kind) {
            case DATA_END -> dataEnd = record.readLong();
            case PRODUCER -> replayProducer(record);
            case TRANSACTION -> replayTransaction(record);
            case ABORTED ->
                transactions.onAborted(new AbortedTransaction(record.readLong(), record.readLong(), record.readLong()));
            case ABORTED_FROM -> transactions.completeFrom(record.readLong());
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

    private void replayTransaction(ByteBuf record) {
        long producerId = record.readLong();
        ProducerEntry entry = producers.get(producerId);
        if (entry == null) {
            throw new IllegalStateException("A producer snapshot has a transaction of unknown producer " + producerId);
        }
        entry.restore(record.readLong(), record.readInt(), record.readLong());
        if (entry.isOpen()) {
            transactions.onOpened(entry.openOffset());
        }
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        producers.values().removeIf(this::isExpired);
        ByteBuf end = PooledByteBufAllocator.DEFAULT.buffer(1 + Long.BYTES);
        writer.accept(new StateRecord(TAG, end.writeByte(DATA_END).writeLong(dataEnd)));
        producers.forEach((id, entry) -> {
            writer.accept(new StateRecord(TAG, encode(id, entry)));
            if (entry.isOpen() || entry.coordinatorEpoch() >= 0) {
                writer.accept(new StateRecord(TAG, encodeTransaction(id, entry)));
            }
        });
        for (AbortedTransaction aborted : transactions.kept()) {
            ByteBuf record = PooledByteBufAllocator.DEFAULT.buffer(1 + 3 * Long.BYTES);
            record.writeByte(ABORTED).writeLong(aborted.producerId());
            writer.accept(
                    new StateRecord(TAG, record.writeLong(aborted.firstOffset()).writeLong(aborted.lastOffset())));
        }
        if (transactions.completeFrom() > 0) {
            ByteBuf from = PooledByteBufAllocator.DEFAULT.buffer(1 + Long.BYTES);
            writer.accept(new StateRecord(TAG, from.writeByte(ABORTED_FROM).writeLong(transactions.completeFrom())));
        }
    }

    private static ByteBuf encodeTransaction(long producerId, ProducerEntry entry) {
        ByteBuf record = PooledByteBufAllocator.DEFAULT.buffer(1 + 3 * Long.BYTES + Integer.BYTES);
        record.writeByte(TRANSACTION).writeLong(producerId).writeLong(entry.lastTimestampMs());
        return record.writeInt(entry.coordinatorEpoch()).writeLong(entry.openOffset());
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
