// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.ProducerEntry.Written;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.PartitionLog.EpochEnd;
import io.millrace.protocol.record.TransactionMarker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition whose log is open: appends run check, prepare, submit. A check changes nothing; what was prepared is
 * submitted in the same order. Owner only, but for the log's reads and the high watermark.
 */
final class Serving implements PartitionState {
    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    private final Partition partition;
    private final PartitionLog log;
    private final MachineSet machines;
    private final ProducerStates producers;
    private final BatchChecks checks;
    private final SnapshotPolicy snapshots;
    private final LossSignal loss;
    private final ReadAhead readAhead;
    private final Deque<InFlight> inFlight = new ArrayDeque<>();
    private long nextOffset;
    private long dataEnd;
    /** The last append that waits for something durable elsewhere, and for those before it. */
    private CompletableFuture<Void> decision = CompletableFuture.completedFuture(null);

    Serving(
            Partition partition,
            PartitionLog log,
            MachineSet machines,
            ProducerStates producers,
            BatchChecks checks,
            SnapshotPolicy snapshots,
            LossSignal loss,
            ReadAhead readAhead) {
        this.partition = partition;
        this.log = log;
        this.machines = machines;
        this.producers = producers;
        this.checks = checks;
        this.snapshots = snapshots;
        this.loss = loss;
        this.readAhead = readAhead;
        this.nextOffset = log.nextOffset();
        this.dataEnd = log.durableEndOffset();
    }

    @Override
    public boolean leadsTo(PartitionState next) {
        return next instanceof Lost || next instanceof Closed;
    }

    PartitionLog log() {
        return log;
    }

    boolean isTemporary() {
        return partition.isTemporary();
    }

    int leaderEpoch() {
        return log.leaderEpoch();
    }

    long nextOffset() {
        return nextOffset;
    }

    /** The log's own, which this loop learns of a little later: a reader must not be told less than it has read. */
    long highWatermark() {
        return log.durableEndOffset();
    }

    /**
     * Below it every transaction is decided by a durable marker, and no machine hides anything. The high watermark is read
     * first: a transaction that begins meanwhile lies above it. What a machine hid may have become durable as a whole
     * meanwhile, and part of it lie below that high watermark: then it is read again.
     */
    long lastStableOffset() {
        while (true) {
            long highWatermark = highWatermark();
            long stable = Math.min(
                    machines.stable(highWatermark), producers.transactions().firstUnstable());
            if (highWatermark == highWatermark()) {
                return Math.max(log.startOffset(), stable);
            }
        }
    }

    /** Where the next batch will start, or what is not stable yet. */
    long stableEnd() {
        return Math.min(machines.stable(nextOffset), producers.transactions().firstUnstable());
    }

    TransactionIndex transactions() {
        return producers.transactions();
    }

    boolean hasOpenTransaction(long producerId, short epoch) {
        return producers.hasOpenTransaction(producerId, epoch);
    }

    List<ProducerInfo> producers() {
        return producers.describe();
    }

    <T extends StateMachine> T machine(Class<T> type) {
        return machines.get(type);
    }

    /** Why the log was taken away, or {@code null} while it was not. */
    @Nullable
    Throwable lossCause() {
        return loss.cause();
    }

    CompletableFuture<LogSlice> read(long offset, int maxBytes) {
        long start = log.startOffset();
        long end = highWatermark();
        if (offset < start || offset > end) {
            throw new BrokerException(
                    Code.OFFSET_OUT_OF_RANGE,
                    "Offset " + offset + " of " + partition.id() + " is outside [" + start + ", " + end + "]");
        }
        return readAhead.read(log, offset, maxBytes);
    }

    CompletableFuture<Long> trimTo(long offset) {
        long end = highWatermark();
        long newStart = offset == Partition.ALL_RECORDS ? end : offset;
        if (newStart < 0 || newStart > end) {
            throw new BrokerException(
                    Code.OFFSET_OUT_OF_RANGE,
                    "Records of " + partition.id() + " cannot be deleted up to offset " + offset
                            + "; its high watermark is " + end);
        }
        return log.trimPrefix(newStart).thenApply(done -> log.startOffset());
    }

    /** The offset at which each known idempotent producer's last batch ends. */
    Set<Long> producersLastOffsets() {
        return producers.lastOffsets();
    }

    /**
     * Lets go what age and size allow and no state machine needs; completes with the first readable offset then.
     * Waits for what is in flight: what a machine needs no more must have survived first.
     */
    CompletableFuture<Long> retain(TopicConfig config, long nowMs) {
        List<LogSegment> segments = log.segments();
        long newStart = Retention.newStart(segments, config, machines.retentionFloor(config), nowMs);
        if (newStart <= log.startOffset()) {
            return CompletableFuture.completedFuture(log.startOffset());
        }
        LogSegment last = segments.get(segments.size() - 1);
        boolean ofActive = !last.sealed() && newStart == last.endOffset();
        LOG.info("Partition {}: retention deletes offsets {} to {}", partition.id(), log.startOffset(), newStart - 1);
        return allDurable()
                .thenCompose(done -> ofActive ? log.roll() : CompletableFuture.completedFuture(null))
                .thenCompose(done -> log.trimPrefix(newStart))
                .thenApply(done -> log.startOffset());
    }

