// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What is known of records that were in flight before and are neither that nor final now: how often they were received.
 * Only its {@link GroupPartition} changes it, on the partition's loop.
 */
final class DeliveryHistory {
    private final RangeMap<Returned> known = new RangeMap<>();

    boolean isEmpty() {
        return known.isEmpty();
    }

    /** All that is known, in offset order; a live view. */
    Collection<Span<Returned>> spans() {
        return known.spans();
    }

    /** The whole range in order, what is not known as unseen. */
    List<Span<Returned>> of(long first, long last) {
        if (known.isEmpty()) {
            return List.of(new Span<>(first, last, Returned.UNSEEN));
        }
        List<Span<Returned>> parts = new ArrayList<>();
        long at = first;
        for (Span<Returned> part : known.within(first, last)) {
            if (at < part.first()) {
                parts.add(new Span<>(at, part.first() - 1, Returned.UNSEEN));
            }
            parts.add(part);
            at = part.last() + 1;
        }
        if (at <= last) {
            parts.add(new Span<>(at, last, Returned.UNSEEN));
        }
        return parts;
    }

    /** The whole range in order, as {@link #of}, and nothing is known of it any more. */
    List<Span<Returned>> take(long first, long last) {
        List<Span<Returned>> parts = of(first, last);
        forget(first, last);
        return parts;
    }

    void forget(long first, long last) {
        if (!known.isEmpty()) {
            known.remove(first, last);
        }
    }

    /** Records went back. */
    void remember(Span<Acquired> span) {
        Returned returned = span.value().returned();
        if (!returned.equals(Returned.UNSEEN)) {
            known.put(span.first(), span.last(), returned);
        }
    }

    void change(long first, long last, UnaryOperator<Returned> change) {
        for (Span<Returned> part : take(first, last)) {
            known.put(part.first(), part.last(), change.apply(part.value()));
        }
    }
}
