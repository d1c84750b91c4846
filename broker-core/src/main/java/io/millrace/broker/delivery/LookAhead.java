// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a group on a partition, and what is to be looked at next for them. Owned by the partition's loop.
 *
 * <p>A lane is one filter among the group's consumers. A scan starts where the lane that was scanned for longest ago
 * stands and serves all lanes that are there: many selectors at the log's end cost one read and one decoding. What a
 * filter passes over stays as it was, so it neither pins anything nor takes memory. Candidates are hints: an offset may
 * have been taken through another lane, which {@link GroupPartition} knows.
 */
final class LookAhead {
    /** What a lane may hold in any case while somebody waits. */
    static final int SMALL_WINDOW_BYTES = 16 << 10;
    /** Nothing comes before it: to deliver it one need not know what follows. */
    private static final int HIGHEST_PRIORITY = Parked.PRIORITIES - 1;

    private final GroupPartition engine;
    private final DeliveryRules rules;
    private final int maxRecords;
    private final int maxBytes;
    private final int maxPrioritized;
    private final LookAheadBudget budget;
    private final ScanPlanner planner;
    private final LookedOver lookedOver = new LookedOver();
    private final Map<ConsumerFilter, Lane> lanes = new LinkedHashMap<>();
    private @Nullable Scan scan;
    private long scans;

    /**
     * @param maxRecords of one lane's window
     * @param maxBytes of one lane's window
     * @param maxPrioritized records of a lane that are known, most by their offsets, where priorities differ
     * @param budget of all windows
     */
    LookAhead(
            GroupPartition engine,
            DeliveryRules rules,
            int maxRecords,
            int maxBytes,
            int maxPrioritized,
            LookAheadBudget budget) {
        this.budget = budget;
        this.planner = new ScanPlanner(engine, rules, this);
        this.engine = engine;
        this.rules = rules;
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
        this.maxPrioritized = maxPrioritized;
        engine.listener(this::onAvailable);
    }

    /** The lane of a filter, made if there is none; it lives until its last holder has left. */
    Lane join(Holder holder, ConsumerFilter filter) {
        Lane lane = lanes.get(filter);
        if (lane == null) {
            lane = new Lane(filter, lookedOver.takePosition(filter, engine.lowWatermark()), budget);
            lanes.put(filter, lane);
        }
        lane.holders().add(holder);
        return lane;
    }

    void leave(Predicate<Holder> who) {
        Iterator<Lane> all = lanes.values().iterator();
        while (all.hasNext()) {
            Lane lane = all.next();
            if (lane.holders().removeIf(who) && lane.holders().isEmpty()) {
                if (!lane.filter().matchesAll()) {
                    lookedOver.remember(lane.key(), lane.lookedOver());
                }
                lane.window().clear();
                all.remove();
            }
        }
    }

    /** Begins anew where the engine does; a scan under way counts no more. */
    void reset() {
        scan = null;
        lookedOver.clear();
        lanes.values().forEach(lane -> lane.reset(engine.lowWatermark()));
    }

    /** Gives back all memory. */
    void clear() {
        lanes.values().forEach(lane -> lane.window().clear());
        lanes.clear();
    }

    private void onAvailable(long first, long last) {
        lookedOver.onAvailable(first);
        for (Lane lane : lanes.values()) {
            lane.lookAgain(first, last, scan != null);
        }
    }

    /** Whether the scan under way is for this lane, too. */
    boolean isScanning(Lane lane) {
        return scan != null && scan.parts().stream().anyMatch(part -> part.lane() == lane);
    }

    /** Whether there is something to look at for a lane, and room for what is found. */
    boolean wants(Lane lane, long highWatermark) {
        if (!lane.again().isEmpty()) {
            return lane.isMixed() || !isFull(lane) || isBlocked(lane);
        }
        return lane.cursor() < engine.end(highWatermark)
                && (lane.isMixed() ? known(lane) < maxPrioritized : !isFull(lane));
    }

    /** Of a lane with priorities, how many records are there to choose from. */
    private static long known(Lane lane) {
        return lane.window().count() + lane.parked().prioritized();
    }

    private boolean isFull(Lane lane) {
        long bytes = lane.window().bytes();
        return lane.window().count() >= maxRecords
                || bytes >= maxBytes
                || (bytes >= SMALL_WINDOW_BYTES && budget.leftBytes() == 0);
    }

    /** Whether reading in advance, for nobody who waits, is worth a scan: few large ones cost less than many small ones. */
    private boolean isWorthReadingAhead(Lane lane) {
        if (!lane.again().isEmpty()) {
            return true;
        }
        return budget.leftBytes() > 0
                && (lane.isMixed()
                        ? known(lane) <= maxPrioritized - maxPrioritized / 8
                        : lane.window().count() * 2 <= maxRecords
                                && lane.window().bytes() * 2 <= maxBytes);
    }

