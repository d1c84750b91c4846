// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one group has done with one partition; pure, owned by the partition's loop. Each offset from the group's start
 * is in exactly one place:
 *
 * <pre>
 *   new (at or above next) --claim--> in flight (buffered) --receipt--> in flight (received) --accept--> final
 *                          ^ claim         |                                 |
 *                          +-- returned &lt;--+------------ release ------------+
 * </pre>
 *
 * <p>Memory grows with the spans in flight, the spans returned and the gaps in the final offsets, never with the depth
 * of the queue. The {@code replay} methods serve live traffic and recovery alike and are idempotent: at recovery what
 * is not final below the acquired mark becomes returned and flagged, for it may have been received.
 */
final class GroupPartition {
    /** The most spans of one claim: bounds the reads it takes. */
    private static final int MAX_SPANS = 64;

    private final FinalOffsets finals;
    private final RangeMap<Acquired> inFlight = new RangeMap<>();
    private final RangeMap<Returned> returned = new RangeMap<>();
    private long next;
    private long acquiredMark;

    GroupPartition(long startOffset) {
        finals = new FinalOffsets(startOffset);
        next = startOffset;
        acquiredMark = startOffset;
    }

    /** All offsets below are final. */
    long lowWatermark() {
        return finals.lowWatermark();
    }

    /** All offsets at or above are new. */
    long nextOffset() {
        return next;
    }

    /** One above the highest offset ever handed to a consumer. */
    long acquiredMark() {
        return acquiredMark;
    }

    long inFlightCount() {
        return inFlight.size();
    }

    FinalOffsets finals() {
        return finals;
    }

    /** How many offsets could be claimed; those without a record count until they were looked at. */
    long available(long highWatermark) {
        return returned.size() + Math.max(0, claimEnd(highWatermark) - next);
    }

    /**
     * Takes offsets for a consumer: returned ones in offset order, then new ones.
     *
     * @param lease above every lease before
     * @param max the most offsets, at least 1
     * @param highWatermark one above the last offset that may be delivered
     */
    @Nullable
    Claim claim(Holder holder, long lease, long max, long highWatermark) {
        List<Span<Returned>> taken = new ArrayList<>();
        long left = max;
        for (Span<Returned> span = returned.firstSpan();
                left > 0 && taken.size() < MAX_SPANS && span != null && span.first() < highWatermark;
                span = returned.firstSpan()) {
            long last = Math.min(Math.min(span.last(), span.first() + left - 1), highWatermark - 1);
            returned.remove(span.first(), last);
            taken.add(new Span<>(span.first(), last, span.value()));
            left -= last - span.first() + 1;
        }
        long end = claimEnd(highWatermark);
        if (left > 0 && taken.size() < MAX_SPANS && next < end) {
            long last = Math.min(end - 1, next + left - 1);
            taken.add(new Span<>(next, last, Returned.UNSEEN));
            next = last + 1;
        }
        for (Span<Returned> span : taken) {
            Returned was = span.value();
            inFlight.put(
                    span.first(),
                    span.last(),
                    new Acquired(holder, lease, false, was.deliveryCount(), was.redelivered()));
        }
        return taken.isEmpty() ? null : new Claim(holder, lease, taken);
    }

    private long claimEnd(long highWatermark) {
        return Math.min(highWatermark, finals.lowWatermark() + FinalOffsets.WINDOW);
    }

    /** Whether the lease still holds the offset, buffered or received. */
    boolean holds(long lease, long offset) {
        List<Span<Acquired>> found = inFlight.within(offset, offset);
        return !found.isEmpty() && found.get(0).value().lease() == lease;
    }

