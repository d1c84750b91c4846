// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

/**
 * What partitions go by.
 *
 * @param maxBatchBytes the largest record batch taken from a client (Kafka's {@code message.max.bytes})
 * @param snapshotStateBytes a snapshot is written once the STATE since the last one is larger
 * @param snapshotDataBytes a snapshot is written once the DATA since the last one is larger: recovery reads the headers
 *     of that much
 * @param producerExpirationMs a producer id is forgotten after this silence, milliseconds
 */
public record PartitionSettings(
        int maxBatchBytes, int snapshotStateBytes, long snapshotDataBytes, long producerExpirationMs) {

    public static final PartitionSettings DEFAULT =
            new PartitionSettings(1_048_588, 4 << 20, 256L << 20, 24L * 60 * 60 * 1000);
}
