// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.storage.Urgency;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group on a partition, on the partition's owner loop: hands records to those who wait, one after the other, and
 * settles what they acknowledge. What it hands out was looked at before, off the loop ({@link LookAhead}); the loop
 * only acquires. Which kind of group it is stands in its {@link DeliveryRules}.
 */
final class DeliveryGroup {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryGroup.class);

    /** Ranges in one record of a purge. */
    private static final int PURGE_CHUNK = 4_096;

    private final Partition partition;
    private final int id;
    private final GroupKey key;
    private final GroupPartition engine;
    private final LongSupplier leases;
    private final DeliveryRules rules;
    private final Journal journal;
    private final LookAhead lookAhead;
    private final Waiters waiters;
    private final DeadLetterWork deadLetters;
    private final WakeUp wakeUp;
    private final Set<Holder> members = new HashSet<>();
    private long highWatermark;
    private boolean ended;
    private boolean paused;
    private boolean confirmed;

    /** Where the group's state changes go. */
    @FunctionalInterface
    interface Journal {
        /** Replays at once, completes when durable; a group in memory is as durable as it gets at once. */
        CompletableFuture<?> write(List<StateRecord> records, Urgency urgency);

        /** Writes what somebody waits for. */
        default CompletableFuture<?> write(List<StateRecord> records) {
            return write(records, Urgency.AWAITED);
        }
    }

    DeliveryGroup(
            Partition partition,
            int id,
            GroupKey key,
            long startOffset,
            LongSupplier leases,
            DeliverySettings settings,
            LookAheadBudget budget,
            DeliveryRules rules,
            Supplier<RedeliveryPolicy> policy,
            Supplier<DeadLetters> deadLetters,
            Journal journal) {
        this.partition = partition;
        this.id = id;
        this.key = key;
        this.engine = new GroupPartition(startOffset);
        this.leases = leases;
        this.rules = rules;
        this.journal = journal;
        this.highWatermark = startOffset;
        this.deadLetters = new DeadLetterWork(partition, this, policy, deadLetters);
        this.wakeUp = new WakeUp(partition, this::dispatch);
        this.lookAhead = new LookAhead(
                engine,
                rules,
                settings.lookAheadMessages(),
                settings.lookAheadBytes(),
                settings.priorityLookAheadMessages(),
                budget);
        this.waiters = new Waiters(partition, id, key.isDurable(), engine, lookAhead, leases, settings, rules, journal);
    }

    int id() {
        return id;
    }

    GroupKey key() {
        return key;
    }

    GroupPartition engine() {
        return engine;
    }

    DeliveryRules rules() {
        return rules;
    }

    /** Whether the group's creation is known to be durable. */
    boolean isConfirmed() {
        return confirmed;
    }

    void confirm() {
        confirmed = true;
    }

    /** Whether ownership or the group ended. */
    boolean isEnded() {
        return ended;
    }

    /** Makes records final whatever they are. */
    void finish(List<OffsetRange> ranges) {
        var unused = journal.write(List.of(DeliveryRecords.finals(id, ranges)));
    }

    /** A group in memory ends with its last member. */
    void addMember(Holder member) {
        members.add(member);
    }

    /** How many consumers it has. */
    int memberCount() {
        return members.size();
    }

    /** Whether delivery stands still. */
    boolean isPaused() {
        return paused;
    }

    long highWatermark() {
        return highWatermark;
    }

    void replayPaused(boolean nowPaused) {
        paused = nowPaused;
    }

    void replayReset(long startOffset) {
        engine.replayReset(startOffset);
        lookAhead.reset();
    }

    /** Stops or resumes delivery; completes when that is durable. */
    CompletableFuture<Void> pause(boolean pausedFromNow) {
        CompletableFuture<?> durable = journal.write(List.of(DeliveryRecords.paused(id, pausedFromNow)));
        dispatch();
        return durable.thenApply(done -> null);
    }

    /**
     * Begins anew at an offset: what is in flight is no one's any more, what was finished from there on comes again.
     * Completes when that is durable.
     */
    CompletableFuture<Void> reset(long startOffset) {
        CompletableFuture<?> durable = journal.write(List.of(DeliveryRecords.reset(id, startOffset)));
        dispatch();
        return durable.thenApply(done -> null);
    }

    /** Makes all that waits final, delayed messages too; completes when that is durable, with how many offsets. */
    CompletableFuture<Long> purge() {
        List<OffsetRange> waiting = engine.waiting(engine.lowWatermark(), highWatermark - 1);
        List<StateRecord> records = new ArrayList<>();
        for (int i = 0; i < waiting.size(); i += PURGE_CHUNK) {
            records.add(DeliveryRecords.finals(id, waiting.subList(i, Math.min(waiting.size(), i + PURGE_CHUNK))));
        }
        long count = waiting.stream().mapToLong(OffsetRange::count).sum();
        CompletableFuture<?> durable = journal.write(records);
        dispatch();
        return durable.thenApply(done -> count);
    }

    /** Takes the first waiting records away for an operator, so that they are not delivered meanwhile. */
    List<Span<Acquired>> hold(Holder operator, long from, long end, int max) {
        List<Span<Acquired>> held = new ArrayList<>();
        long left = max;
        for (OffsetRange range : engine.available(from, end - 1, max)) {
            long last = Math.min(range.last(), range.first() + left - 1);
            long lease = leases.getAsLong();
            engine.acquire(operator, lease, range.first(), last, null, false);
            held.addAll(engine.inFlight().held(operator, lease, range.first(), last));
            left -= last - range.first() + 1;
            if (left <= 0) {
                break;
            }
        }
        return held;
    }

    /** Makes what an operator holds available again, as it was. */
    void unhold(Holder operator) {
        engine.inFlight()
                .where(acquired -> acquired.holder().equals(operator))
                .forEach(span -> engine.giveBack(span.first(), span.last()));
        dispatch();
    }

    /** Whether nobody can read or settle through this group any more, now or later. */
    boolean isOver() {
        return !key.isDurable() && members.isEmpty() && engine.inFlight().count() == 0;
    }

    void onHighWatermark(long newHighWatermark) {
        highWatermark = newHighWatermark;
        dispatch();
    }

    /** A consumer wants records; its earlier ticket, if any, is forgotten. */
    void offer(PullTicket ticket) {
        waiters.add(ticket);
        dispatch();
    }

    /** Completes when the ticket was taken, or all there is was looked at and the ticket gets none of it. */
    CompletableFuture<Void> exhausted(PullTicket ticket) {
        CompletableFuture<Void> exhausted = waiters.exhausted(ticket);
        dispatch();
        return exhausted;
    }

    /** Gives what is available to those who wait, and has looked at what comes next. */
    void dispatch() {
        if (ended) {
            return;
        }
        engine.trimTo(partition.startOffset());
        engine.wake(partition.nowMs());
        if (paused) {
            waiters.forgetTaken();
        } else {
            waiters.serve(highWatermark);
            scan();
        }
        deadLetters.start();
        waiters.tellExhausted(!paused, highWatermark);
        wakeUp.notAfter(engine.delays().nextWakeMs());
    }

    private void scan() {
        Scan scan = lookAhead.nextScan(waiters::wants, highWatermark, partition.nowMs());
        if (scan != null) {
            Completions.whenDone(
                    ScanReader.read(partition, scan),
                    (collector, failure) -> partition.execute(() -> onScanned(scan, collector, failure)));
        }
    }

    private void onScanned(Scan scan, @Nullable ScanCollector collector, @Nullable Throwable failure) {
        if (collector == null) {
            lookAhead.onScanFailed(scan);
            onReadFailed(scan, failure == null ? new IllegalStateException("a read gave nothing") : failure);
        } else if (ended) {
            collector.release();
        } else {
            lookAhead.onScanned(collector);
            if (!paused && scan.parts().stream().noneMatch(part -> part.filter().matchesAll())) {
                scan(); // goes on while what was found is handed out
            }
        }
        dispatch();
    }

    private void onReadFailed(Scan scan, Throwable cause) {
        if (cause instanceof BrokerException coded
                && coded.code() == Code.OFFSET_OUT_OF_RANGE
                && partition.isServing()
                && partition.startOffset() > scan.wanted().get(0).first()) {
            return; // the log's start has passed the scan: the next one begins there
        }
        LOG.warn(
                "Reading offset {} of {} for group {} failed: {}",
                scan.wanted().get(0).first(),
                partition.id(),
                key,
                cause.toString());
        waiters.fail(lane -> scan.parts().stream().anyMatch(part -> part.lane() == lane), cause);
    }

    /**
     * Settles records in order.
     *
     * @param urgency whether somebody waits for the outcome
     * @return completes when what took effect is durable, or at once when nobody waits for it, with the positions in
     *     {@code acks} of those refused because their lease is stale
     */
    CompletableFuture<List<Integer>> settle(Holder session, List<Acknowledgement> acks, Urgency urgency) {
        List<Integer> refused = new ArrayList<>();
        List<StateRecord> pending = new ArrayList<>();
        List<OffsetRange> accepted = new ArrayList<>();
        for (int i = 0; i < acks.size(); i++) {
            Acknowledgement ack = acks.get(i);
            Holder holder = new Holder(session.link(), session.session(), ack.consumerId());
            var held = engine.inFlight().held(holder, ack.lease(), ack.firstOffset(), ack.lastOffset());
            if (held.isEmpty()) {
                refused.add(i);
            } else if (ack.type() == AckType.RELEASE) {
                var unused = journal.write(withFinals(pending, accepted), urgency);
                pending = new ArrayList<>();
                accepted = new ArrayList<>();
                giveBack(engine.inFlight().held(holder, ack.lease(), ack.firstOffset(), ack.lastOffset()));
            } else if (ack.type() == AckType.ACCEPT) {
                Settlement.addRanges(accepted, held);
            } else {
                pending.addAll(Settlement.records(id, rules, ack.type(), held));
            }
        }
        CompletableFuture<?> durable = journal.write(withFinals(pending, accepted), urgency);
        dispatch();
        return urgency == Urgency.AWAITED
                ? durable.thenApply(done -> refused)
                : CompletableFuture.completedFuture(refused);
    }

    /** One record for all that is accepted, whatever the order of the acknowledgements. */
    private List<StateRecord> withFinals(List<StateRecord> records, List<OffsetRange> accepted) {
        if (!accepted.isEmpty()) {
            records.add(DeliveryRecords.finals(id, OffsetRange.joined(accepted)));
        }
        return records;
    }

    /** Returns spans that are in flight, each as the rules say. The caller dispatches. */
    void giveBack(List<Span<Acquired>> spans) {
        List<StateRecord> records = Settlement.fates(id, rules, partition.nowMs(), spans);
        var unused = journal.write(records);
        for (Span<Acquired> span : spans) {
            engine.giveBack(span.first(), span.last());
        }
    }

    private void giveBackWhere(Predicate<Acquired> condition) {
        giveBack(engine.inFlight().where(condition));
        dispatch();
    }

    /** Returns what a consumer has buffered and forgets it; answers whether the session still holds records of it. */
    boolean closeMember(Holder consumer) {
        forget(consumer::equals);
        giveBackWhere(acquired -> !acquired.received() && acquired.holder().equals(consumer));
        return !engine.inFlight()
                .where(acquired -> acquired.holder().equals(consumer))
                .isEmpty();
    }

    void releaseSession(long link, long session) {
        giveBackWhere(acquired -> acquired.holder().inSession(link, session));
    }

    /** A link was lost: all it held comes again flagged, for a receipt leaves the client after the application has it. */
    void releaseLink(long link) {
        forget(holder -> holder.link() == link);
        List<Span<Acquired>> held =
                engine.inFlight().where(acquired -> acquired.holder().link() == link);
        giveBack(held);
        held.forEach(span -> engine.replayAcquired(span.first(), span.last()));
        dispatch();
    }

    private void forget(Predicate<Holder> who) {
        waiters.remove(who);
        members.removeIf(who);
        lookAhead.leave(who);
    }

    /** Ownership or the group ended: those who wait are told. */
    void onLost(Throwable cause) {
        ended = true;
        wakeUp.cancel();
        lookAhead.clear();
        waiters.onLost(cause);
    }
}
