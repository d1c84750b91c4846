// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Reads from a connection only while what it has in progress, what is unwritten, what the store has not yet taken and
 * the client's quota allow it. Owned by the connection's loop.
 */
final class ReadGate {
    private static final long RECHECK_STORE_MS = 2;

    private final Channel channel;
    private final NetworkSettings settings;
    private final BooleanSupplier storeWritable;
    private int inFlight;
    private long inFlightBytes;
    private boolean recheckingStore;
    private boolean paused;
    private long pausedUntilNanos;
    private boolean shut;

    ReadGate(Channel channel, NetworkSettings settings, BooleanSupplier storeWritable) {
        this.channel = channel;
        this.settings = settings;
        this.storeWritable = storeWritable;
    }

    /** Whether nothing is in progress. */
    boolean isIdle() {
        return inFlight == 0;
    }

    /** A request is in progress; the caller {@link #regulate}s. */
    void onRequest(int bytes) {
        inFlight++;
        inFlightBytes += bytes;
    }

    /** A request was answered; the caller {@link #regulate}s. */
    void onAnswered(int bytes) {
        inFlight--;
        inFlightBytes -= bytes;
    }

    /** Reads nothing for so long: the client has used more than its quota. */
    void pause(long milliseconds) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        pausedUntilNanos = paused && pausedUntilNanos - until > 0 ? pausedUntilNanos : until;
        if (!paused) {
            paused = true;
            endPauseLater();
        }
        regulate();
    }

    private void endPauseLater() {
        var unused = channel.eventLoop()
                .schedule(
                        () -> {
                            if (pausedUntilNanos - System.nanoTime() > 0) {
                                endPauseLater();
                            } else {
                                paused = false;
                                regulate();
                            }
                        },
                        pausedUntilNanos - System.nanoTime(),
                        TimeUnit.NANOSECONDS);
    }

    /** Reads nothing any more: the connection drains or is closed. */
    void shut() {
        shut = true;
        regulate();
    }

    void regulate() {
        boolean storeKeepsUp = storeWritable.getAsBoolean();
        boolean read = !shut
                && inFlight < settings.maxInFlightRequests()
                && inFlightBytes < settings.maxInFlightBytes()
                && channel.isWritable()
                && !paused
                && storeKeepsUp;
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
        if (!shut && !storeKeepsUp) {
            recheckStoreLater();
        }
    }

    /** The store tells nobody when it has caught up. */
    private void recheckStoreLater() {
        if (recheckingStore) {
            return;
        }
        recheckingStore = true;
        var unused = channel.eventLoop()
                .schedule(
                        () -> {
                            recheckingStore = false;
                            regulate();
                        },
                        RECHECK_STORE_MS,
                        TimeUnit.MILLISECONDS);
    }
}
