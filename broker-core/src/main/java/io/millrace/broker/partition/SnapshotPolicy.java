// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

/** Decides when a partition's state is written as a whole. Owner only. */
final class SnapshotPolicy {
    /** Snapshots are at most this part of what is written. */
    private static final int DATA_PER_SNAPSHOT = 16;
    /** The same of state alone, which recovery reads whole. */
    private static final int STATE_PER_SNAPSHOT = 4;

    private final int maxStateBytes;
    private final long maxDataBytes;
    private long stateBytes;
    private long dataBytes;
    private long dataBytesToNext;
    private long stateBytesToNext;
    private boolean forced;

    SnapshotPolicy(PartitionSettings settings) {
        this.maxStateBytes = settings.snapshotStateBytes();
        this.maxDataBytes = settings.snapshotDataBytes();
        this.dataBytesToNext = maxDataBytes;
        this.stateBytesToNext = maxStateBytes;
    }

    void onState(int bytes) {
        stateBytes += bytes;
    }

    void onData(int bytes) {
        dataBytes += bytes;
    }

    /** Entries were cut at recovery: they must not come back once the data has grown past them. */
    void onCut() {
        forced = true;
    }

    boolean isDue() {
        return forced || stateBytes > stateBytesToNext || dataBytes > dataBytesToNext;
    }

    boolean isWorthwhile() {
        return stateBytes + dataBytes > 0;
    }

    /** A snapshot was made: a large one is made again only after as much more data or state. */
    void onSnapshot(int bytes) {
        stateBytes = 0;
        dataBytes = 0;
        forced = false;
        onSnapshotFound(bytes);
    }

    /** As {@link #onSnapshot}, of one that recovery found. */
    void onSnapshotFound(int bytes) {
        dataBytesToNext = Math.max(maxDataBytes, (long) bytes * DATA_PER_SNAPSHOT);
        stateBytesToNext = Math.max(maxStateBytes, (long) bytes * STATE_PER_SNAPSHOT);
    }
}
