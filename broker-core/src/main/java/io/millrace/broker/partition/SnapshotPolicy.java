// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

/** Decides when a partition's state is written as a whole. Owner only. */
final class SnapshotPolicy {
    private final int maxStateBytes;
    private final long maxDataBytes;
    private long stateBytes;
    private long dataBytes;
    private boolean forced;

    SnapshotPolicy(PartitionSettings settings) {
        this.maxStateBytes = settings.snapshotStateBytes();
        this.maxDataBytes = settings.snapshotDataBytes();
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
        return forced || stateBytes > maxStateBytes || dataBytes > maxDataBytes;
    }

    boolean isWorthwhile() {
        return stateBytes + dataBytes > 0;
    }

    void onSnapshot() {
        stateBytes = 0;
        dataBytes = 0;
        forced = false;
    }
}
