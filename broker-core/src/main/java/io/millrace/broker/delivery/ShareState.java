// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.StateRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Kafka's rules for a share group on a partition (KIP-932), over the engine; pure, owned by the partition's loop. The
 * states of the KIP are the engine's:
 *
 * <pre>
 *   AVAILABLE --acquire--> ACQUIRED (in flight, buffered, with a deadline) --accept, reject, gap--> final
 *       ^                      |
 *       +----------------------+-- release, lock time-out, session closed; at the delivery limit --> final
 * </pre>
 *
 * <p>Members see the delivery count raised at acquisition; here it rises when an acquisition ends undecided, for only
 * that is written down: as in Kafka an acquisition that a crash of the broker ended does not count.
 */
final class ShareState {
    /** One number for all: a share group's members name offsets, not acquisitions. */
    private static final long LEASE = 0;
    /** No {@link Link} has this number. */
    private static final long NO_LINK = -1;

    private final int group;
    private final GroupPartition engine;
    /** When each record in flight goes back, milliseconds of the monotonic clock. */
    private final RangeMap<Long> deadlines = new RangeMap<>();
    /** No deadline is sooner; the soonest may have gone since. */
    private long soonestMs = Long.MAX_VALUE;

    /**
     * What a command leads to: the records are appended, which makes the ranges final or received, then what goes back
     * is given back.
     */
    record Change(List<StateRecord> records, List<OffsetRange> back) {
        boolean isEmpty() {
            return records.isEmpty() && back.isEmpty();
        }
    }

    ShareState(int group, long startOffset) {
        this.group = group;
        this.engine = new GroupPartition(startOffset);
    }

    GroupPartition engine() {
        return engine;
    }

    private static Holder holder(UUID member) {
        return new Holder(NO_LINK, member.getMostSignificantBits(), member.getLeastSignificantBits());
    }

    /**
     * Hands the available offsets of a range to a member.
     *
     * @param most stop after so many
     */
    List<ShareAcquired.Range> acquire(UUID member, long first, long last, long most, long deadlineMs) {
        List<ShareAcquired.Range> acquired = new ArrayList<>();
        long left = most;
        for (OffsetRange range : engine.available(first, last, Integer.MAX_VALUE)) {
            if (left <= 0) {
                break;
            }
            long end = range.first() + Math.min(left, range.count()) - 1;
            for (Span<Returned> part : engine.acquire(holder(member), LEASE, range.first(), end, null, false)) {
                acquired.add(new ShareAcquired.Range(
                        part.first(), part.last(), part.value().deliveryCount() + 1));
            }
            lock(range.first(), end, deadlineMs);
            left -= end - range.first() + 1;
        }
        return acquired;
    }

    /**
     * Computes an acknowledgement, all of it or nothing; changes nothing but the deadlines of what is renewed.
     *
     * @param deliveryLimit what was delivered so often is not made available again
     * @param renewedMs the deadline of what is renewed
     * @throws ShareException when the member does not hold all that it names
     */
    Change acknowledge(UUID member, List<ShareAck> acks, int deliveryLimit, long renewedMs) {
        Builder change = new Builder(deliveryLimit);
        List<OffsetRange> renewed = new ArrayList<>();
        RangeMap<Boolean> named = new RangeMap<>();
        for (ShareAck ack : acks) {
            // What is below the start was acknowledged before, or its records are gone.
            long first = Math.max(ack.first(), engine.lowWatermark());
            if (first > ack.last()) {
                continue;
            }
            if (!named.within(first, ack.last()).isEmpty()) {
                throw new ShareException(
                        ShareException.Code.INVALID_RECORD_STATE,
                        "Offsets " + first + " to " + ack.last() + " are acknowledged twice in one request");
            }
            named.put(first, ack.last(), true);
            List<Span<Acquired>> held = held(member, first, ack.last());
            switch (ack.type()) {
                case GAP, ACCEPT, REJECT -> held.forEach(change::finish);
                case RELEASE -> held.forEach(change::release);
                case RENEW -> held.forEach(span -> renewed.add(new OffsetRange(span.first(), span.last())));
            }
        }
        for (OffsetRange range : renewed) {
            deadlines.remove(range.first(), range.last());
            lock(range.first(), range.last(), renewedMs);
        }
        return change.build();
    }

