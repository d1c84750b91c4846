// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Partition;
import io.millrace.broker.storage.Urgency;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The consumers of a group that wait for records of a partition: hands them what the group has looked at, one after the
 * other, in equal shares while several wait. Owned by the partition's loop.
 */
final class Waiters {
    private final Partition partition;
    private final int group;
    private final boolean durable;
    private final GroupPartition engine;
    private final LookAhead lookAhead;
    private final LongSupplier leases;
    private final DeliverySettings settings;
    private final DeliveryRules rules;
    private final DeliveryGroup.Journal journal;
    private final Map<Holder, Waiter> waiters = new LinkedHashMap<>();
    private final List<Draining> draining = new ArrayList<>();

    private record Waiter(PullTicket ticket, Lane lane) {}

    private record Draining(PullTicket ticket, CompletableFuture<Void> exhausted) {}

    /**
     * @param group the group's number
     * @param durable whether it outlives the broker
     * @param leases gives the number of the next acquisition
     */
    Waiters(
            Partition partition,
            int group,
            boolean durable,
            GroupPartition engine,
            LookAhead lookAhead,
            LongSupplier leases,
            DeliverySettings settings,
            DeliveryRules rules,
            DeliveryGroup.Journal journal) {
        this.partition = partition;
        this.group = group;
        this.durable = durable;
        this.engine = engine;
        this.lookAhead = lookAhead;
        this.leases = leases;
        this.settings = settings;
        this.rules = rules;
        this.journal = journal;
    }

    /** A consumer wants records; its earlier ticket, if any, is forgotten. */
    void add(PullTicket ticket) {
        waiters.remove(ticket.holder());
        waiters.put(ticket.holder(), new Waiter(ticket, lookAhead.join(ticket.holder(), ticket.filter())));
    }

    /** Completes when the ticket was taken, or all there is was looked at and the ticket gets none of it. */
    CompletableFuture<Void> exhausted(PullTicket ticket) {
        CompletableFuture<Void> exhausted = new CompletableFuture<>();
        draining.add(new Draining(ticket, exhausted));
        return exhausted;
    }

    void remove(Predicate<Holder> who) {
        waiters.keySet().removeIf(who);
    }

    /** Whether somebody waits for records of a lane. */
    boolean wants(Lane lane) {
        return waiters.values().stream()
                .anyMatch(waiter -> waiter.lane() == lane && !waiter.ticket().isTaken());
    }

    /** Hands out what the lanes hold until nobody who waits can get any of it. */
    void serve(long highWatermark) {
        forgetTaken();
        boolean served = !waiters.isEmpty();
        while (served) {
            served = false;
            for (Waiter waiter : List.copyOf(waiters.values())) {
                served |= serve(waiter, highWatermark);
            }
        }
    }

    /** Forgets those who were served by another partition. */
    void forgetTaken() {
        waiters.values().removeIf(waiter -> waiter.ticket().isTaken());
    }

    private boolean serve(Waiter waiter, long highWatermark) {
        PullTicket ticket = waiter.ticket();
        Lane lane = waiter.lane();
        long free = free(waiter);
        if (free <= 0 || isWorthWaiting(waiter)) {
            return false;
        }
        long nowMs = partition.nowMs();
        lookAhead.onServe(lane);
        if (!lookAhead.isReady(lane, highWatermark) || lookAhead.next(lane, ticket.holder(), nowMs) == null) {
            lookAhead.onNothingFor(lane, ticket.holder());
            return false;
        }
        long sharers =
                waiters.values().stream().filter(one -> one.lane() == lane).count();
        waiters.remove(ticket.holder());
        if (!ticket.take()) {
            return true;
        }
        long share = (lane.window().count() + sharers - 1) / sharers;
        Acquisition acquisition =
                new Acquisition(engine, partition.id().partition(), ticket.holder(), leases.getAsLong(), rules);
        acquisition.fill(
                lookAhead, lane, Math.min(Math.min(share, free), ticket.maxMessages()), ticket.maxBytes(), nowMs);
        lane.readAhead(true);
        if (durable && !acquisition.firstTaken().isEmpty()) {
            var unused = journal.write(
                    List.of(DeliveryRecords.acquired(group, acquisition.firstTaken())), Urgency.UNAWAITED);
        }
        ticket.listener().onRecords(partition.id().partition(), acquisition.runs());
        return true;
    }

    /**
     * How many records a consumer may get now. Of a lane with priorities it buffers few, for what comes later with a
     * higher one cannot overtake these; they are refilled once half of them are gone. Who drains gets one all the same:
     * what was received may not be known here yet.
     */
    private long free(Waiter waiter) {
        InFlight inFlight = engine.inFlight();
        long free = settings.maxInFlight() - (inFlight.count() - inFlight.pinned());
        if (waiter.lane().isMixed()) {
            long buffered = inFlight.buffered(waiter.ticket().holder());
            long most = settings.priorityMaxBuffered();
            boolean drains = draining.stream().anyMatch(drain -> drain.ticket() == waiter.ticket());
            free = Math.min(free, buffered * 2 > most ? (drains ? 1 : 0) : most - buffered);
        }
        return free;
    }

    /** A little more is about to come: without a filter, a read under way brings it soon, and one answer is less work. */
    private boolean isWorthWaiting(Waiter waiter) {
        Lane lane = waiter.lane();
        return lane.filter().matchesAll()
                && lane.window().count() * 2 < Math.min(waiter.ticket().maxMessages(), settings.lookAheadMessages())
                && lookAhead.isScanning(lane);
    }

    /**
     * Tells those who drain that there is nothing more for them.
     *
     * @param looking whether what has not been looked at yet will be; else nobody is kept waiting for it
     */
    void tellExhausted(boolean looking, long highWatermark) {
        draining.removeIf(drain -> {
            Waiter waiter = waiters.get(drain.ticket().holder());
            if (looking
                    && waiter != null
                    && waiter.ticket() == drain.ticket()
                    && !drain.ticket().isTaken()
                    && (lookAhead.isScanning(waiter.lane()) || lookAhead.wants(waiter.lane(), highWatermark))) {
                return false;
            }
            drain.exhausted().complete(null);
            return true;
        });
    }

    /** Tells those who wait for records of some lanes that these cannot be read. */
    void fail(Predicate<Lane> lanes, Throwable cause) {
        List<Waiter> told = new ArrayList<>(waiters.values());
        told.removeIf(waiter -> !lanes.test(waiter.lane()));
        for (Waiter waiter : told) {
            if (waiter.ticket().take()) {
                waiters.remove(waiter.ticket().holder());
                waiter.ticket().listener().onFailure(cause);
            }
        }
    }

    /** Ownership or the group ended: all who wait are told. */
    void onLost(Throwable cause) {
        List<Waiter> told = List.copyOf(waiters.values());
        waiters.clear();
        for (Waiter waiter : told) {
            if (waiter.ticket().take()) {
                waiter.ticket().listener().onFailure(cause);
            }
        }
        draining.forEach(drain -> drain.exhausted().complete(null));
        draining.clear();
    }
}
