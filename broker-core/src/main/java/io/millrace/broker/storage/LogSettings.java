// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

/**
 * How one log is cut into segments and indexed (Kafka's topic settings of the same names).
 *
 * @param segmentBytes a segment is sealed before it would grow above this; one batch may be larger
 * @param segmentMs a segment is sealed at the first append this many milliseconds after its creation
 * @param indexIntervalBytes bytes of data between two entries of the sparse index
 */
public record LogSettings(long segmentBytes, long segmentMs, int indexIntervalBytes) {
    public LogSettings {
        if (segmentBytes < 1 || segmentMs < 1 || indexIntervalBytes < 1) {
            throw new IllegalArgumentException("segment bytes " + segmentBytes + ", ms " + segmentMs
                    + " and index interval " + indexIntervalBytes + " must all be above 0");
        }
    }
}
