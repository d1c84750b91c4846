// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

/**
 * What a partition knows of a producer, for operators (KIP-664).
 *
 * @param lastSequence of its last batch, -1 without any
 * @param lastTimestampMs when its last batch or marker was appended, milliseconds since the epoch
 * @param coordinatorEpoch of the coordinator that wrote its last marker, -1 without any
 * @param openOffset the first offset of its transaction that is undecided here, -1 without one
 */
public record ProducerInfo(
        long producerId,
        short producerEpoch,
        int lastSequence,
        long lastTimestampMs,
        int coordinatorEpoch,
        long openOffset) {}
