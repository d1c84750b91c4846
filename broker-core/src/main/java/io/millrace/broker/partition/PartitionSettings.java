// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.BrokerConfig;

/**
 * What partitions go by.
 *
 * @param snapshotStateBytes a snapshot is written once the STATE since the last one is larger
 * @param snapshotDataBytes a snapshot is written once the DATA since the last one is larger, and some times the
 *     snapshot's size: recovery reads that much
 * @param broker the broker's settings: limits of producers and cleaning, and what topics go by that set nothing
 */
public record PartitionSettings(int snapshotStateBytes, long snapshotDataBytes, BrokerConfig broker) {
    private static final int SNAPSHOT_STATE_BYTES = 4 << 20;
    /** A start after kill -9 reads as much of each partition: of a thousand, 128 MB. */
    private static final long SNAPSHOT_DATA_BYTES = 256L << 10;

    /** As a broker goes by without any configuration. */
    public static final PartitionSettings DEFAULT = of(BrokerConfig.defaults());

    /** As the broker is configured. */
    public static PartitionSettings of(BrokerConfig config) {
        return new PartitionSettings(SNAPSHOT_STATE_BYTES, SNAPSHOT_DATA_BYTES, config);
    }
}
