// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.config.GroupConfigKeys;
import io.millrace.broker.config.GroupSettings;
import io.millrace.broker.partition.AbortedTransactions;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.time.BrokerClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A share group on a partition, on the partition's owner loop: acquires records for members, one read at a time, settles
 * what they acknowledge and ends what they keep too long. The rules are {@link ShareState}'s.
 */
final class SharePartition {
    private static final Logger LOG = LoggerFactory.getLogger(SharePartition.class);

    private final Partition partition;
    private final int id;
    private final String groupId;
    private final ShareState state;
    private final Supplier<GroupSettings> settings;
    private final BrokerClock clock;
    private final DeliveryGroup.Journal journal;
    private final Deque<Pending> queue = new ArrayDeque<>();
    private final List<Runnable> waiters = new ArrayList<>();
    private OwnerLoop.@Nullable Timer timer;
    private boolean reading;
    private boolean lost;

    private record Pending(ShareFetch fetch, CompletableFuture<ShareAcquired> answer) {}

    SharePartition(
            Partition partition,
            int id,
            String groupId,
            long startOffset,
            Supplier<GroupSettings> settings,
            BrokerClock clock,
            DeliveryGroup.Journal journal) {
        this.partition = partition;
        this.id = id;
        this.groupId = groupId;
        this.state = new ShareState(id, startOffset);
        this.settings = settings;
        this.clock = clock;
        this.journal = journal;
    }

    int id() {
        return id;
    }

    String groupId() {
        return groupId;
    }

    ShareState state() {
        return state;
    }

    /** Acquires what is there now; completes with nothing when there is nothing. */
    CompletableFuture<ShareAcquired> acquire(ShareFetch fetch) {
        Pending pending = new Pending(fetch, new CompletableFuture<>());
        queue.add(pending);
        next();
        return pending.answer;
    }

    private void next() {
        while (!reading && !queue.isEmpty()) {
            start(queue.remove());
        }
    }

    private void start(Pending pending) {
        if (lost) {
            pending.answer.completeExceptionally(notServed());
            return;
        }
        expire();
        state.trimTo(partition.startOffset());
        long free = settings.get().get(GroupConfigKeys.SHARE_PARTITION_MAX_RECORD_LOCKS)
                - state.engine().inFlight().count();
        long end = state.engine().end(readableEnd());
        OffsetRange first =
                free <= 0 ? null : state.engine().firstAvailable(state.engine().lowWatermark(), end - 1);
        if (first == null) {
            pending.answer.complete(ShareAcquired.NOTHING);
            return;
        }
        reading = true;
        Completions.whenDone(
                read(first.first(), pending.fetch.maxBytes()),
                (slice, failure) -> partition.execute(() -> onRead(pending, first.first(), end, free, slice, failure)));
    }

    private boolean readsCommitted() {
        return settings.get().get(GroupConfigKeys.SHARE_ISOLATION_LEVEL).equals("read_committed");
    }

    /** Who reads committed records only stops at the first undecided transaction (KIP-932). */
    private long readableEnd() {
        return readsCommitted() ? partition.lastStableOffset() : partition.highWatermark();
    }

    private CompletableFuture<CommittedRead> read(long offset, int maxBytes) {
        return readsCommitted()
                ? CommittedRead.of(partition, offset, maxBytes)
                : partition
                        .read(offset, maxBytes)
                        .thenApply(slice -> new CommittedRead(slice, AbortedTransactions.NONE));
    }

    private void onRead(
            Pending pending,
            long from,
            long end,
            long free,
            @Nullable CommittedRead slice,
            @Nullable Throwable failure) {
        reading = false;
        boolean trimmed = failure instanceof BrokerException broker && broker.code() == Code.OFFSET_OUT_OF_RANGE;
        if (trimmed && !lost && partition.startOffset() > from) {
            queue.addFirst(pending); // retention took the records meanwhile: look on behind them
        } else if (slice == null) {
            pending.answer.completeExceptionally(
                    failure == null ? new IllegalStateException("a read gave nothing") : failure);
        } else {
            try (slice) {
                take(pending, from, end, free, slice);
            } catch (RuntimeException defect) {
                pending.answer.completeExceptionally(defect);
            }
        }
        next();
    }

    private void take(Pending pending, long from, long end, long free, CommittedRead slice) {
        if (lost) {
            pending.answer.completeExceptionally(notServed());
            return;
        }
        ShareFetch fetch = pending.fetch;
        long deadlineMs = nowMs() + settings.get().get(GroupConfigKeys.SHARE_RECORD_LOCK_DURATION_MS);
        ShareCollector collector = new ShareCollector(state, fetch, free, deadlineMs);
        collector.collect(slice.buffer(), slice.aborted(), from, end);
        if (collector.isEmpty() && collector.examinedTo() > from) {
            // Nothing but offsets without records: look on behind them.
            queue.addFirst(pending);
            return;
        }
        pending.answer.complete(collector.finish(slice.buffer()));
        arm();
    }

    /** How many bytes {@link #acquire} could give now, counted up to {@code enough}. */
    CompletableFuture<Integer> availableBytes(int enough) {
        long end = state.engine().end(readableEnd());
        OffsetRange first = state.engine().firstAvailable(state.engine().lowWatermark(), end - 1);
        return lost || first == null
                ? CompletableFuture.completedFuture(0)
                : partition.read(first.first(), enough).thenApply(slice -> {
                    try (slice) {
                        return Math.min(enough, slice.size());
                    }
                });
    }

