// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.protocol.message.Pull;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records acquired at one time, under one lease, for one consumer. On the partition's loop. */
final class Acquisition {
    private final GroupPartition engine;
    private final int partition;
    private final Holder holder;
    private final long lease;
    private final DeliveryRules rules;
    private final List<Pull.Run> runs = new ArrayList<>();
    private final List<OffsetRange> firstTaken = new ArrayList<>();
    private @Nullable Chunk chunk;
    private int from;
    private int to;
    private Returned history = Returned.UNSEEN;

    Acquisition(GroupPartition engine, int partition, Holder holder, long lease, DeliveryRules rules) {
        this.engine = engine;
        this.partition = partition;
        this.holder = holder;
        this.lease = lease;
        this.rules = rules;
    }

    /** Acquires what a ready lane has for the consumer, one record at least if there is one. */
    void fill(LookAhead lookAhead, Lane lane, long maxRecords, int maxBytes, long nowMs) {
        long records = maxRecords;
        long bytes = maxBytes;
        boolean any = false;
        while (records > 0) {
            Piece piece = lookAhead.next(lane, holder, nowMs);
            int count = piece == null ? 0 : lookAhead.takeable(lane, piece, records, bytes, any);
            if (piece == null || count == 0) {
                break;
            }
            any = true;
            records -= count;
            bytes -= piece.bytes(count);
            take(piece, count);
            lane.window().dropFirst(piece, count);
        }
        flush();
    }

    private void take(Piece piece, int count) {
        long first = piece.firstOffset();
        List<Span<Returned>> parts =
                engine.acquire(holder, lease, first, first + count - 1, piece.group(), rules.countsAtAcquisition());
        for (Span<Returned> part : parts) {
            int at = piece.index() + (int) (part.first() - first);
            add(piece.chunk(), at, at + (int) part.count(), part.value());
            if (!part.value().redelivered()) {
                markFirstTaken(part.first(), part.last());
            }
        }
    }

    private void add(Chunk of, int start, int end, Returned was) {
        if (of != chunk || start != to || !was.equals(history)) {
            flush();
            of.retain();
            chunk = of;
            from = start;
            history = was;
        }
        to = end;
    }

    private void flush() {
        Chunk done = chunk;
        if (done != null) {
            runs.add(new Pull.Run(
                    partition,
                    lease,
                    history.deliveryCount(),
                    history.redelivered(),
                    done.baseOffset(),
                    done.baseTimestampMs(),
                    to - from,
                    done.slice(from, to)));
            done.release();
            chunk = null;
        }
    }

    private void markFirstTaken(long first, long last) {
        int end = firstTaken.size() - 1;
        if (end >= 0 && firstTaken.get(end).last() == first - 1) {
            firstTaken.set(end, new OffsetRange(firstTaken.get(end).first(), last));
        } else {
            firstTaken.add(new OffsetRange(first, last));
        }
    }

    /** What was acquired, in delivery order; the taker takes over the buffers. */
    List<Pull.Run> runs() {
        return runs;
    }

    /** Those that nobody may have received before, in offset order. */
    List<OffsetRange> firstTaken() {
        firstTaken.sort((a, b) -> Long.compare(a.first(), b.first()));
        return firstTaken;
    }
}
