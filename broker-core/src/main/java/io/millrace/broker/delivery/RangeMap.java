// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Offsets with a value each, kept as spans: memory grows with the number of spans, not of offsets. Adjacent spans of
 * equal value are one. Not thread-safe.
 */
final class RangeMap<V> {

    /** Offsets from {@code first} to {@code last}, both inclusive, that share a value. */
    record Span<V>(long first, long last, V value) {
        long count() {
            return last - first + 1;
        }
    }

    private final TreeMap<Long, Span<V>> spans = new TreeMap<>();
    private long size;

    /** How many offsets have a value. */
    long size() {
        return size;
    }

    boolean isEmpty() {
        return spans.isEmpty();
    }

    /** The spans in offset order; a live view. */
    Collection<Span<V>> spans() {
        return spans.values();
    }

    @Nullable
    Span<V> firstSpan() {
        Map.Entry<Long, Span<V>> entry = spans.firstEntry();
        return entry == null ? null : entry.getValue();
    }

    /** The least offset at or above {@code from} that has a value, or {@code Long.MAX_VALUE}. */
    long nextIn(long from) {
        if (spans.isEmpty() || endOf(from) > from) {
            return spans.isEmpty() ? Long.MAX_VALUE : from;
        }
        Long next = spans.ceilingKey(from);
        return next == null ? Long.MAX_VALUE : next;
    }

    /** One above the last offset of the span that holds {@code offset}; {@code offset} itself when none does. */
    long endOf(long offset) {
        Map.Entry<Long, Span<V>> left = spans.floorEntry(offset);
        return left != null && left.getValue().last() >= offset
                ? left.getValue().last() + 1
                : offset;
    }

    /** Gives a value to offsets that have none. */
    void put(long first, long last, V value) {
        long from = first;
        long to = last;
        Map.Entry<Long, Span<V>> left = spans.floorEntry(last);
        if (left != null && left.getValue().last() >= first) {
            throw new IllegalStateException("offsets " + first + " to " + last + " overlap " + left.getValue());
        }
        if (left != null
                && left.getValue().last() == first - 1
                && left.getValue().value().equals(value)) {
            from = left.getKey();
        }
        Span<V> right = spans.get(last + 1);
        if (right != null && right.value().equals(value)) {
            spans.remove(last + 1);
            to = right.last();
        }
        spans.put(from, new Span<>(from, to, value));
        size += last - first + 1;
    }

    /** Takes the values of a range away and returns what was there, in offset order. */
    List<Span<V>> remove(long first, long last) {
        List<Span<V>> removed = within(first, last);
        for (Span<V> part : removed) {
            Map.Entry<Long, Span<V>> entry = spans.floorEntry(part.first());
            if (entry == null) {
                throw new IllegalStateException("no span holds offset " + part.first());
            }
            Span<V> whole = entry.getValue();
            spans.remove(whole.first());
            if (whole.first() < part.first()) {
                spans.put(whole.first(), new Span<>(whole.first(), part.first() - 1, whole.value()));
            }
            if (whole.last() > part.last()) {
                spans.put(part.last() + 1, new Span<>(part.last() + 1, whole.last(), whole.value()));
            }
            size -= part.count();
        }
        return removed;
    }

    /** What a range holds, clipped to it, in offset order. */
    List<Span<V>> within(long first, long last) {
        List<Span<V>> found = new ArrayList<>();
        Map.Entry<Long, Span<V>> left = spans.floorEntry(first);
        long from = left != null && left.getValue().last() >= first ? left.getKey() : first;
        for (Span<V> span : spans.subMap(from, true, last, true).values()) {
            found.add(new Span<>(Math.max(first, span.first()), Math.min(last, span.last()), span.value()));
        }
        return found;
    }
}