    /**
     * Settles all of what a member acknowledges or nothing of it; completes when it is durable. Fails with a {@link
     * ShareException}.
     */
    CompletableFuture<Void> acknowledge(UUID member, List<ShareAck> acks) {
        expire();
        state.trimTo(partition.startOffset());
        GroupSettings present = settings.get();
        if (!present.get(GroupConfigKeys.SHARE_RENEW_ACKNOWLEDGE_ENABLE)
                && acks.stream().anyMatch(ack -> ack.type() == ShareAck.Type.RENEW)) {
            throw new ShareException(
                    ShareException.Code.INVALID_RECORD_STATE,
                    "Group " + groupId + " does not allow to renew: its share.renew.acknowledge.enable is false");
        }
        ShareState.Change change = state.acknowledge(
                member,
                acks,
                present.get(GroupConfigKeys.SHARE_DELIVERY_COUNT_LIMIT),
                nowMs() + present.get(GroupConfigKeys.SHARE_RECORD_LOCK_DURATION_MS));
        return perform(change);
    }

    private CompletableFuture<Void> perform(ShareState.Change change) {
        if (change.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> durable = journal.write(change.records()).thenApply(done -> null);
        if (!lost) {
            change.back().forEach(state::giveBack);
            wake();
        }
        return durable;
    }

    /** What a member holds goes back; completes when it is durable that it was delivered once more. */
    CompletableFuture<Void> release(UUID member) {
        return perform(state.release(member, settings.get().get(GroupConfigKeys.SHARE_DELIVERY_COUNT_LIMIT)));
    }

    /**
     * Runs {@code listener} once, on the owner loop, when there may be something to acquire; at once when there is. Only
     * enqueues.
     */
    void await(Runnable listener) {
        if (lost || isAvailable()) {
            listener.run();
        } else {
            waiters.add(listener);
        }
    }

    void cancel(Runnable listener) {
        waiters.remove(listener);
    }

    private boolean isAvailable() {
        long free = settings.get().get(GroupConfigKeys.SHARE_PARTITION_MAX_RECORD_LOCKS)
                - state.engine().inFlight().count();
        long end = state.engine().end(readableEnd());
        return free > 0 && state.engine().firstAvailable(state.engine().lowWatermark(), end - 1) != null;
    }

    void onHighWatermark() {
        wake();
    }

    private void wake() {
        if (!waiters.isEmpty() && (lost || isAvailable())) {
            List<Runnable> told = List.copyOf(waiters);
            waiters.clear();
            told.forEach(Runnable::run);
        }
    }

    private void expire() {
        ShareState.Change change =
                state.expire(nowMs(), settings.get().get(GroupConfigKeys.SHARE_DELIVERY_COUNT_LIMIT));
        if (!change.isEmpty()) {
            Completions.whenDone(perform(change), (done, failure) -> {
                if (failure != null) {
                    LOG.debug("{}: a lock time-out of group {} was not stored", partition.id(), groupId, failure);
                }
            });
        }
    }

    /** A timer that is due too early stays: most records are acknowledged long before their deadline. */
    private void arm() {
        long next = state.nextDeadlineMs();
        if (timer == null && next != Long.MAX_VALUE && !lost) {
            timer = partition.schedule(this::onTimer, Math.max(1, next - nowMs()));
        }
    }

    private void onTimer() {
        timer = null;
        if (!lost) {
            expire();
            arm();
        }
    }

    /** Ownership ended, or the group's state here was removed: those who wait are told. */
    void onLost() {
        lost = true;
        if (timer != null) {
            timer.cancel();
        }
        List<Pending> pending = List.copyOf(queue);
        queue.clear();
        pending.forEach(one -> one.answer.completeExceptionally(notServed()));
        wake();
    }

    private BrokerException notServed() {
        return new BrokerException(
                Code.NOT_LEADER,
                "Partition " + partition.id() + " is not served for group " + groupId
                        + " by this broker now; look its leader up again");
    }

    /** Where the group stands. */
    ShareOffset offset() {
        state.trimTo(partition.startOffset());
        long start = state.engine().lowWatermark();
        long lag = Math.max(
                0, partition.highWatermark() - start - state.engine().finals().countAbove());
        return new ShareOffset(start, partition.leaderEpoch(), lag);
    }

    private long nowMs() {
        return clock.nanos() / 1_000_000;
    }

    /** What a snapshot holds of it, in records of bounded size. */
    void snapshot(int chunk, Consumer<StateRecord> writer) {
        GroupPartition engine = state.engine();
        writer.accept(ShareRecords.created(id, groupId, engine.lowWatermark()));
        List<OffsetRange> finals = engine.finals().rangesAbove();
        for (int i = 0; i < finals.size(); i += chunk) {
            writer.accept(ShareRecords.finals(id, finals.subList(i, Math.min(finals.size(), i + chunk))));
        }
        List<RangeMap.Span<Integer>> delivered = new ArrayList<>();
        engine.forEachReceived(delivered::add);
        delivered.sort((a, b) -> Long.compare(a.first(), b.first()));
        for (int i = 0; i < delivered.size(); i += chunk) {
            writer.accept(ShareRecords.delivered(id, delivered.subList(i, Math.min(delivered.size(), i + chunk))));
        }
    }
}
