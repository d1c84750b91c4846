// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.StateRecord;
import io.millrace.protocol.message.AckType;
import java.util.ArrayList;
import java.util.List;

/** The state records that one acknowledgement makes. */
final class Settlement {
    private Settlement() {}

    /** Computes, changes nothing; no records for a release, which is not durable. */
    static List<StateRecord> records(int group, AckType type, List<Span<Acquired>> held) {
        return switch (type) {
            case ACCEPT, REJECT -> List.of(DeliveryRecords.finals(group, ranges(held)));
            case RECEIPT -> {
                List<Span<Integer>> counts = counts(held);
                yield counts.isEmpty() ? List.of() : List.of(DeliveryRecords.received(group, counts));
            }
            case RELEASE -> List.of();
        };
    }

    private static List<OffsetRange> ranges(List<Span<Acquired>> held) {
        List<OffsetRange> ranges = new ArrayList<>();
        for (Span<Acquired> span : held) {
            int end = ranges.size() - 1;
            if (end >= 0 && ranges.get(end).last() == span.first() - 1) {
                ranges.set(end, new OffsetRange(ranges.get(end).first(), span.last()));
            } else {
                ranges.add(new OffsetRange(span.first(), span.last()));
            }
        }
        return ranges;
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