    /** Whether what the window has must wait for what is to be looked at again. */
    private static boolean isBlocked(Lane lane) {
        Piece first = lane.window().first();
        return first != null && !lane.isMixed() && first.firstOffset() >= lane.limit();
    }

    /** Whether what a lane would deliver next is far enough ahead of what it has not looked at. */
    boolean isReady(Lane lane, long highWatermark) {
        if (!lane.isMixed()) {
            return true;
        }
        if (known(lane) >= maxPrioritized || lane.cursor() >= engine.end(highWatermark)) {
            lane.farSighted(true);
        } else if (known(lane) * 2 < maxPrioritized) {
            lane.farSighted(false);
        }
        Piece first = lane.window().first();
        boolean enough = lane.isFarSighted() || (first != null && first.priority() == HIGHEST_PRIORITY);
        return enough && lane.limit() == OffsetSet.NONE && !isFirstParked(lane);
    }

    private static boolean isFirstParked(Lane lane) {
        Piece first = lane.window().first();
        return first == null ? lane.parked().highest() >= 0 : lane.parked().isBefore(first);
    }

    /** Has message groups looked at again that were another's and are free now: they may come first. */
    void onServe(Lane lane) {
        lane.parked().takeGroups(engine::isFree, (first, last) -> lane.lookAgain(first, last, scan != null));
    }

    /**
     * A consumer waits and gets nothing of what the lane holds: has what it could get looked at again, and makes room in
     * a window that is full of what belongs to others.
     */
    void onNothingFor(Lane lane, Holder holder) {
        lane.parked()
                .takeGroups(
                        group -> engine.isOpenTo(holder, group),
                        (first, last) -> lane.lookAgain(first, last, scan != null));
        if (lane.limit() != OffsetSet.NONE) {
            return;
        }
        if (isFirstParked(lane)) {
            lane.parked()
                    .takeHighest(
                            Math.max(1, maxRecords / 2), (first, last) -> lane.lookAgain(first, last, scan != null));
        } else if (isFull(lane)) {
            parkGroups(lane, holder);
        }
    }

    private void parkGroups(Lane lane, Holder holder) {
        Window window = lane.window();
        Piece piece = window.last();
        while (piece != null && (window.count() * 2 > maxRecords || window.bytes() * 2 > maxBytes)) {
            Piece before = window.before(piece);
            String group = piece.group();
            if (group != null && !engine.isOpenTo(holder, group)) {
                window.remove(piece);
                lane.parked().addByGroup(group, piece);
                piece.release();
            }
            piece = before;
        }
    }

    /** A ready lane's next piece that a consumer may get, its first record available; {@code null} for none. */
    @Nullable
    Piece next(Lane lane, Holder holder, long nowMs) {
        Window window = lane.window();
        Piece piece = window.first();
        while (piece != null) {
            if (lane.isMixed() ? mayBeOvertaken(lane, piece) : piece.firstOffset() >= lane.limit()) {
                return null;
            }
            OffsetRange free = engine.firstAvailable(piece.firstOffset(), piece.lastOffset());
            if (free == null || nowMs >= piece.expiresAtMs()) {
                window.remove(piece);
                if (free != null) {
                    lane.lookAgain(piece.firstOffset(), piece.lastOffset(), scan != null);
                }
                piece.release();
            } else if (free.first() > piece.firstOffset()) {
                window.dropFirst(piece, (int) (free.first() - piece.firstOffset()));
                continue;
            } else if (mayGo(lane, holder, piece)) {
                return piece;
            }
            piece = window.after(piece);
        }
        return null;
    }

    private static boolean mayBeOvertaken(Lane lane, Piece piece) {
        return lane.parked().isBefore(piece) || (!lane.isFarSighted() && piece.priority() < HIGHEST_PRIORITY);
    }

    private boolean mayGo(Lane lane, Holder holder, Piece piece) {
        // Of a message group, nothing overtakes what is parked or to be looked at again.
        return piece.group() == null
                || (engine.isOpenTo(holder, piece.group())
                        && !lane.parked().hasGroup(piece.group())
                        && piece.firstOffset() < lane.limit());
    }

    /** How many of the first records of a piece that {@link #next} gave may be taken. */
    int takeable(Lane lane, Piece piece, long max, long maxBytes, boolean any) {
        OffsetRange free = engine.firstAvailable(piece.firstOffset(), piece.lastOffset());
        long end = free == null ? piece.firstOffset() : free.last() + 1;
        if (!lane.isMixed()) {
            end = Math.min(end, lane.limit());
        }
        int open = (int) Math.min(max, end - piece.firstOffset());
        int fitting = piece.fitting(open, maxBytes);
        return fitting == 0 && !any ? Math.min(1, open) : fitting;
    }

