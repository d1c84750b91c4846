// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.StateRecord;
import io.millrace.protocol.message.AckType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The state records that one acknowledgement makes. */
final class Settlement {
    private Settlement() {}

    /** Computes, changes nothing; no records for a release, which is not durable. */
    static List<StateRecord> records(int group, DeliveryRules rules, AckType type, List<Span<Acquired>> held) {
        return switch (type) {
            case ACCEPT -> List.of(DeliveryRecords.finals(group, ranges(held)));
            case REJECT -> dead(group, rules, Death.Reason.REJECTED, held);
            case EXPIRED -> dead(group, rules, Death.Reason.EXPIRED, held);
            case RECEIPT -> {
                List<Span<Integer>> counts = counts(held);
                yield counts.isEmpty() ? List.of() : List.of(DeliveryRecords.received(group, counts));
            }
            case RELEASE -> List.of();
        };
    }

    /** The state records by which records go back that are not available again at once. */
    static List<StateRecord> fates(int group, DeliveryRules rules, long nowMs, List<Span<Acquired>> returned) {
        Map<Long, List<OffsetRange>> later = new LinkedHashMap<>();
        List<Span<Death>> dead = new ArrayList<>();
        List<OffsetRange> dropped = new ArrayList<>();
        for (Span<Acquired> span : returned) {
            Fate fate = rules.onReturn(span.value(), nowMs);
            OffsetRange range = new OffsetRange(span.first(), span.last());
            if (fate instanceof Fate.Later wait) {
                later.computeIfAbsent(wait.atMs(), any -> new ArrayList<>()).add(range);
            } else if (fate instanceof Fate.Dead end) {
                Death death = rules.death(end.reason(), span.value());
                if (death == null) {
                    dropped.add(range);
                } else {
                    dead.add(new Span<>(span.first(), span.last(), death));
                }
            }
        }
        List<StateRecord> records = new ArrayList<>();
        later.forEach((wakeMs, ranges) -> records.add(DeliveryRecords.delayed(group, wakeMs, ranges)));
        if (!dead.isEmpty()) {
            records.add(DeliveryRecords.doomed(group, dead));
        }
        if (!dropped.isEmpty()) {
            records.add(DeliveryRecords.finals(group, dropped));
        }
        return records;
    }

    private static List<StateRecord> dead(
            int group, DeliveryRules rules, Death.Reason reason, List<Span<Acquired>> held) {
        List<Span<Death>> dead = new ArrayList<>();
        List<Span<Acquired>> dropped = new ArrayList<>();
        for (Span<Acquired> span : held) {
            Death death = rules.death(reason, span.value());
            if (death == null) {
                dropped.add(span);
            } else {
                dead.add(new Span<>(span.first(), span.last(), death));
            }
        }
        List<StateRecord> records = new ArrayList<>();
        if (!dead.isEmpty()) {
            records.add(DeliveryRecords.doomed(group, dead));
        }
        if (!dropped.isEmpty()) {
            records.add(DeliveryRecords.finals(group, ranges(dropped)));
        }
        return records;
    }

    private static List<OffsetRange> ranges(List<Span<Acquired>> held) {
        List<OffsetRange> ranges = new ArrayList<>();
        addRanges(ranges, held);
        return ranges;
    }

    /** Appends the offsets of spans, joined to ranges where they follow each other. */
    static void addRanges(List<OffsetRange> ranges, List<Span<Acquired>> held) {
        for (Span<Acquired> span : held) {
            int end = ranges.size() - 1;
            if (end >= 0 && ranges.get(end).last() == span.first() - 1) {
                ranges.set(end, new OffsetRange(ranges.get(end).first(), span.last()));
            } else {
                ranges.add(new OffsetRange(span.first(), span.last()));
            }
        }
    }

    private static List<Span<Integer>> counts(List<Span<Acquired>> held) {
        List<Span<Integer>> counts = new ArrayList<>();
        for (Span<Acquired> span : held) {
            if (!span.value().received()) {
                int count = Math.min(span.value().deliveryCount(), Integer.MAX_VALUE - 1) + 1;
                counts.add(new Span<>(span.first(), span.last(), count));
            }
        }
        return counts;
    }
}
