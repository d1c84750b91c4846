// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The records of a partition that consumers and prepared branches hold, of which JMSXGroupIDs they are, how many each
 * consumer has only buffered, and how many branches have pinned. Only its {@link GroupPartition} changes it, on the
 * partition's loop.
 */
final class InFlight {
    private final RangeMap<Acquired> records = new RangeMap<>();
    private final Map<Holder, Long> buffered = new HashMap<>();
    private final MessageGroups messageGroups;
    private long pinned;

    InFlight(MessageGroups messageGroups) {
        this.messageGroups = messageGroups;
    }

    /** How many records are in flight. */
    long count() {
        return records.size();
    }

    /** How many of them prepared branches have pinned. */
    long pinned() {
        return pinned;
    }

    /** How many of them a consumer has that its application has not received. */
    long buffered(Holder holder) {
        return buffered.getOrDefault(holder, 0L);
    }

    /** Everything in flight, in offset order; a live view. */
    Collection<Span<Acquired>> spans() {
        return records.spans();
    }

    /** What is in flight of a range, in offset order. */
    List<Span<Acquired>> within(long first, long last) {
        return records.within(first, last);
    }

    /** The record at an offset. */
    Optional<Acquired> at(long offset) {
        return records.within(offset, offset).stream().map(Span::value).findFirst();
    }

    /** Everything that a predicate picks, in offset order. */
    List<Span<Acquired>> where(Predicate<Acquired> condition) {
        List<Span<Acquired>> spans = new ArrayList<>();
        for (Span<Acquired> span : records.spans()) {
            if (condition.test(span.value())) {
                spans.add(span);
            }
        }
        return spans;
    }

    /** Whether the lease still holds the offset, buffered or received. */
    boolean isHeld(long lease, long offset) {
        return at(offset).filter(record -> record.lease() == lease).isPresent();
    }

    /**
     * What of a range an acknowledgement may settle, in offset order; empty when the lease is stale.
     *
     * @param holder who acknowledges
     * @param lease what it quotes
     */
    List<Span<Acquired>> held(Holder holder, long lease, long first, long last) {
        List<Span<Acquired>> spans = records.within(first, last);
        spans.removeIf(
                span -> span.value().lease() != lease || !span.value().holder().equals(holder));
        return spans;
    }

    /** One above the last offset of the span that holds {@code offset}; {@code offset} itself when it is not in flight. */
    long endOf(long offset) {
        return records.endOf(offset);
    }

    /** The least offset at or above {@code from} that is in flight, or {@code Long.MAX_VALUE}. */
    long nextIn(long from) {
        return records.nextIn(from);
    }

    /** Offsets that were not in flight are handed to a holder. */
    void enter(long first, long last, Acquired acquired) {
        Span<Acquired> span = new Span<>(first, last, acquired);
        records.put(first, last, acquired);
        count(span, span.count());
        messageGroups.enter(acquired.holder(), acquired.group(), span.count());
    }

    /** Takes what is in flight of a range away and returns it, in offset order. */
    List<Span<Acquired>> leave(long first, long last) {
        List<Span<Acquired>> left = records.remove(first, last);
        for (Span<Acquired> span : left) {
            count(span, -span.count());
            messageGroups.leave(span.value().group(), span.count());
        }
        return left;
    }

    /** Changes what is in flight of a range, but not its JMSXGroupIDs: these stay with whom they were delivered to. */
    void change(long first, long last, UnaryOperator<Acquired> change) {
        for (Span<Acquired> span : records.remove(first, last)) {
            count(span, -span.count());
            Span<Acquired> changed = new Span<>(span.first(), span.last(), change.apply(span.value()));
            records.put(changed.first(), changed.last(), changed.value());
            count(changed, changed.count());
        }
    }

    private void count(Span<Acquired> span, long change) {
        Acquired acquired = span.value();
        if (!acquired.received()) {
            buffered.merge(acquired.holder(), change, (was, more) -> was + more == 0 ? null : was + more);
        }
        if (acquired.holder().isBranch()) {
            pinned += change;
        }
    }
}