    private CompletableFuture<?> allDurable() {
        InFlight last = inFlight.peekLast();
        return last == null ? CompletableFuture.completedFuture(null) : last.future;
    }

    Optional<EpochEnd> endOffsetForEpoch(int epoch) {
        if (epoch == log.leaderEpoch()) {
            return Optional.of(new EpochEnd(epoch, highWatermark()));
        }
        if (epoch > log.leaderEpoch()) {
            // As in Kafka: to answer with an earlier epoch's end would tell a client its records are all there.
            return Optional.empty();
        }
        return log.endOffsetForEpoch(epoch);
    }

    /** Validates batches and sequences. Fails with a coded exception; changes nothing. */
    Checked check(Append append) {
        List<BatchInfo> batches = checks.check(append, partition.id());
        if (partition.isTemporary()) {
            checkRoom(batches);
        }
        if (append.origin() == Origin.COORDINATOR) {
            checkMarker(batches.get(0));
        }
        boolean idempotent = batches.stream().anyMatch(BatchInfo::hasProducer);
        if (!idempotent || !append.origin().isProducer()) {
            return new Checked(append, batches, null);
        }
        if (batches.size() != 1) {
            throw new BrokerException(
                    Code.INVALID_RECORD,
                    "An append to " + partition.id() + " has " + batches.size()
                            + " batches; with a producer id it may have one");
        }
        BatchInfo batch = batches.get(0);
        ProducerEntry producer = producers.get(batch.producerId());
        Written duplicate = producer == null ? null : producer.duplicateOf(batch);
        if (duplicate == null && producer != null) {
            if (producer.isOpen() && !batch.transactional()) {
                throw new BrokerException(
                        Code.INVALID_TXN_STATE,
                        "Producer " + batch.producerId() + " sent a batch outside of its transaction to "
                                + partition.id() + ", where the transaction is undecided");
            }
            producer.checkNext(batch, partition.id());
        }
        return new Checked(append, batches, duplicate);
    }

    private void checkMarker(BatchInfo batch) {
        TransactionMarker marker = TransactionMarker.read(PooledByteBufAllocator.DEFAULT, batch.batch(), 0);
        ProducerEntry producer = producers.get(batch.producerId());
        if (producer != null && marker != null) {
            producer.checkMarker(batch, marker.coordinatorEpoch(), partition.id());
        }
    }

    private void checkRoom(List<BatchInfo> batches) {
        trimConsumed();
        long wanted = batches.stream()
                .mapToLong(batch -> batch.batch().readableBytes())
                .sum();
        if (wanted > log.freeBytes()) {
            throw new BrokerException(
                    Code.FULL,
                    "Temporary destination " + partition.id().topic() + " is full: " + log.sizeBytes()
                            + " bytes wait in it, " + wanted + " more do not fit into the broker's bounds ("
                            + BrokerConfigKeys.JMS_TEMPORARY_MAX_BYTES.name() + ", "
                            + BrokerConfigKeys.JMS_TEMPORARY_TOTAL_BYTES.name() + "); receive from it first");
        }
    }

    /** Of a log in memory, lets go what no group needs any more. */
    void trimConsumed() {
        long floor = Math.min(machines.retentionFloor(partition.config()), log.durableEndOffset());
        if (floor > log.startOffset()) {
            var unused = log.trimPrefix(floor);
        }
    }

    /** Assigns offsets in place and takes batches and state into memory. */
    Prepared prepare(Checked checked) {
        Append append = checked.append;
        if (checked.duplicate != null) {
            append.release();
            return new Prepared(
                    null,
                    new Appended(
                            List.of(checked.duplicate.baseOffset()),
                            checked.duplicate.lastOffset() + 1,
                            log.startOffset(),
                            checks.appendTimeMs().isPresent() ? checked.duplicate.timestampMs() : -1,
                            true));
        }
        List<Long> baseOffsets = new ArrayList<>(checked.batches.size());
        long maxTimestampMs = -1;
        OptionalLong appendTimeMs = checks.appendTimeMs();
        for (BatchInfo given : checked.batches) {
            BatchInfo batch = appendTimeMs.isPresent() ? given.withAppendTime(appendTimeMs.getAsLong()) : given;
            batch.assign(nextOffset, log.leaderEpoch());
            producers.onBatch(batch, nextOffset);
            baseOffsets.add(nextOffset);
            maxTimestampMs = Math.max(maxTimestampMs, batch.maxTimestampMs());
            nextOffset += batch.count();
            dataEnd = nextOffset;
        }
        for (StateRecord record : append.state()) {
            machines.replay(record.tag(), record.payload().duplicate());
        }
        ByteBuf data = null;
        if (!append.batches().isEmpty()) {
            data = Unpooled.wrappedBuffer(append.batches().toArray(ByteBuf[]::new));
            snapshots.onData(data.readableBytes());
        }
        ByteBuf state = null;
        if (!append.state().isEmpty()) {
            state = StateEntry.encode(append.state(), dataEnd, false);
            snapshots.onState(state.readableBytes());
        }
        return new Prepared(
                new LogAppend(log, data, nextOffset - 1, maxTimestampMs, state, false, append.urgency()),
                new Appended(
                        baseOffsets,
                        nextOffset,
                        log.startOffset(),
                        checked.batches.isEmpty() ? -1 : appendTimeMs.orElse(-1),
                        false));
    }

