// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
    private final RangeMap<Acquired> inFlight = new RangeMap<>();
    private final RangeMap<Returned> history = new RangeMap<>();
    private final RangeMap<Death> doomed = new RangeMap<>();
    private final DelayIndex delays = new DelayIndex();
    private final MessageGroups messageGroups = new MessageGroups();
    /** Which delayed offsets are redeliveries of a JMSXGroupID; not known of those that a recovery found. */
    private final RangeMap<String> waitingOfGroups = new RangeMap<>();
    /** Records in flight that the application has not received, by consumer. */
    private final Map<Holder, Long> buffered = new HashMap<>();

    private Listener listener = (first, last) -> {};
    private long acquiredMark;
    private long pinnedCount;

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

    long inFlightCount() {
        return inFlight.size();
    }

    /** How many records a consumer has that its application has not received. */
    long bufferedCount(Holder holder) {
        return buffered.getOrDefault(holder, 0L);
    }

    private void countBuffered(Holder holder, long change) {
        buffered.merge(holder, change, (was, more) -> was + more == 0 ? null : was + more);
    }

    /** The parts of a range that the group has not finished with, buffered and received ones included, in order. */
    List<OffsetRange> unfinished(long first, long last) {
        return finals.missing(first, last);
    }

    FinalOffsets finals() {
        return finals;
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
        List<Span<Returned>> parts = historyOf(first, last);
        if (!history.isEmpty()) {
            history.remove(first, last);
        }
        for (Span<Returned> part : parts) {
            Returned was = part.value();
            int count = counted ? was.deliveryCount() + 1 : was.deliveryCount();
            inFlight.put(
                    part.first(), part.last(), new Acquired(holder, lease, counted, count, was.redelivered(), group));
        }
        if (!counted) {
            countBuffered(holder, last - first + 1);
        }
        messageGroups.enter(holder, group, last - first + 1);
        acquiredMark = Math.max(acquiredMark, last + 1);
        return parts;
    }

    /** What is known of offsets that are not in flight: the whole range, in order. */
    List<Span<Returned>> historyOf(long first, long last) {
        if (history.isEmpty()) {
            return List.of(new Span<>(first, last, Returned.UNSEEN));
        }
        List<Span<Returned>> parts = new ArrayList<>();
        long at = first;
        for (Span<Returned> known : history.within(first, last)) {
            if (at < known.first()) {
                parts.add(new Span<>(at, known.first() - 1, Returned.UNSEEN));
            }
            parts.add(known);
            at = known.last() + 1;
        }
        if (at <= last) {
            parts.add(new Span<>(at, last, Returned.UNSEEN));
        }
        return parts;
    }

    /** Begins anew: nothing is known of any offset, all below the start are final. */
    void replayReset(long startOffset) {
        finals = new FinalOffsets(startOffset);
        acquiredMark = startOffset;
        leaveFlight(0, Long.MAX_VALUE - 1);
        history.remove(0, Long.MAX_VALUE - 1);
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
            if (!history.isEmpty()) {
                history.remove(range.first(), range.last());
            }
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
            for (Span<Returned> part : historyOf(range.first(), range.last())) {
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

    /** Whether the lease still holds the offset, buffered or received. */
    boolean holds(long lease, long offset) {
        List<Span<Acquired>> found = inFlight.within(offset, offset);
        return !found.isEmpty() && found.get(0).value().lease() == lease;
    }

    /**
     * What of a range an acknowledgement may settle, in offset order; empty when the lease is stale.
     *
     * @param holder who acknowledges
     * @param lease what it quotes
     */
    List<Span<Acquired>> held(Holder holder, long lease, long first, long last) {
        List<Span<Acquired>> spans = inFlight.within(first, last);
        spans.removeIf(
                span -> span.value().lease() != lease || !span.value().holder().equals(holder));
        return spans;
    }

    /** Everything in flight of a range, in offset order. */
    List<Span<Acquired>> inFlightWithin(long first, long last) {
        return inFlight.within(first, last);
    }

    /** The record in flight at an offset. */
    Optional<Acquired> inFlightAt(long offset) {
        return inFlight.within(offset, offset).stream().map(Span::value).findFirst();
    }

    /** Everything in flight that a predicate picks, in offset order. */
    List<Span<Acquired>> inFlightWhere(Predicate<Acquired> condition) {
        List<Span<Acquired>> spans = new ArrayList<>();
        for (Span<Acquired> span : inFlight.spans()) {
            if (condition.test(span.value())) {
                spans.add(span);
            }
        }
        return spans;
    }

    /** Makes what is in flight of a range available again, as it was in flight. */
    void giveBack(long first, long last) {
        for (Span<Acquired> span : leaveFlight(first, last)) {
            remember(span);
            listener.onAvailable(span.first(), span.last());
        }
    }

    private void remember(Span<Acquired> span) {
        Returned returned = span.value().returned();
        if (!returned.equals(Returned.UNSEEN)) {
            history.put(span.first(), span.last(), returned);
        }
    }

    private void leaveBuffer(Span<Acquired> span) {
        if (!span.value().received()) {
            countBuffered(span.value().holder(), -span.count());
        }
    }

    private List<Span<Acquired>> leaveFlight(long first, long last) {
        List<Span<Acquired>> left = inFlight.remove(first, last);
        for (Span<Acquired> span : left) {
            messageGroups.leave(span.value().group(), span.count());
            if (span.value().holder().isBranch()) {
                pinnedCount -= span.count();
            }
            leaveBuffer(span);
        }
        return left;
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
        leaveFlight(first, last);
        if (!history.isEmpty()) {
            history.remove(first, last);
        }
        if (!doomed.isEmpty()) {
            doomed.remove(first, last);
        }
        delays.remove(first, last);
        waitsNoMore(first, last);
        finals.add(first, last);
    }

    /** The application received the records of a range, for the {@code deliveryCount}th time. */
    void replayReceived(long first, long last, int deliveryCount) {
        for (Span<Acquired> span : inFlight.remove(first, last)) {
            leaveBuffer(span);
            inFlight.put(span.first(), span.last(), span.value().received(deliveryCount));
        }
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
            for (long at = inFlight.isEmpty() ? open.first() : endOfFlight(open.first()); at <= open.last(); ) {
                long end = Math.min(open.last() + 1, inFlight.nextIn(at));
                for (Span<Returned> part : historyOf(at, end - 1)) {
                    history.remove(part.first(), part.last());
                    history.put(part.first(), part.last(), change.apply(part.value()));
                }
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
        for (Span<Acquired> span : inFlight.remove(first, last)) {
            leaveBuffer(span);
            pin(span.first(), span.last(), span.value().pinnedBy(branch, deliveryCount));
        }
        for (OffsetRange range : available(first, last, Integer.MAX_VALUE)) {
            List<Span<Returned>> parts = historyOf(range.first(), range.last());
            history.remove(range.first(), range.last());
            messageGroups.enter(branch, group, range.count());
            for (Span<Returned> part : parts) {
                boolean redelivered = part.value().redelivered() && deliveryCount > 1;
                pin(part.first(), part.last(), new Acquired(branch, 0, true, deliveryCount, redelivered, group));
            }
        }
    }

    private void pin(long first, long last, Acquired pinned) {
        inFlight.put(first, last, pinned);
        pinnedCount += last - first + 1;
    }

    /** A branch has ended: what it still has pinned is available again, as it was received. */
    void replayUnpinned(Holder branch) {
        if (pinnedCount > 0) {
            for (Span<Acquired> span :
                    inFlightWhere(acquired -> acquired.holder().equals(branch))) {
                giveBack(span.first(), span.last());
            }
        }
    }

    /** How many offsets are in flight because a prepared branch has pinned them. */
    long pinnedCount() {
        return pinnedCount;
    }

    /** Records of a range went back and are to be redelivered at {@code wakeMs} at the soonest. */
    void replayDelayed(long first, long last, long wakeMs) {
        List<Span<Acquired>> left = leaveFlight(first, last);
        left.forEach(this::remember);
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
        leaveFlight(first, last);
        delays.remove(first, last);
        waitsNoMore(first, last);
        if (!history.isEmpty()) {
            history.remove(first, last);
        }
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

    /** Hands out, by wake-up time, what waits for its redelivery; what waits for its delivery time says so itself. */
    void forEachRedelivery(BiConsumer<Long, List<OffsetRange>> visitor) {
        if (delays.isEmpty() || history.isEmpty()) {
            return;
        }
        delays.forEachBucket((wakeMs, offsets) -> {
            List<OffsetRange> ranges = new ArrayList<>();
            for (Span<Returned> span : history.spans()) {
                ranges.addAll(offsets.ranges(span.first(), span.last(), Integer.MAX_VALUE));
            }
            ranges.removeIf(range -> !delays.contains(range.first()));
            if (!ranges.isEmpty()) {
                visitor.accept(wakeMs, ranges);
            }
        });
    }

    /** Hands out each range whose records may have been received, by what is known or because they are in flight. */
    void forEachInDoubt(Consumer<OffsetRange> visitor) {
        for (Span<Acquired> span : inFlight.spans()) {
            visitor.accept(new OffsetRange(span.first(), span.last()));
        }
        for (Span<Returned> span : history.spans()) {
            visitor.accept(new OffsetRange(span.first(), span.last()));
        }
    }
}
