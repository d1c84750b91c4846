// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What one group has done with one partition; pure, owned by the partition's loop. Each offset from the group's start
 * is in exactly one place:
 *
 * <pre>
 *   available --acquire--> in flight (buffered) --receipt--> in flight (received) --accept--> final
 *     ^   ^ ^                   |                                 |
 *     |   | +---- give back ----+---------------------------------+
 *     |   +-- wake -- delayed &lt;-- delay (of an available or a returned one)
 *     |                          doomed &lt;-- of an available or a returned one --> final, once moved
 *     +-- untouched
 * </pre>
 *
 * <p>Available offsets take no memory but for the history of those that were in flight before. Memory grows with the
 * spans in flight, delayed and doomed, with that history and the gaps in the final offsets, never with the depth of the
 * queue. The {@code replay} methods serve live traffic and recovery alike and are idempotent: at recovery what was
 * acquired and is not final is available and flagged, for it may have been received.
 */
final class GroupPartition {
    private FinalOffsets finals;
    private final MessageGroups messageGroups = new MessageGroups();
    private final InFlight inFlight = new InFlight(messageGroups);
    private final DeliveryHistory history = new DeliveryHistory();
    private final RangeMap<Death> doomed = new RangeMap<>();
    private final DelayIndex delays = new DelayIndex();
    /** Which delayed offsets are redeliveries of a JMSXGroupID; not known of those that a recovery found. */
    private final RangeMap<String> waitingOfGroups = new RangeMap<>();

    private Listener listener = (first, last) -> {};
    private long acquiredMark;

    /** Hears of offsets that are available again. */
    @FunctionalInterface
    interface Listener {
        void onAvailable(long first, long last);
    }

    GroupPartition(long startOffset) {
        finals = new FinalOffsets(startOffset);
        acquiredMark = startOffset;
    }

    void listener(Listener newListener) {
        listener = newListener;
    }

    /** All offsets below are final. */
    long lowWatermark() {
        return finals.lowWatermark();
    }

    /** One above the highest offset ever handed to a consumer. */
    long acquiredMark() {
        return acquiredMark;
    }

    /** The parts of a range that the group has not finished with, buffered and received ones included, in order. */
    List<OffsetRange> unfinished(long first, long last) {
        return finals.missing(first, last);
    }

    FinalOffsets finals() {
        return finals;
    }

    /** The records that consumers and branches hold. */
    InFlight inFlight() {
        return inFlight;
    }

    /** What is known of records that were in flight before. */
    DeliveryHistory history() {
        return history;
    }

    DelayIndex delays() {
        return delays;
    }

    /** The records that are delivered no more and not moved yet. */
    RangeMap<Death> doomed() {
        return doomed;
    }

    /** Where offsets may be looked for: the set of final ones reaches no further. */
    long end(long highWatermark) {
        return Math.min(highWatermark, finals.lowWatermark() + FinalOffsets.WINDOW);
    }

    /** The available parts of a range, in order: the first {@code max} of them. */
    List<OffsetRange> available(long first, long last, int max) {
        List<OffsetRange> ranges = new ArrayList<>();
        long at = first;
        while (at <= last && ranges.size() < max) {
            List<OffsetRange> open = finals.missing(at, last, 1);
            if (open.isEmpty()) {
                break;
            }
            long openEnd = open.get(0).last() + 1;
            long from = endOfTaken(open.get(0).first());
            at = from;
            if (from < openEnd) {
                at = Math.min(openEnd, nextTaken(from));
                ranges.add(new OffsetRange(from, at - 1));
            }
        }
        return ranges;
    }

    /** The first available part of a range, or {@code null}. */
    @Nullable
    OffsetRange firstAvailable(long first, long last) {
        if (first >= finals.lowWatermark() && finals.isContiguous()) {
            // By far the most frequent case needs no lists.
            long from = endOfTaken(first);
            return from > last ? null : new OffsetRange(from, Math.min(last + 1, nextTaken(from)) - 1);
        }
        List<OffsetRange> found = available(first, last, 1);
        return found.isEmpty() ? null : found.get(0);
    }

    private long endOfTaken(long offset) {
        long at = offset;
        while (true) {
            long end = Math.max(inFlight.endOf(at), doomed.endOf(at));
            end = delays.isEmpty() ? end : Math.max(end, delays.nextOut(at));
            if (end == at) {
                return at;
            }
            at = end;
        }
    }

    private long nextTaken(long offset) {
        long next = Math.min(inFlight.nextIn(offset), doomed.nextIn(offset));
        return delays.isEmpty() ? next : Math.min(next, delays.nextIn(offset));
    }