    /**
     * The next scan to make, if there is none under way and a lane wants one.
     *
     * @param wanting which lanes have somebody to serve
     */
    @Nullable
    Scan nextScan(Predicate<Lane> wanting, long highWatermark, long nowMs) {
        if (scan != null) {
            return null;
        }
        List<Lane> eager = new ArrayList<>();
        for (Lane lane : lanes.values()) {
            lane.moveTo(engine.lowWatermark());
            boolean worth = wanting.test(lane) || (lane.readsAhead() && isWorthReadingAhead(lane));
            if (worth && wants(lane, highWatermark)) {
                eager.add(lane);
            }
        }
        ScanPlanner.Moment moment = new ScanPlanner.Moment(scans + 1, highWatermark, nowMs, lanes.size() == 1);
        while (!eager.isEmpty()) {
            Lane leader = eager.get(0);
            for (Lane lane : eager) {
                leader = lane.lastScan() < leader.lastScan() ? lane : leader;
            }
            scan = leader.again().isEmpty()
                    ? planner.forward(leader, eager, moment)
                    : planner.again(leader, eager, moment);
            if (scan != null) {
                onStarted(scan);
                return scan;
            }
            Lane done = leader;
            eager.removeIf(lane -> lane == done || !wants(lane, highWatermark));
            if (wants(leader, highWatermark)) {
                eager.add(leader);
            }
        }
        return null;
    }

    private void onStarted(Scan started) {
        scans++;
        for (Scan.Part part : started.parts()) {
            part.lane().scannedAs(scans);
            part.lane().readAhead(part.lane().isMixed());
        }
    }

    /** How many records with their bytes a lane takes; one with priorities looks on and parks what comes last. */
    long room(Lane lane) {
        return lane.isMixed()
                ? maxRecords
                : Math.max(1, maxRecords - lane.window().count());
    }

    /** How many bytes of records a lane takes. */
    long roomBytes(Lane lane) {
        long own =
                lane.isMixed() ? maxBytes : Math.max(1, maxBytes - lane.window().bytes());
        return Math.min(own, Math.max(SMALL_WINDOW_BYTES, budget.leftBytes()));
    }

    /** Going on, of records up to this priority a lane takes the offsets only; -1 for none: its window has room. */
    int parksUpTo(Lane lane) {
        Piece last = lane.isMixed() && isFull(lane) ? lane.window().last() : null;
        return last == null ? -1 : last.priority();
    }

    /** How many offsets a lane takes in that way. */
    long roomForParked(Lane lane) {
        return Math.max(1, maxPrioritized - known(lane));
    }

    /** A scan failed; its buffers are gone already. */
    void onScanFailed(Scan failed) {
        if (scan == null || failed.number() != scan.number()) {
            return;
        }
        scan = null;
        lanes.values().forEach(Lane::onScanned);
    }

    /** Takes over what a scan has found. */
    void onScanned(ScanCollector collector) {
        Scan made = collector.scan();
        if (scan == null || made.number() != scan.number()) {
            collector.release();
            return;
        }
        scan = null;
        for (OffsetRange range : collector.absent()) {
            engine.drop(range.first(), range.last());
        }
        for (OffsetRange range : collector.unmatched()) {
            engine.drop(range.first(), range.last());
        }
        for (OffsetRange range : collector.expired()) {
            if (rules.movesExpired()) {
                engine.doom(range.first(), range.last(), Death.Reason.EXPIRED);
            } else {
                engine.drop(range.first(), range.last());
            }
        }
        for (Span<Long> span : collector.delayed()) {
            engine.delay(span.first(), span.last(), span.value());
        }
        for (Scan.Part part : made.parts()) {
            Lane lane = part.lane();
            long to = Math.min(part.stop(), collector.examinedTo());
            if (made.forward()) {
                lane.moveTo(to);
            } else {
                part.forEachWantedBelow(to, (first, last) -> lane.again().remove(first, last));
            }
            List<Piece> pieces = part.takePieces();
            if (lanes.get(lane.key()) == lane) {
                part.forEachParked((offsets, priority) -> lane.parked().addByPriority(priority, offsets));
                pieces.forEach(piece -> add(lane, piece));
            } else {
                pieces.forEach(Piece::release);
            }
        }
        lanes.values().forEach(Lane::onScanned);
    }

    private void add(Lane lane, Piece piece) {
        lane.onPriority(piece.priority(), ScanCollector.USUAL_PRIORITY);
        String group = piece.group();
        if (group != null && lane.parked().hasGroup(group)) {
            lane.parked().addByGroup(group, piece);
            piece.release();
            return;
        }
        lane.window().add(piece);
        while (lane.isMixed()
                && isFull(lane)
                && lane.window().first() != lane.window().last()) {
            Piece last = Objects.requireNonNull(lane.window().last());
            lane.window().remove(last);
            lane.parked().addByPriority(last);
            last.release();
        }
    }
}
