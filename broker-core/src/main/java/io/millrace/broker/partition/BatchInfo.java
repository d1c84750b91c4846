// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.netty.buffer.ByteBuf;

/**
 * What the broker reads from one record batch of an append.
 *
 * @param batch the whole batch, a slice of the producer's frame; not owned
 * @param count how many offsets it takes
 * @param firstSequence the first record's sequence, -1 without a producer id
 */
record BatchInfo(
        ByteBuf batch, int count, long maxTimestampMs, long producerId, short producerEpoch, int firstSequence) {

    boolean hasProducer() {
        return producerId >= 0;
    }

    int lastSequence() {
        return ProducerEntry.increment(firstSequence, count - 1);
    }
}
