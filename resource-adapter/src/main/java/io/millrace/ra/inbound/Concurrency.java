// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Decides how many sessions an activation has (docs/decisions/0021): more while all are busy and messages wait, fewer
 * when some have long been idle. Pure but for what it remembers; used by one thread at a time.
 */
final class Concurrency {
    /** So long all must have been busy while messages wait before there are more, and between two looks. */
    static final long GROW_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** A bean that takes longer does not keep the messages that its session has buffered. */
    static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** So long a session is idle before it is closed: a burst that comes back finds it. */
    static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** No more sessions are asked for so long after the server had no endpoint. */
    static final long REFUSED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int min;
    private final int max;
    private boolean pressed;
    private long pressedSinceNanos;
    private boolean refused;
    private long refusedAtNanos;

    /**
     * A session.
     *
     * @param busy whether a delivery runs
     * @param sinceNanos since when it is busy or idle
     * @param waiting how many messages it has buffered
     */
    record Seen(boolean busy, long sinceNanos, int waiting) {}

    /**
     * What to do.
     *
     * @param more how many sessions to open
     * @param close which session to close; -1 for none
     * @param giveBack which sessions are to return what they have buffered
     * @param nextNanos after how long to look again; -1 when the next delivery tells
     */
    record Decision(int more, int close, List<Integer> giveBack, long nextNanos) {}

    /**
     * @param min 1 or more
     * @param max at least {@code min}
     */
    Concurrency(int min, int max) {
        this.min = min;
        this.max = max;
    }

    /** Whether there is anything to decide. */
    boolean isFixed() {
        return max == 1;
    }

    /** The server had no endpoint for one more. */
    void onRefused(long nowNanos) {
        refused = true;
        refusedAtNanos = nowNanos;
    }

    Decision decide(long nowNanos, List<Seen> sessions) {
        boolean anyBusy = sessions.stream().anyMatch(Seen::busy);
        boolean allBusy = sessions.stream().allMatch(Seen::busy);
        boolean waiting = sessions.stream().anyMatch(seen -> seen.waiting() > 0);
        int more = more(nowNanos, sessions.size(), allBusy && waiting);
        int close = more > 0 ? -1 : longestIdle(nowNanos, sessions);
        return new Decision(
                more,
                close,
                allBusy && more == 0 ? List.of() : hoarders(nowNanos, sessions),
                anyBusy ? GROW_NANOS : sessions.size() > min ? untilIdle(nowNanos, sessions) : -1);
    }

    /** Doubles, so that a burst has all its sessions after some tenths of a second. */
    private int more(long nowNanos, int now, boolean pressedNow) {
        boolean longEnough = pressed && nowNanos - pressedSinceNanos >= GROW_NANOS;
        if (!pressedNow || !pressed) {
            pressed = pressedNow;
            pressedSinceNanos = nowNanos;
        }
        if (refused && nowNanos - refusedAtNanos >= REFUSED_NANOS) {
            refused = false;
        }
        if (!pressedNow || !longEnough || refused || now >= max) {
            return 0;
        }
        pressedSinceNanos = nowNanos;
        return Math.min(max - now, Math.max(1, now));
    }

    /** Sessions of slow beans whose messages another one, which is idle or about to open, can have. */
    private static List<Integer> hoarders(long nowNanos, List<Seen> sessions) {
        List<Integer> slow = new ArrayList<>();
        for (int i = 0; i < sessions.size(); i++) {
            Seen seen = sessions.get(i);
            if (seen.busy() && seen.waiting() > 0 && nowNanos - seen.sinceNanos() >= SLOW_NANOS) {
                slow.add(i);
            }
        }
        return slow;
    }

    private int longestIdle(long nowNanos, List<Seen> sessions) {
        int longest = -1;
        if (sessions.size() > min) {
            long most = IDLE_NANOS;
            for (int i = 0; i < sessions.size(); i++) {
                long idle = nowNanos - sessions.get(i).sinceNanos();
                if (!sessions.get(i).busy() && idle >= most) {
                    longest = i;
                    most = idle + 1;
                }
            }
        }
        return longest;
    }

    private static long untilIdle(long nowNanos, List<Seen> sessions) {
        long next = IDLE_NANOS;
        for (Seen seen : sessions) {
            next = Math.min(next, IDLE_NANOS - (nowNanos - seen.sinceNanos()));
        }
        return Math.max(GROW_NANOS, next);
    }
}