    /**
     * Ends the reading of a claim: what was looked at and is not among {@code delivered} has no record and becomes
     * final, what was not looked at goes back as it was. Parts of the claim that were released meanwhile stay released.
     *
     * @param examinedSpans how many of the claim's spans were looked at entirely
     * @param examinedTo in the span after those: the offset up to which (exclusive) it was looked at
     * @param delivered the records found that go to the consumer
     */
    void complete(Claim claim, int examinedSpans, long examinedTo, List<OffsetRange> delivered) {
        for (OffsetRange range : delivered) {
            acquiredMark = Math.max(acquiredMark, range.last() + 1);
        }
        RangeMap<Boolean> found = new RangeMap<>();
        delivered.forEach(range -> found.put(range.first(), range.last(), true));
        for (int i = 0; i < claim.spans().size(); i++) {
            Span<Returned> span = claim.spans().get(i);
            long end = i < examinedSpans ? span.last() + 1 : i == examinedSpans ? examinedTo : span.first();
            long examinedEnd = Math.max(span.first(), Math.min(end, span.last() + 1));
            long from = span.first();
            for (Span<Boolean> hit : found.within(span.first(), span.last())) {
                finishAbsent(claim.lease(), from, Math.min(hit.first(), examinedEnd) - 1);
                from = hit.last() + 1;
            }
            finishAbsent(claim.lease(), from, examinedEnd - 1);
            releaseWhere(examinedEnd, span.last(), acquired -> acquired.lease() == claim.lease());
        }
    }

    private void finishAbsent(long lease, long first, long last) {
        if (last < first) {
            return;
        }
        for (Span<Acquired> span : inFlight.within(first, last)) {
            if (span.value().lease() == lease) {
                inFlight.remove(span.first(), span.last());
                finals.add(span.first(), span.last());
            }
        }
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

    /** Everything in flight that a predicate picks. */
    List<Span<Acquired>> inFlightWhere(Predicate<Holder> holder) {
        List<Span<Acquired>> spans = new ArrayList<>(inFlight.spans());
        spans.removeIf(span -> !holder.test(span.value().holder()));
        return spans;
    }

    /** Returns what a lease holds of a range. */
    void release(Holder holder, long lease, long first, long last) {
        releaseWhere(
                first,
                last,
                acquired -> acquired.lease() == lease && acquired.holder().equals(holder));
    }

    /** Returns what a consumer has buffered; what was received stays in flight. */
    void releaseBuffered(Holder consumer) {
        releaseWhere(
                0,
                Long.MAX_VALUE - 1,
                acquired -> !acquired.received() && acquired.holder().equals(consumer));
    }

    /** Returns everything a session holds. */
    void releaseSession(long link, long session) {
        releaseWhere(0, Long.MAX_VALUE - 1, acquired -> acquired.holder().inSession(link, session));
    }

    /** Returns everything a link holds. */
    void releaseLink(long link) {
        releaseWhere(0, Long.MAX_VALUE - 1, acquired -> acquired.holder().link() == link);
    }

    private void releaseWhere(long first, long last, Predicate<Acquired> condition) {
        if (last < first) {
            return;
        }
        for (Span<Acquired> span : inFlight.within(first, last)) {
            if (condition.test(span.value())) {
                inFlight.remove(span.first(), span.last());
                returned.put(span.first(), span.last(), span.value().returned());
            }
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
        replayAcquired(last + 1);
        inFlight.remove(first, last);
        returned.remove(first, last);
        finals.add(first, last);
    }

    /** The application received the records of a range, for the {@code deliveryCount}th time. */
    void replayReceived(long first, long last, int deliveryCount) {
        replayAcquired(last + 1);
        for (Span<Acquired> span : inFlight.remove(first, last)) {
            Acquired was = span.value();
            inFlight.put(
                    span.first(),
                    span.last(),
                    new Acquired(was.holder(), was.lease(), true, deliveryCount, was.redelivered()));
        }
        for (Span<Returned> span : returned.remove(first, last)) {
            int count = Math.max(deliveryCount, span.value().deliveryCount());
            returned.put(span.first(), span.last(), new Returned(count, true));
        }
    }

    /** Offsets below {@code mark} were handed to consumers. */
    void replayAcquired(long mark) {
        acquiredMark = Math.max(acquiredMark, mark);
        if (mark > next) {
            for (OffsetRange range : finals.missing(next, mark - 1)) {
                returned.put(range.first(), range.last(), Returned.IN_DOUBT);
            }
            next = mark;
        }
    }

    /** Hands out each span below the acquired mark that was received at least once and is not final. */
    void forEachReceived(Consumer<Span<Integer>> visitor) {
        for (Span<Acquired> span : inFlight.spans()) {
            if (span.value().deliveryCount() > 0) {
                visitor.accept(
                        new Span<>(span.first(), span.last(), span.value().deliveryCount()));
            }
        }
        for (Span<Returned> span : returned.spans()) {
            if (span.value().deliveryCount() > 0) {
                visitor.accept(
                        new Span<>(span.first(), span.last(), span.value().deliveryCount()));
            }
        }
    }
}
