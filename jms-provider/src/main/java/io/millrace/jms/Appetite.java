// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

/**
 * How many messages a receiver buffers at most: as many as were taken from it in {@link #WORTH_MS}, between a floor and a
 * ceiling; above the floor no more than so many bytes, going by those that came last. So one that is fast asks the broker
 * seldom, and one that is slow does not keep messages from others. Where floor and ceiling are one it is just that number.
 * Whoever gives its buffer back gets less than the floor, and that again once what it gets proves too little. Guarded by
 * the session's lock.
 */
final class Appetite {
    static final int WORTH_MS = 100;

    private final int floor;
    private final int ceiling;
    private final int bytes;
    private int affordable;
    private int most;
    private int taken;
    private long sinceMs;

    /**
     * @param floor 1 or more
     * @param ceiling at least {@code floor}
     * @param bytes that all it buffers may have, where that is more than {@code floor} messages
     */
    Appetite(int floor, int ceiling, int bytes) {
        this.floor = floor;
        this.ceiling = ceiling;
        this.bytes = bytes;
        this.affordable = ceiling;
        this.most = floor;
    }

    /** How many may be buffered. */
    int most() {
        return Math.min(most, affordable);
    }

    /** Messages came, of so many bytes together. */
    void onArrived(int count, long theirBytes) {
        if (count > 0) {
            long each = Math.max(1, theirBytes / count);
            affordable = (int) Math.max(floor, Math.min(ceiling, bytes / each));
        }
    }

    /**
     * A message was taken.
     *
     * @param left how many are buffered now
     * @param nowMs milliseconds since the epoch
     */
    void onTaken(int left, long nowMs) {
        taken++;
        if (most < floor) {
            if (left == 0) {
                most = Math.min(floor, 2 * most);
            }
        } else if (taken > most / 2) {
            long worth = (long) taken * WORTH_MS / Math.max(1, nowMs - sinceMs);
            most = (int) Math.max(floor, Math.min(Math.min(ceiling, 2L * most), worth));
            taken = 0;
            sinceMs = nowMs;
        }
    }

    /** What was buffered went back. */
    void onGivenBack() {
        most = Math.max(1, Math.min(most, floor) / 2);
        taken = 0;
    }
}
