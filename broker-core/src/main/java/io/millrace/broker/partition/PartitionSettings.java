// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;

/**
 * What partitions go by.
 *
 * @param maxBatchBytes the largest record batch taken from a client (Kafka's {@code message.max.bytes})
 * @param snapshotStateBytes a snapshot is written once the STATE since the last one is larger
 * @param snapshotDataBytes a snapshot is written once the DATA since the last one is larger: recovery reads the headers
 *     of that much
 * @param producerExpirationMs a producer id is forgotten after this silence, milliseconds
 * @param readAheadBytes the most bytes read for consumers before they ask, for all partitions; 0 for none
 */
public record PartitionSettings(
        int maxBatchBytes,
        int snapshotStateBytes,
        long snapshotDataBytes,
        long producerExpirationMs,
        long readAheadBytes) {

    private static final int SNAPSHOT_STATE_BYTES = 4 << 20;
    private static final long SNAPSHOT_DATA_BYTES = 256L << 20;
    private static final long PRODUCER_EXPIRATION_MS = 24L * 60 * 60 * 1000;

    /** As a broker goes by without any configuration. */
    public static final PartitionSettings DEFAULT = of(BrokerConfig.defaults());

    /** As the broker is configured. */
    public static PartitionSettings of(BrokerConfig config) {
        return new PartitionSettings(
                config.get(BrokerConfigKeys.MESSAGE_MAX_BYTES),
                SNAPSHOT_STATE_BYTES,
                SNAPSHOT_DATA_BYTES,
                PRODUCER_EXPIRATION_MS,
                config.get(BrokerConfigKeys.FETCH_READ_AHEAD_BYTES));
    }
}