    /** Whether no record of this JMSXGroupID is in flight or waits for its redelivery. */
    boolean isFree(String group) {
        return messageGroups.isFree(group);
    }

    /** Whether a consumer may get records of this JMSXGroupID now. */
    boolean isOpenTo(Holder holder, @Nullable String group) {
        return messageGroups.isOpenTo(holder, group);
    }

    /**
     * Hands available offsets to a consumer.
     *
     * @param lease above every lease before
     * @param counted whether acquired means received
     * @return the offsets with their history, in order
     */
    List<Span<Returned>> acquire(
            Holder holder, long lease, long first, long last, @Nullable String group, boolean counted) {
        List<Span<Returned>> parts = history.take(first, last);
        for (Span<Returned> part : parts) {
            Returned was = part.value();
            int count = counted ? was.deliveryCount() + 1 : was.deliveryCount();
            inFlight.enter(
                    part.first(), part.last(), new Acquired(holder, lease, counted, count, was.redelivered(), group));
        }
        acquiredMark = Math.max(acquiredMark, last + 1);
        return parts;
    }

    /** Begins anew: nothing is known of any offset, all below the start are final. */
    void replayReset(long startOffset) {
        finals = new FinalOffsets(startOffset);
        acquiredMark = startOffset;
        inFlight.leave(0, Long.MAX_VALUE - 1);
        history.forget(0, Long.MAX_VALUE - 1);
        doomed.remove(0, Long.MAX_VALUE - 1);
        delays.clear();
        waitsNoMore(0, Long.MAX_VALUE - 1);
    }

    /** What is neither final nor in flight nor doomed of a range: what a purge makes final. */
    List<OffsetRange> waiting(long first, long last) {
        List<OffsetRange> ranges = new ArrayList<>();
        for (OffsetRange open : finals.missing(first, last)) {
            long at = open.first();
            while (at <= open.last()) {
                long from = Math.max(inFlight.endOf(at), doomed.endOf(at));
                if (from == at) {
                    long end = Math.min(open.last() + 1, Math.min(inFlight.nextIn(at), doomed.nextIn(at)));
                    ranges.add(new OffsetRange(at, end - 1));
                    from = end;
                }
                at = from;
            }
        }
        return ranges;
    }

    /** What is available of a range becomes final: it has no record, is expired or passed over for good. */
    void drop(long first, long last) {
        for (OffsetRange range : available(first, last, Integer.MAX_VALUE)) {
            history.forget(range.first(), range.last());
            finals.add(range.first(), range.last());
        }
    }

    /** What is available of a range waits until a time, milliseconds since the epoch. */
    void delay(long first, long last, long wakeMs) {
        for (OffsetRange range : available(first, last, Integer.MAX_VALUE)) {
            delays.add(range.first(), range.last(), wakeMs);
        }
    }

    /** What is available of a range is delivered no more. */
    void doom(long first, long last, Death.Reason reason) {
        for (OffsetRange range : available(first, last, Integer.MAX_VALUE)) {
            for (Span<Returned> part : history.of(range.first(), range.last())) {
                doomed.put(
                        part.first(),
                        part.last(),
                        new Death(reason, part.value().deliveryCount()));
            }
        }
    }

    /** Makes available what need not wait any longer. */
    void wake(long nowMs) {
        if (delays.nextWakeMs() <= nowMs) {
            delays.wake(nowMs, (first, last) -> {
                waitsNoMore(first, last);
                listener.onAvailable(first, last);
            });
        }
    }

    /** Makes what is in flight of a range available again, as it was in flight. */
    void giveBack(long first, long last) {
        for (Span<Acquired> span : inFlight.leave(first, last)) {
            history.remember(span);
            listener.onAvailable(span.first(), span.last());
        }
    }

    /** The log begins at {@code startOffset} now: what lies below is final. */
    void trimTo(long startOffset) {
        if (startOffset > finals.lowWatermark()) {
            replayFinal(finals.lowWatermark(), startOffset - 1);
        }
    }

    /** Records of a range were acknowledged. */
    void replayFinal(long first, long last) {
        if (last < finals.lowWatermark()) {
            return;
        }
        acquiredMark = Math.max(acquiredMark, last + 1);
        inFlight.leave(first, last);
        history.forget(first, last);
        if (!doomed.isEmpty()) {
            doomed.remove(first, last);
        }
        delays.remove(first, last);
        waitsNoMore(first, last);
        finals.add(first, last);
    }

