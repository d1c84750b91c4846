// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group on a partition, on the partition's owner loop: hands records to those who wait, one after the other, and
 * settles what they acknowledge.
 */
final class DeliveryGroup {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryGroup.class);

    private final Partition partition;
    private final int id;
    private final GroupKey key;
    private final GroupPartition engine;
    private final LongSupplier leases;
    private final DeliverySettings settings;
    private final Journal journal;
    private final Map<Holder, PullTicket> waiters = new LinkedHashMap<>();
    private final Set<Holder> members = new HashSet<>();
    private long highWatermark;
    private boolean lost;
    private boolean confirmed;

    /** Where the group's state changes go. */
    @FunctionalInterface
    interface Journal {
        /** Replays at once, completes when durable; a group in memory is as durable as it gets at once. */
        CompletableFuture<?> write(List<StateRecord> records);
    }

    DeliveryGroup(
            Partition partition,
            int id,
            GroupKey key,
            long startOffset,
            LongSupplier leases,
            DeliverySettings settings,
            Journal journal) {
        this.partition = partition;
        this.id = id;
        this.key = key;
        this.engine = new GroupPartition(startOffset);
        this.leases = leases;
        this.settings = settings;
        this.journal = journal;
        this.highWatermark = startOffset;
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

    /** Whether the group's creation is known to be durable. */
    boolean isConfirmed() {
        return confirmed;
    }

    void confirm() {
        confirmed = true;
    }

    /** A group in memory ends with its last member. */
    void addMember(Holder member) {
        if (!key.isDurable()) {
            members.add(member);
        }
    }

    /** Whether nobody can read or settle through this group any more, now or later. */
    boolean isOver() {
        return !key.isDurable() && members.isEmpty() && engine.inFlightCount() == 0;
    }

    void onHighWatermark(long newHighWatermark) {
        highWatermark = newHighWatermark;
        dispatch();
    }

    /** A consumer wants records; its earlier ticket, if any, is forgotten. */
    void offer(PullTicket ticket) {
        waiters.remove(ticket.holder());
        waiters.put(ticket.holder(), ticket);
        dispatch();
    }

    /** Gives what is available to those who wait, in turn, in equal shares while several wait. */
    void dispatch() {
        if (lost || waiters.isEmpty()) {
            return;
        }
        waiters.values().removeIf(PullTicket::isTaken);
        boolean served = true;
        while (served && !waiters.isEmpty()) {
            served = serveNext();
        }
    }

    private boolean serveNext() {
        engine.trimTo(partition.startOffset());
        long free = settings.maxInFlight() - engine.inFlightCount();
        long available = Math.min(free, engine.available(highWatermark));
        if (available <= 0) {
            return false;
        }
        long share = (available + waiters.size() - 1) / waiters.size();
        PullTicket ticket = waiters.values().iterator().next();
        waiters.remove(ticket.holder());
        if (!ticket.take()) {
            return true;
        }
        Claim claim =
                engine.claim(ticket.holder(), leases.getAsLong(), Math.min(share, ticket.maxMessages()), highWatermark);
        if (claim == null) {
            throw new IllegalStateException("Group " + key + " on " + partition.id() + " has nothing of " + available);
        }
        Completions.whenDone(
                ClaimReader.read(partition, claim, ticket.maxBytes(), highWatermark),
                (collector, failure) -> partition.execute(() -> onRead(ticket, claim, collector, failure)));
        return true;
    }

    private void onRead(PullTicket ticket, Claim claim, @Nullable RunCollector collector, @Nullable Throwable failure) {
        if (collector == null) {
            engine.complete(claim, 0, 0, List.of());
            Throwable cause = failure == null ? new IllegalStateException("a read gave nothing") : failure;
            LOG.warn("Reading offset {} of {} for group {} failed: {}", firstOf(claim), partition.id(), key, cause);
            ticket.listener().onFailure(cause);
            return;
        }
        List<OffsetRange> delivered = collector.delivered();
        boolean cancelled = lost
                || (!delivered.isEmpty()
                        && !engine.holds(claim.lease(), delivered.get(0).first()));
        if (cancelled) {
            collector.release();
            ticket.listener().onRecords(partition.id().partition(), List.of());
            return;
        }
        long mark = engine.acquiredMark();
        engine.complete(claim, collector.examinedSpans(), collector.nextOffset(), delivered);
        if (engine.acquiredMark() > mark) {
            var unused = journal.write(List.of(DeliveryRecords.acquired(id, engine.acquiredMark())));
        }
        ticket.listener().onRecords(partition.id().partition(), collector.runs());
        dispatch();
    }

    private static long firstOf(Claim claim) {
        return claim.spans().get(0).first();
    }

    /**
     * Settles records in order.
     *
     * @return completes when what took effect is durable, with the positions in {@code acks} of those refused because
     *     their lease is stale
     */
    CompletableFuture<List<Integer>> settle(Holder session, List<Acknowledgement> acks) {
        List<Integer> refused = new ArrayList<>();
        List<StateRecord> pending = new ArrayList<>();
        for (int i = 0; i < acks.size(); i++) {
            Acknowledgement ack = acks.get(i);
            Holder holder = new Holder(session.link(), session.session(), ack.consumerId());
            var held = engine.held(holder, ack.lease(), ack.firstOffset(), ack.lastOffset());
            if (held.isEmpty()) {
                refused.add(i);
            } else if (ack.type() == AckType.RELEASE) {
                var unused = journal.write(pending);
                pending = new ArrayList<>();
                engine.release(holder, ack.lease(), ack.firstOffset(), ack.lastOffset());
            } else {
                pending.addAll(Settlement.records(id, ack.type(), held));
            }
        }
        CompletableFuture<List<Integer>> durable = journal.write(pending).thenApply(done -> refused);
        dispatch();
        return durable;
    }

    /** Returns what a consumer has buffered and forgets it; answers whether the session still holds records of it. */
    boolean closeMember(Holder consumer) {
        waiters.remove(consumer);
        members.remove(consumer);
        engine.releaseBuffered(consumer);
        boolean holds = !engine.inFlightWhere(consumer::equals).isEmpty();
        dispatch();
        return holds;
    }

    void releaseSession(long link, long session) {
        engine.releaseSession(link, session);
        dispatch();
    }

    void releaseLink(long link) {
        waiters.keySet().removeIf(holder -> holder.link() == link);
        members.removeIf(holder -> holder.link() == link);
        engine.releaseLink(link);
        dispatch();
    }

    /** Ownership ended: those who wait are told. */
    void onLost(Throwable cause) {
        lost = true;
        List<PullTicket> told = List.copyOf(waiters.values());
        waiters.clear();
        for (PullTicket ticket : told) {
            if (ticket.take()) {
                ticket.listener().onFailure(cause);
            }
        }
    }
}
