// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the messages of a queue without acquiring them: those in the log by the time of the first page that the queue
 * has not finished with, in flight or not, but neither delayed nor expired ones. The broker remembers nothing between
 * pages: each one says where it begins and where the snapshot ends.
 *
 * @param destination the queue
 * @param partition the partition index
 * @param fromOffset where this page begins; 0 for the first
 * @param endOffset where the snapshot ends, exclusive: {@link #NOW} for the first page, then as the answer said
 * @param selector a message selector, or {@code null} for all
 * @param maxMessages the most messages of this page, at least 1
 * @param maxBytes the most record bytes of this page; one record is always answered, however large
 */
public record Browse(
        String destination,
        int partition,
        long fromOffset,
        long endOffset,
        @Nullable String selector,
        int maxMessages,
        int maxBytes)
        implements MillraceRequest {
    /** The end of the log as it is when the request comes. */
    public static final long NOW = -1;

    @Override
    public MillraceApi api() {
        return MillraceApi.BROWSE;
    }

    /**
     * A page. It may hold no message and not be the last one: the broker reads a bounded part of the log for each.
     *
     * @param nextOffset where the next page begins; at or above {@code endOffset} there is none
     * @param endOffset where the snapshot ends, exclusive
     * @param runs the messages in offset order, with lease 0
     */
    public record Response(Status status, long nextOffset, long endOffset, List<Pull.Run> runs)
            implements MillraceResponse {
        @Override
        public void release() {
            runs.forEach(run -> run.records().release());
        }
    }
}
