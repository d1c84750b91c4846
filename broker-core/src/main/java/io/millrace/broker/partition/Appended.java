// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.List;

/**
 * What became of a durable {@link Append}.
 *
 * @param baseOffsets the first offset of each batch, in order; empty when only state was appended
 * @param nextOffset one above the last offset of the append; without data, where the next batch would start
 * @param startOffset the partition's first offset at that time
 * @param logAppendTimeMs the time that the broker gave the records, milliseconds since the epoch; -1 where they keep their
 *     producer's
 * @param duplicate whether the batch had been appended before: the offsets are the original ones
 */
public record Appended(
        List<Long> baseOffsets, long nextOffset, long startOffset, long logAppendTimeMs, boolean duplicate) {
    public Appended {
        baseOffsets = List.copyOf(baseOffsets);
    }

    /** The first batch's first offset; -1 without data. */
    public long baseOffset() {
        return baseOffsets.isEmpty() ? -1 : baseOffsets.get(0);
    }
}
