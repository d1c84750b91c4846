// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides what a scan looks at, and for whom. Owned by the partition's loop. */
final class ScanPlanner {
    /** Stretches of one scan: bounds what it takes to make one. */
    private static final int MAX_RANGES = 256;

    private static final int LEAST_READ_BYTES = LookAhead.SMALL_WINDOW_BYTES;
    private static final int MOST_READ_BYTES = 1 << 20;
    /** What passes most of it over reads large pieces, in which batches of a megabyte leave little unused. */
    private static final int SEARCH_READ_BYTES = 2 << 20;

    private static final int GUESSED_RECORD_BYTES = 2 << 10;
    /** Room for records to look at again while the window is full of later ones. */
    private static final int ROOM_FOR_EARLIER = 64;

    private final GroupPartition engine;
    private final DeliveryRules rules;
    private final LookAhead lookAhead;

    ScanPlanner(GroupPartition engine, DeliveryRules rules, LookAhead lookAhead) {
        this.engine = engine;
        this.rules = rules;
        this.lookAhead = lookAhead;
    }

    /** When it is, and how far one may look. */
    record Moment(long number, long highWatermark, long nowMs, boolean onlyLane) {}

    /** From a lane's cursor on, also for the others that are there; {@code null} when nothing is left to look at. */
    @Nullable
    Scan forward(Lane leader, List<Lane> eager, Moment moment) {
        long end = engine.end(moment.highWatermark());
        List<OffsetRange> wanted = engine.available(leader.cursor(), end - 1, MAX_RANGES);
        if (wanted.isEmpty()) {
            leader.moveTo(end);
            return null;
        }
        if (wanted.size() == MAX_RANGES) {
            end = wanted.get(MAX_RANGES - 1).last() + 1;
        }
        List<Scan.Part> parts = new ArrayList<>();
        for (Lane lane : eager) {
            if (lane.cursor() >= leader.cursor() && lane.cursor() < end) {
                parts.add(new Scan.Part(
                        lane,
                        lane.cursor(),
                        null,
                        lookAhead.room(lane),
                        lookAhead.roomBytes(lane),
                        lookAhead.parksUpTo(lane),
                        lookAhead.roomForParked(lane)));
            }
        }
        return scan(wanted, end, true, parts, readBytes(leader), moment);
    }

    /** What a lane is to look at again, also for the others that have the same to look at. */
    @Nullable
    Scan again(Lane leader, List<Lane> eager, Moment moment) {
        List<OffsetRange> wanted = new ArrayList<>();
        long end = leader.cursor();
        for (OffsetRange range : leader.again().ranges(0, Long.MAX_VALUE - 1, MAX_RANGES)) {
            wanted.addAll(engine.available(range.first(), range.last(), MAX_RANGES - wanted.size()));
            if (wanted.size() == MAX_RANGES) {
                break;
            }
            end = range.last() + 1;
        }
        if (wanted.size() == MAX_RANGES) {
            end = wanted.get(MAX_RANGES - 1).last() + 1;
        }
        if (wanted.isEmpty()) {
            leader.again().remove(0, end - 1);
            return null;
        }
        List<Scan.Part> parts = new ArrayList<>();
        for (Lane lane : eager) {
            OffsetSet only = lane == leader ? null : common(lane.again(), wanted);
            if (only == null || !only.isEmpty()) {
                long records = Math.max(ROOM_FOR_EARLIER, lookAhead.room(lane));
                parts.add(new Scan.Part(lane, 0, only, records, Math.max(LEAST_READ_BYTES, lookAhead.roomBytes(lane))));
            }
        }
        long count = wanted.stream().mapToLong(OffsetRange::count).sum();
        int bytes = (int) Math.max(LEAST_READ_BYTES, Math.min(MOST_READ_BYTES, count * GUESSED_RECORD_BYTES));
        return scan(wanted, end, false, parts, bytes, moment);
    }

    private static OffsetSet common(OffsetSet set, List<OffsetRange> ranges) {
        OffsetSet common = new OffsetSet();
        if (!set.isEmpty()) {
            for (OffsetRange range : ranges) {
                common.addAll(set.within(range.first(), range.last()));
            }
        }
        return common;
    }

    private Scan scan(
            List<OffsetRange> wanted, long end, boolean forward, List<Scan.Part> parts, int readBytes, Moment moment) {
        return new Scan(
                moment.number(),
                wanted,
                end,
                forward,
                parts,
                rules,
                rules.dropsUnmatched() && moment.onlyLane(),
                moment.highWatermark(),
                moment.nowMs(),
                readBytes);
    }

    private int readBytes(Lane lane) {
        if (!lane.filter().matchesAll() || lookAhead.parksUpTo(lane) >= 0) {
            return SEARCH_READ_BYTES;
        }
        return (int) Math.max(LEAST_READ_BYTES, Math.min(MOST_READ_BYTES, lookAhead.roomBytes(lane)));
    }
}
