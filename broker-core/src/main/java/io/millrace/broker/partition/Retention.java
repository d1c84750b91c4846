// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.storage.LogSegment;
import java.util.List;

/**
 * Which of a log's oldest segments may go, as Kafka has it: those whose largest timestamp is older than {@code
 * retention.ms}, and those without which the log still has {@code retention.bytes}. Pure.
 */
final class Retention {
    private Retention() {}

    /**
     * The first offset to keep; the first segment's base offset when nothing may go.
     *
     * @param segments of the log, ascending
     * @param floor no record from this offset on may go
     */
    static long newStart(List<LogSegment> segments, TopicConfig config, long floor, long nowMs) {
        long start = segments.isEmpty() ? 0 : segments.get(0).baseOffset();
        if (!config.isDeleted()) {
            return start;
        }
        long retentionMs = config.get(TopicConfigKeys.RETENTION_MS);
        long retentionBytes = config.get(TopicConfigKeys.RETENTION_BYTES);
        long bytesLeft = segments.stream().mapToLong(LogSegment::sizeBytes).sum();
        for (LogSegment segment : segments) {
            bytesLeft -= segment.sizeBytes();
            boolean expired = retentionMs >= 0 && nowMs - newestMs(segment) > retentionMs;
            boolean tooMuch = retentionBytes >= 0 && bytesLeft >= retentionBytes;
            if (segment.endOffset() > floor || !(expired || tooMuch)) {
                return start;
            }
            start = segment.endOffset();
        }
        return start;
    }

    /** When the newest record of a segment was made, else when the segment was last written. */
    static long newestMs(LogSegment segment) {
        return segment.maxTimestampMs() >= 0 ? segment.maxTimestampMs() : segment.lastWriteMs();
    }
}
