// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

/**
 * What a log's owner sees of one segment: the unit of retention and compaction. A snapshot, immutable.
 *
 * @param baseOffset its first offset; the same one names it for its whole life
 * @param endOffset one above its last durable offset
 * @param sizeBytes bytes on the medium
 * @param firstTimestampMs the largest record timestamp in its first batch, milliseconds since the epoch; -1 when none has
 *     one
 * @param maxTimestampMs the largest record timestamp in it, milliseconds since the epoch; -1 when none has one
 * @param lastWriteMs when it was last written, milliseconds since the epoch by the store's clock
 * @param sealed whether nothing will be appended to it any more
 */
public record LogSegment(
        long baseOffset,
        long endOffset,
        long sizeBytes,
        long firstTimestampMs,
        long maxTimestampMs,
        long lastWriteMs,
        boolean sealed) {}