    CompletableFuture<Appended> submit(Prepared prepared) {
        LogAppend append = prepared.append;
        return append == null ? afterOriginal(prepared.answer) : track(prepared, write(append));
    }

    private CompletableFuture<Void> write(LogAppend append) {
        return decision.isDone() ? log.append(append) : writeAfter(decision, append);
    }

    /**
     * Writes to a log in memory once something else is durable: the other part of a bundle, which decides it. Later
     * appends wait behind it, for the log's order.
     */
    CompletableFuture<Void> writeAfter(CompletableFuture<Void> durable, LogAppend append) {
        CompletableFuture<Void> first = decision.isDone() ? durable : decision.thenCompose(done -> durable);
        CompletableFuture<Void> written = new CompletableFuture<>();
        Completions.whenDone(first, (done, failure) -> {
            if (failure == null) {
                Completions.whenDone(log.append(append), (appended, refused) -> {
                    if (refused == null) {
                        written.complete(null);
                    } else {
                        written.completeExceptionally(refused);
                    }
                });
            } else {
                append.release();
                written.completeExceptionally(failure);
            }
        });
        decision = written;
        return written;
    }

    /** Completes when {@code durable} does, in append order, on the owner. */
    CompletableFuture<Appended> track(Prepared prepared, CompletableFuture<Void> durable) {
        InFlight entry = new InFlight(prepared.answer, prepared.append != null && prepared.append.data() != null);
        inFlight.add(entry);
        Completions.whenDone(durable, (done, failure) -> partition.execute(() -> onDurable(entry, failure)));
        if (snapshots.isDue()) {
            appendSnapshot();
        }
        return entry.future;
    }

    /** A duplicate is answered once the original is durable: with everything that is in flight now. */
    CompletableFuture<Appended> afterOriginal(Appended answer) {
        InFlight last = inFlight.peekLast();
        return last == null ? CompletableFuture.completedFuture(answer) : last.future.thenApply(done -> answer);
    }

    void onServing() {
        if (snapshots.isDue()) {
            appendSnapshot();
        }
        machines.onServing();
    }

    void onLost(Throwable cause) {
        BrokerException failure = StorageFailures.translate(partition.id(), cause);
        List<InFlight> failed = List.copyOf(inFlight);
        inFlight.clear();
        machines.onLost();
        readAhead.forget(log);
        failed.forEach(entry -> entry.future.completeExceptionally(failure));
    }

    /** Fails nothing that is on its way to the disk as success, but nobody is told any more. */
    void onClosed() {
        onLost(new BrokerException(Code.NOT_LEADER, "Partition " + partition.id() + " was closed on this broker"));
    }

    /** Makes the next recovery short. */
    void writeLastSnapshot() {
        if (snapshots.isWorthwhile()) {
            appendSnapshot();
        }
    }

    private void onDurable(InFlight entry, @Nullable Throwable failure) {
        if (!inFlight.contains(entry)) {
            return;
        }
        if (failure != null) {
            partition.onLost(this, failure);
            return;
        }
        inFlight.remove(entry);
        entry.future.complete(entry.answer);
        if (entry.hasData) {
            machines.onHighWatermark(entry.answer.nextOffset());
            partition.onHighWatermark(entry.answer.nextOffset());
        }
    }

    private void appendSnapshot() {
        producers.transactions().trimTo(log.startOffset());
        ByteBuf entry = StateEntry.encode(machines.snapshot(), dataEnd, true);
        LOG.debug(
                "Partition {}: state snapshot of {} bytes at offset {}",
                partition.id(),
                entry.readableBytes(),
                dataEnd);
        snapshots.onSnapshot(entry.readableBytes());
        Appended nothing = new Appended(List.of(), nextOffset, log.startOffset(), -1, false);
        LogAppend append = LogAppend.ofState(log, entry, true);
        var unused = track(new Prepared(append, nothing), write(append));
    }

    @Override
    public String toString() {
        return "Serving[epoch=" + log.leaderEpoch() + ", start=" + log.startOffset() + ", next=" + nextOffset + "]";
    }

    /** An append that may be made, and the batch it repeats if it does. */
    record Checked(
            Append append,
            List<BatchInfo> batches,
            @Nullable Written duplicate) {}

    /** An append in memory; without {@code append} there is nothing to write. */
    record Prepared(@Nullable LogAppend append, Appended answer) {}

    private static final class InFlight {
        private final Appended answer;
        private final boolean hasData;
        private final CompletableFuture<Appended> future = new CompletableFuture<>();

        InFlight(Appended answer, boolean hasData) {
            this.answer = answer;
            this.hasData = hasData;
        }
    }
}