    /** The application received the records of a range, for the {@code deliveryCount}th time. */
    void replayReceived(long first, long last, int deliveryCount) {
        inFlight.change(first, last, acquired -> acquired.received(deliveryCount));
        replayHistory(first, last, was -> new Returned(Math.max(deliveryCount, was.deliveryCount()), true));
    }

    /** Records of a range were handed to consumers. */
    void replayAcquired(long first, long last) {
        replayHistory(first, last, was -> new Returned(was.deliveryCount(), true));
    }

    /** As brokers before wrote it: records below {@code mark}, above every mark before, were handed to consumers. */
    void replayAcquired(long mark) {
        if (mark > acquiredMark) {
            replayAcquired(acquiredMark, mark - 1);
        }
    }

    /** Changes what is known of the offsets of a range that are neither final nor in flight: none in live traffic. */
    private void replayHistory(long first, long last, UnaryOperator<Returned> change) {
        acquiredMark = Math.max(acquiredMark, last + 1);
        for (OffsetRange open : finals.missing(first, last)) {
            for (long at = endOfFlight(open.first()); at <= open.last(); ) {
                long end = Math.min(open.last() + 1, inFlight.nextIn(at));
                history.change(at, end - 1, change);
                at = endOfFlight(end);
            }
        }
    }

    private long endOfFlight(long offset) {
        long at = offset;
        while (inFlight.endOf(at) > at) {
            at = inFlight.endOf(at);
        }
        return at;
    }

    /**
     * Records of a range belong to a prepared branch now: nobody gets them and no acknowledgement settles them until it
     * is ended. At recovery they are with no one, live with the session that prepared.
     */
    void replayPinned(Holder branch, long first, long last, int deliveryCount, @Nullable String group) {
        acquiredMark = Math.max(acquiredMark, last + 1);
        delays.remove(first, last);
        inFlight.change(first, last, acquired -> acquired.pinnedBy(branch, deliveryCount));
        for (OffsetRange range : available(first, last, Integer.MAX_VALUE)) {
            for (Span<Returned> part : history.take(range.first(), range.last())) {
                boolean redelivered = part.value().redelivered() && deliveryCount > 1;
                inFlight.enter(
                        part.first(), part.last(), new Acquired(branch, 0, true, deliveryCount, redelivered, group));
            }
        }
    }

    /** A branch has ended: what it still has pinned is available again, as it was received. */
    void replayUnpinned(Holder branch) {
        if (inFlight.pinned() > 0) {
            for (Span<Acquired> span :
                    inFlight.where(acquired -> acquired.holder().equals(branch))) {
                giveBack(span.first(), span.last());
            }
        }
    }

    /** Records of a range went back and are to be redelivered at {@code wakeMs} at the soonest. */
    void replayDelayed(long first, long last, long wakeMs) {
        List<Span<Acquired>> left = inFlight.leave(first, last);
        left.forEach(history::remember);
        delay(first, last, wakeMs);
        for (Span<Acquired> span : left) {
            String group = span.value().group();
            if (group != null) {
                waitingOfGroups.put(span.first(), span.last(), group);
                messageGroups.hold(group, span.count());
            }
        }
    }

    private void waitsNoMore(long first, long last) {
        if (!waitingOfGroups.isEmpty()) {
            for (Span<String> span : waitingOfGroups.remove(first, last)) {
                messageGroups.letGo(span.value(), span.count());
            }
        }
    }

    /** Records of a range are delivered no more and are to be moved elsewhere. */
    void replayDoomed(long first, long last, Death death) {
        acquiredMark = Math.max(acquiredMark, last + 1);
        inFlight.leave(first, last);
        delays.remove(first, last);
        waitsNoMore(first, last);
        history.forget(first, last);
        for (OffsetRange range : available(first, last, Integer.MAX_VALUE)) {
            doomed.put(range.first(), range.last(), death);
        }
    }

    /** Hands out each span that was received at least once and is neither final nor doomed. */
    void forEachReceived(Consumer<Span<Integer>> visitor) {
        for (Span<Acquired> span : inFlight.spans()) {
            if (span.value().deliveryCount() > 0) {
                visitor.accept(
                        new Span<>(span.first(), span.last(), span.value().deliveryCount()));
            }
        }
        for (Span<Returned> span : history.spans()) {
            if (span.value().deliveryCount() > 0) {
                visitor.accept(
                        new Span<>(span.first(), span.last(), span.value().deliveryCount()));
            }
        }
    }
}
