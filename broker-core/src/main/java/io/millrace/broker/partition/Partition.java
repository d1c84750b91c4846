// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.PartitionState.Closed;
import io.millrace.broker.partition.PartitionState.Lost;
import io.millrace.broker.partition.PartitionState.Opening;
import io.millrace.broker.partition.Serving.Checked;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.storage.LogSettings;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.PartitionLog.EpochEnd;
import io.millrace.broker.storage.PartitionLog.TimestampOffset;
import io.millrace.protocol.record.TransactionMarker;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition this broker owns, on the one {@link OwnerLoop} that owns it. Methods that change it run on that loop, by
 * way of {@link #execute}; what may be called from any thread says so. It outlives a loss of its log: the state is then
 * discarded, the log acquired again under a new epoch and everything rebuilt (the life cycle stands at {@link
 * PartitionState}).
 */
public final class Partition {
    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);
    /** To {@link #deleteRecordsBefore}: up to the high watermark. */
    public static final long ALL_RECORDS = -1;

    private static final long FIRST_RETRY_MS = 50;
    private static final long LAST_RETRY_MS = 5_000;

    private final PartitionId id;
    private final OwnerLoop loop;
    private final PartitionOpener opener;
    private final Lending lending;
    private final DataWaiters waiters = new DataWaiters();
    private final DataWaiters stableWaiters = new DataWaiters();
    private final TransactionalAppends transactional = new TransactionalAppends(this);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile CompletableFuture<Partition> served = new CompletableFuture<>();
    private volatile PartitionState state = new Opening(0);

    private volatile TopicConfig config;
    private volatile BatchRules rules;

    Partition(PartitionId id, OwnerLoop loop, PartitionOpener opener, TopicConfig config) {
        this.id = id;
        this.loop = loop;
        this.opener = opener;
        this.config = config;
        this.rules = BatchRules.of(config);
        this.lending = new Lending(loop);
    }

    public PartitionId id() {
        return id;
    }

    public OwnerLoop loop() {
        return loop;
    }

    /** What its topic goes by at present. Any thread. */
    public TopicConfig config() {
        return config;
    }

    /** Runs {@code task} on the owner loop, in order; kept back while the partition is lent. Any thread. */
    public void execute(Runnable task) {
        lending.execute(task);
    }

    /** As {@link #execute}, after {@code delayMs} milliseconds. Any thread. */
    public OwnerLoop.Timer schedule(Runnable task, long delayMs) {
        return loop.schedule(() -> lending.runInLoop(task), delayMs);
    }

    /** Whether the calling thread may change this partition now. */
    public boolean inOwner() {
        return lending.heldByCaller();
    }

    /** Whether appends and reads are taken. Any thread. */
    public boolean isServing() {
        return state instanceof Serving;
    }

    /** Completes on an unspecified thread when the partition serves; fails when it is closed first. Any thread. */
    public CompletableFuture<Partition> whenServing() {
        return served;
    }

    /** The epoch under which this broker leads the partition. Any thread. */
    public int leaderEpoch() {
        return serving().leaderEpoch();
    }

    /** The first offset that can be read. Any thread. */
    public long startOffset() {
        return serving().log().startOffset();
    }

    /** One above the last durable offset. Any thread. */
    public long highWatermark() {
        return serving().highWatermark();
    }

    /**
     * Below it every transaction is decided: where who reads committed records only has to stop; at most the high
     * watermark (KIP-98). Any thread.
     */
    public long lastStableOffset() {
        return serving().lastStableOffset();
    }

    /**
     * The aborted transactions with batches in {@code [from, end)}, by their markers; {@code end} is at most the last
     * stable offset. Completes at once unless {@code from} lies far back. Any thread.
     */
    public CompletableFuture<List<AbortedTransaction>> abortedTransactions(long from, long end) {
        Serving serving;
        try {
            serving = serving();
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        TransactionIndex index = serving.transactions();
        List<AbortedTransaction> found = index.aborted(from, end);
        // Asked after the look: what was forgotten before it is below the limit then.
        return from >= index.completeFrom()
                ? CompletableFuture.completedFuture(found)
                : AbortedScan.find(this, Math.max(from, startOffset()), end, serving.lastStableOffset());
    }

    /**
     * Appends a batch of a transactional producer once the transaction's coordinator agrees; takes over one reference of
     * the buffer. Completes as {@link #append} does; fails with the verifier's failure too. Owner only.
     */
    public CompletableFuture<Appended> appendTransactional(ByteBuf batch, TransactionVerifier verifier) {
        checkOwner();
        return transactional.append(batch, verifier);
    }

    /**
     * Ends a producer's transaction in this partition, whether there is one or not. Fails with {@code
     * INVALID_PRODUCER_EPOCH} where a later epoch of the producer is known, with {@code COORDINATOR_FENCED} where a later
     * one of the coordinator is. Owner only.
     */
    public CompletableFuture<Appended> endTransaction(long producerId, short producerEpoch, TransactionMarker marker) {
        checkOwner();
        return transactional.end(producerId, producerEpoch, marker);
    }

    /** What is known of the idempotent and transactional producers. Owner only. */
    public List<ProducerInfo> producers() {
        return serving().producers();
    }

    /** Where the next batch will start, or the first undecided transaction. Owner only. */
    public long stableEnd() {
        return serving().stableEnd();
    }

    /** Where the next batch will start. Owner only. */
    public long nextOffset() {
        return serving().nextOffset();
    }

    /** Bytes the log takes on its medium. Any thread. */
    public long sizeBytes() {
        return serving().log().sizeBytes();
    }

    /** The partition's state machine of this class. Owner only. */
    public <T extends StateMachine> T machine(Class<T> type) {
        return serving().machine(type);
    }

    /**
     * Appends; takes over one reference of each buffer, also when it fails. Offsets are assigned and state is replayed
     * at once, the future completes on the owner when all of it is durable. Fails with a {@link BrokerException}. Owner
     * only.
     */
    public CompletableFuture<Appended> append(Append append) {
        checkOwner();
        if (!(state instanceof Serving serving)) {
            append.release();
            return CompletableFuture.failedFuture(notServing());
        }
        Checked checked;
        try {
            checked = serving.check(append);
        } catch (RuntimeException refused) {
            append.release();
            return CompletableFuture.failedFuture(refused);
        }
        try {
            return serving.submit(serving.prepare(checked));
        } catch (RuntimeException defect) {
            // What is in memory may be half of the append: it is thrown away and rebuilt from the log.
            onLost(serving, defect);
            return CompletableFuture.failedFuture(defect);
        }
    }

    /** Whether an append's batches would be taken now; changes nothing. Fails as {@link #append} would. Owner only. */
    public void check(Append append) {
        checkOwner();
        var unused = serving().check(append);
    }

    /**
     * Reads whole batches from the one that holds {@code offset} on, durable ones only. Fails with {@code
     * OFFSET_OUT_OF_RANGE} outside {@code [startOffset, highWatermark]}. Any thread; completes at once
     * for what was written just now, else on a thread of the store.
     *
     * @param maxBytes the most bytes; one batch is returned however large it is
     */
    public CompletableFuture<LogSlice> read(long offset, int maxBytes) {
        return StorageFailures.translated(id, () -> serving().read(offset, maxBytes));
    }

    /** The first record at or after a timestamp, milliseconds since the epoch. Any thread. */
    public CompletableFuture<Optional<TimestampOffset>> offsetForTimestamp(long timestampMs) {
        return StorageFailures.translated(id, () -> serving().log().offsetForTimestamp(timestampMs));
    }

    /**
     * Raises the first readable offset for good (Kafka's DeleteRecords); space is freed in the background. Completes, on
     * an unspecified thread, when that survives a crash, with the first readable offset then: higher than asked for
     * where it was so already. Fails with {@code OFFSET_OUT_OF_RANGE} outside {@code [0, highWatermark]}. Of a JMS
     * destination the deleted messages are gone for all its groups, as if each had finished with them: like a purge, an
     * operator's decision. Any thread.
     *
     * @param offset the first offset to keep; {@link #ALL_RECORDS} deletes all that is durable now
     */
    public CompletableFuture<Long> deleteRecordsBefore(long offset) {
        return StorageFailures.translated(id, () -> serving().trimTo(offset));
    }

    /**
     * The end of the largest leader epoch at or below {@code epoch} (KIP-101); empty for one that this log never had:
     * before its first, or above the present one. Any thread.
     */
    public Optional<EpochEnd> endOffsetForEpoch(int epoch) {
        return serving().endOffsetForEpoch(epoch);
    }

    /**
     * Runs {@code listener} once, on an unspecified thread, as soon as the high watermark is above {@code offset} or
     * the partition serves no more; at once when that is so already. Any thread.
     */
    public Cancellation awaitData(long offset, Runnable listener) {
        return waiters.add(offset, listener, () -> state instanceof Serving s ? s.highWatermark() : Long.MAX_VALUE);
    }

    /** As {@link #awaitData}, for the last stable offset. Any thread. */
    public Cancellation awaitStable(long offset, Runnable listener) {
        return stableWaiters.add(
                offset, listener, () -> state instanceof Serving s ? s.lastStableOffset() : Long.MAX_VALUE);
    }

    @Override
    public String toString() {
        return id + " (" + state.getClass().getSimpleName() + ")";
    }

    /** Starts to open. Any thread, once. */
    void start() {
        execute(() -> open(1));
    }

    /** The broker's wall clock, milliseconds since the epoch. Any thread. */
    public long nowMs() {
        return opener.clock().wallMs();
    }

    BatchRules rules() {
        return rules;
    }

    /** From now on goes by other settings. Any thread. */
    void configure(TopicConfig changed) {
        config = changed;
        rules = BatchRules.of(changed);
        if (state instanceof Serving serving) {
            serving.log().configure(logSettings());
        }
    }

    /** How the log is cut at present. Any thread. */
    LogSettings logSettings() {
        TopicConfig present = config;
        long segmentMs = present.get(TopicConfigKeys.SEGMENT_MS);
        return new LogSettings(
                present.get(TopicConfigKeys.SEGMENT_BYTES),
                present.isCompacted()
                        ? Math.min(segmentMs, present.get(TopicConfigKeys.MAX_COMPACTION_LAG_MS))
                        : segmentMs,
                present.get(TopicConfigKeys.INDEX_INTERVAL_BYTES));
    }

    /**
     * Deletes what retention allows; completes with the first readable offset then. Does nothing with the broker's own
     * topics, whose records are no history. Any thread.
     */
    CompletableFuture<Long> retain() {
        CompletableFuture<Long> done = new CompletableFuture<>();
        execute(() -> Completions.whenDone(
                StorageFailures.translated(
                        id,
                        () -> ReservedNames.isInternalTopic(id.topic())
                                ? CompletableFuture.completedFuture(startOffset())
                                : serving().retain(config, nowMs())),
                (start, failure) -> {
                    if (start != null) {
                        done.complete(start);
                    } else {
                        done.completeExceptionally(failure == null ? new IllegalStateException("no answer") : failure);
                    }
                }));
        return done;
    }

    /** Of a log in memory, lets go what no group needs any more; an append does so too. Any thread. */
    void trimConsumed() {
        execute(() -> {
            if (state instanceof Serving serving) {
                serving.trimConsumed();
            }
        });
    }

    /** Whether it is a temporary destination's: in memory, with all its groups. Any thread. */
    public boolean isTemporary() {
        return ReservedNames.isTemporary(id.topic());
    }

    /** Ends this partition's life here; completes when its log is closed. Any thread. Idempotent. */
    CompletableFuture<Void> close(String reason) {
        execute(() -> onClose(reason));
        return closed;
    }

    /** The serving state. Fails with {@code NOT_LEADER} in any other. */
    Serving serving() {
        if (state instanceof Serving serving) {
            return serving;
        }
        throw notServing();
    }

    Lending lending() {
        return lending;
    }

    void onHighWatermark(long highWatermark) {
        waiters.onHighWatermark(highWatermark);
        if (state instanceof Serving serving) {
            stableWaiters.onHighWatermark(serving.lastStableOffset());
        }
    }

    /** An append failed or the store took the log away. Owner only. */
    void onLost(Serving lost, Throwable cause) {
        if (state == lost) {
            lost.onLost(cause);
            lose(1, cause);
        }
    }

    private void open(int attempt) {
        if (state instanceof Closed) {
            return;
        }
        if (!(state instanceof Opening)) {
            transition(new Opening(attempt));
        }
        Completions.whenDone(
                opener.open(this),
                (opened, failure) -> execute(() -> {
                    if (opened != null) {
                        onOpened(opened);
                    } else {
                        onOpenFailed(attempt, failure == null ? new IllegalStateException("no log") : failure);
                    }
                }));
    }

    private void onOpened(Serving opened) {
        if (state instanceof Closed) {
            closeLog(opened);
            return;
        }
        transition(opened);
        opened.log().configure(logSettings());
        Throwable lost = opened.lossCause();
        if (lost != null) {
            onLost(opened, lost);
            return;
        }
        opened.onServing();
        served.complete(this);
    }

    private void onOpenFailed(int attempt, Throwable failure) {
        if (!(state instanceof Closed)) {
            lose(attempt, failure);
        }
    }

    private void lose(int attempts, Throwable cause) {
        if (served.isDone()) {
            served = new CompletableFuture<>();
        }
        transition(new Lost(attempts, cause));
        waiters.onNotServing();
        stableWaiters.onNotServing();
        long delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS << Math.min(attempts - 1, 10));
        var unused = schedule(() -> open(attempts + 1), delayMs);
    }

    private void onClose(String reason) {
        if (state instanceof Closed) {
            return;
        }
        PartitionState last = state;
        transition(new Closed(reason));
        served.completeExceptionally(notServing());
        waiters.onNotServing();
        stableWaiters.onNotServing();
        if (last instanceof Serving serving) {
            serving.writeLastSnapshot();
            serving.onClosed();
            closeLog(serving);
        } else {
            closed.complete(null);
        }
    }

    private void closeLog(Serving serving) {
        Completions.whenDone(serving.log().close(), (done, failure) -> {
            if (failure != null) {
                LOG.warn("Closing the log of {} failed: {}", id, failure.toString());
            }
            closed.complete(null);
        });
    }

    private void transition(PartitionState next) {
        PartitionState last = state;
        if (!last.leadsTo(next)) {
            throw new IllegalStateException("Partition " + id + " cannot go from " + last + " to " + next);
        }
        state = next;
        if (next instanceof Lost) {
            LOG.warn("Partition {}: {} -> {}", id, last, next);
        } else {
            LOG.debug("Partition {}: {} -> {}", id, last, next);
        }
    }

    private BrokerException notServing() {
        return new BrokerException(
                Code.NOT_LEADER, "Partition " + id + " is not served by this broker now; look its leader up again");
    }

    private void checkOwner() {
        if (!inOwner()) {
            throw new IllegalStateException("Partition " + id + " was touched outside its owner loop, by "
                    + Thread.currentThread().getName());
        }
    }
}
