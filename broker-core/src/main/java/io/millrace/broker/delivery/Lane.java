// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.HashSet;
import java.util.Set;

/**
 * What was looked at for one filter of a group. Everything below the cursor was, but for the offsets to look at again;
 * what matched and is still to be delivered is in the window. Owned by the partition's loop.
 */
final class Lane {
    private final ConsumerFilter key;
    private final RecordFilter filter;
    private final Window window;
    private final OffsetSet again = new OffsetSet();
    private final OffsetSet againAfterScan = new OffsetSet();
    private final Parked parked = new Parked();
    private final Set<Holder> holders = new HashSet<>();
    private long cursor;
    private boolean mixed;
    private boolean readsAhead;
    private boolean farSighted;
    private long lastScan;

    Lane(ConsumerFilter key, long cursor, LookAheadBudget budget) {
        this.window = new Window(budget);
        this.key = key;
        this.filter = RecordFilter.of(key);
        this.cursor = cursor;
    }

    ConsumerFilter key() {
        return key;
    }

    RecordFilter filter() {
        return filter;
    }

    Window window() {
        return window;
    }

    Parked parked() {
        return parked;
    }

    Set<Holder> holders() {
        return holders;
    }

    /** All offsets below were looked at. */
    long cursor() {
        return cursor;
    }

    /** Forgets everything and begins at an offset. */
    void reset(long newCursor) {
        window.clear();
        again.clear();
        againAfterScan.clear();
        parked.clear();
        cursor = newCursor;
    }

    void moveTo(long newCursor) {
        cursor = Math.max(cursor, newCursor);
    }

    /** Offsets below the cursor that are to be looked at before those from it on; some may not be available. */
    OffsetSet again() {
        return again;
    }

    /** Has offsets looked at again, if they were looked at already. */
    void lookAgain(long first, long last, boolean scanning) {
        if (scanning) {
            // The scan may pass them without having seen them.
            againAfterScan.add(first, last);
        } else if (first < cursor) {
            again.add(first, Math.min(last, cursor - 1));
        }
    }

    /** A scan has ended and the cursor moved. */
    void onScanned() {
        if (!againAfterScan.isEmpty()) {
            again.addAll(againAfterScan);
            againAfterScan.clear();
            again.remove(cursor, Long.MAX_VALUE - 1);
        }
    }

    /** Candidates at or above this offset must wait: an earlier one may be found. */
    long limit() {
        return Math.min(again.first(), againAfterScan.first());
    }

    /** Whether priorities differ: then what is delivered next needs a look ahead. */
    boolean isMixed() {
        return mixed;
    }

    void onPriority(int priority, int usual) {
        mixed |= priority != usual;
    }

    /** With priorities: whether enough is known of what comes to choose from. */
    boolean isFarSighted() {
        return farSighted;
    }

    void farSighted(boolean enough) {
        farSighted = enough;
    }

    /** Below this offset nothing that is available matches, as far as is known. */
    long lookedOver() {
        Piece earliest = null;
        for (Piece piece = window.first(); piece != null; piece = window.after(piece)) {
            earliest = earliest == null || piece.firstOffset() < earliest.firstOffset() ? piece : earliest;
        }
        long first = earliest == null ? cursor : Math.min(cursor, earliest.firstOffset());
        return Math.min(first, Math.min(limit(), parked.first()));
    }

    /** Whether the window is to be filled although nobody waits: somebody was served and will come back. */
    boolean readsAhead() {
        return readsAhead;
    }

    void readAhead(boolean ahead) {
        readsAhead = ahead;
    }

    /** The number of the last scan made for this lane. */
    long lastScan() {
        return lastScan;
    }

    void scannedAs(long number) {
        lastScan = number;
    }
}
