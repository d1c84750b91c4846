// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import org.jspecify.annotations.Nullable;

/**
 * What recovery asks of each batch of a log's tail, beyond its CRCs: that it joins on to the one before, and that the
 * STATE entries it needs are there. One use, by one thread.
 */
final class TailCheck {
    private final long stateLimit;
    private final long startOffset;
    private final EpochStarts epochs;
    private long end;

    /**
     * @param stateLimit the STATE entries there are
     * @param end where the log ends before the first batch; -1 when that is not known
     * @param startOffset what is missing below it was trimmed away
     * @param epochs takes those of the sound batches
     */
    TailCheck(long stateLimit, long end, long startOffset, EpochStarts epochs) {
        this.epochs = epochs;
        this.stateLimit = stateLimit;
        this.end = end;
        this.startOffset = startOffset;
    }

    /** What is wrong with the next batch; {@code null} when nothing is. */
    @Nullable
    String damage(SegmentWalk.Batch batch, boolean synced) {
        if (!synced && batch.stateEnd() > stateLimit) {
            return "a batch lacks the state entries that were appended with it";
        }
        if (end >= 0 && batch.previousEnd() > Math.max(end, startOffset)) {
            return "batches from offset " + end + " on are missing";
        }
        if (batch.baseOffset() < end) {
            return "a batch of offset " + batch.baseOffset() + " lies behind the log's end at " + end;
        }
        end = batch.lastOffset() + 1;
        epochs.see(batch.leaderEpoch(), batch.baseOffset());
        return null;
    }
}