    private List<Span<Acquired>> held(UUID member, long first, long last) {
        List<Span<Acquired>> held = engine.inFlight().held(holder(member), LEASE, first, last);
        long count = held.stream().mapToLong(Span::count).sum();
        if (count == last - first + 1) {
            return held;
        }
        if (last >= engine.acquiredMark()) {
            throw new ShareException(
                    ShareException.Code.INVALID_REQUEST,
                    "Offsets " + first + " to " + last + " go beyond " + (engine.acquiredMark() - 1)
                            + ", the last that was delivered");
        }
        throw new ShareException(
                ShareException.Code.INVALID_RECORD_STATE,
                "Member " + member + " does not hold all of the offsets " + first + " to " + last
                        + "; some went back or are with another member");
    }

    /** Ends the acquisitions of a member: nobody can tell how far it came with them. */
    Change release(UUID member, int deliveryLimit) {
        Holder holder = holder(member);
        Builder change = new Builder(deliveryLimit);
        engine.inFlight().where(acquired -> acquired.holder().equals(holder)).forEach(change::release);
        return change.build();
    }

    /** Ends the acquisitions whose time is over. */
    Change expire(long nowMs, int deliveryLimit) {
        Builder change = new Builder(deliveryLimit);
        if (nowMs >= soonestMs) {
            soonestMs = Long.MAX_VALUE;
            for (Span<Long> lock : deadlines.spans()) {
                if (lock.value() <= nowMs) {
                    engine.inFlight().within(lock.first(), lock.last()).forEach(change::release);
                } else {
                    soonestMs = Math.min(soonestMs, lock.value());
                }
            }
        }
        return change.build();
    }

    /** When to {@link #expire} next: perhaps too soon, never too late; {@link Long#MAX_VALUE} for never. */
    long nextDeadlineMs() {
        return deadlines.isEmpty() ? Long.MAX_VALUE : soonestMs;
    }

    private void lock(long first, long last, long deadlineMs) {
        deadlines.put(first, last, deadlineMs);
        soonestMs = Math.min(soonestMs, deadlineMs);
    }

    /** The second half of a change, after its records were replayed. */
    void giveBack(OffsetRange range) {
        deadlines.remove(range.first(), range.last());
        engine.giveBack(range.first(), range.last());
    }

    /** The log begins at {@code startOffset} now. */
    void trimTo(long startOffset) {
        if (startOffset > engine.lowWatermark()) {
            replayFinal(engine.lowWatermark(), startOffset - 1);
        }
    }

    void replayFinal(long first, long last) {
        deadlines.remove(first, last);
        engine.replayFinal(first, last);
    }

    void replayDelivered(long first, long last, int deliveryCount) {
        engine.replayReceived(first, last, deliveryCount);
    }

    /** Gathers what an acknowledgement or a time-out makes of records in flight. */
    private final class Builder {
        private final int deliveryLimit;
        private final List<OffsetRange> finals = new ArrayList<>();
        private final List<Span<Integer>> delivered = new ArrayList<>();

        Builder(int deliveryLimit) {
            this.deliveryLimit = deliveryLimit;
        }

        void finish(Span<Acquired> span) {
            OffsetRange before = finals.isEmpty() ? null : finals.get(finals.size() - 1);
            if (before != null && before.last() == span.first() - 1) {
                finals.set(finals.size() - 1, new OffsetRange(before.first(), span.last()));
            } else {
                finals.add(new OffsetRange(span.first(), span.last()));
            }
        }

        void release(Span<Acquired> span) {
            int count = span.value().deliveryCount() + 1;
            if (count >= deliveryLimit) {
                finish(span);
            } else {
                delivered.add(new Span<>(span.first(), span.last(), count));
            }
        }

        Change build() {
            List<StateRecord> records = new ArrayList<>();
            List<OffsetRange> back = new ArrayList<>();
            // The codec wants ranges in order; requests need not name them so.
            finals.sort((a, b) -> Long.compare(a.first(), b.first()));
            delivered.sort((a, b) -> Long.compare(a.first(), b.first()));
            if (!finals.isEmpty()) {
                records.add(ShareRecords.finals(group, finals));
            }
            if (!delivered.isEmpty()) {
                records.add(ShareRecords.delivered(group, delivered));
                delivered.forEach(span -> back.add(new OffsetRange(span.first(), span.last())));
            }
            return new Change(records, back);
        }
    }
}
