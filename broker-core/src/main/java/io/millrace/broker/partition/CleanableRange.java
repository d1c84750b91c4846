// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.storage.LogSegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The closed segments of a log that compaction may rewrite, and whether it is time to, as Kafka has it. Immutable.
 *
 * @param segments from the log's start, ascending
 * @param firstDirty where the part begins that was not compacted yet
 * @param dirtyBytes bytes of that part
 */
record CleanableRange(List<LogSegment> segments, long firstDirty, long dirtyBytes) {
    CleanableRange {
        segments = List.copyOf(segments);
    }

    /**
     * What there is to do, or {@code null} for nothing.
     *
     * @param stable the last stable offset: a segment with an undecided transaction is left alone
     */
    static @Nullable CleanableRange of(
            List<LogSegment> log, long firstDirty, long stable, TopicConfig config, long nowMs) {
        long minLagMs = config.get(TopicConfigKeys.MIN_COMPACTION_LAG_MS);
        long maxLagMs = config.get(TopicConfigKeys.MAX_COMPACTION_LAG_MS);
        List<LogSegment> candidates = new ArrayList<>();
        long cleanBytes = 0;
        long dirtyBytes = 0;
        boolean overdue = false;
        for (LogSegment segment : log) {
            boolean dirty = segment.endOffset() > firstDirty;
            long ageMs = nowMs - Retention.newestMs(segment);
            if (!segment.sealed() || segment.endOffset() > stable || (dirty && minLagMs > 0 && ageMs < minLagMs)) {
                break;
            }
            candidates.add(segment);
            if (dirty) {
                dirtyBytes += segment.sizeBytes();
                overdue |= nowMs - oldestMs(segment) > maxLagMs;
            } else {
                cleanBytes += segment.sizeBytes();
            }
        }
        if (dirtyBytes == 0) {
            return null;
        }
        double ratio = (double) dirtyBytes / (cleanBytes + dirtyBytes);
        boolean due = overdue || ratio >= config.get(TopicConfigKeys.MIN_CLEANABLE_DIRTY_RATIO);
        return due ? new CleanableRange(candidates, firstDirty, dirtyBytes) : null;
    }

    /** As in Kafka the first batch stands for the oldest record; without a timestamp, the segment's last write does. */
    private static long oldestMs(LogSegment segment) {
        return segment.firstTimestampMs() >= 0 ? segment.firstTimestampMs() : Retention.newestMs(segment);
    }

    long endOffset() {
        return segments.get(segments.size() - 1).endOffset();
    }

    /** Neighbours that together make one segment again. */
    List<List<LogSegment>> groups(long segmentBytes) {
        List<List<LogSegment>> groups = new ArrayList<>();
        List<LogSegment> group = new ArrayList<>();
        long bytes = 0;
        for (LogSegment segment : segments) {
            boolean full = !group.isEmpty()
                    && (bytes + segment.sizeBytes() > segmentBytes
                            || segment.endOffset() - group.get(0).baseOffset() > Integer.MAX_VALUE);
            if (full) {
                groups.add(group);
                group = new ArrayList<>();
                bytes = 0;
            }
            group.add(segment);
            bytes += segment.sizeBytes();
        }
        groups.add(group);
        return groups;
    }
}
