// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import java.util.concurrent.TimeUnit;

/**
 * The coordinator's settings.
 *
 * @param minSessionTimeoutMs the least session time-out a classic member may ask for, milliseconds
 * @param maxSessionTimeoutMs the largest, milliseconds
 * @param initialRebalanceDelayMs how long a classic group that was empty waits for more members, milliseconds
 * @param maxMembers the most members of a group
 * @param maxOffsetMetadataBytes the most bytes of text with one committed offset
 * @param consumerSessionTimeoutMs a consumer group's member is removed after this silence, milliseconds (KIP-848)
 * @param consumerHeartbeatIntervalMs how often such a member shall give a sign of life, milliseconds
 * @param maxShareMembers the most members of a share group (KIP-932)
 * @param offsetsRetentionMs offsets that are of no use stay this long, milliseconds (KIP-211)
 * @param offsetsCheckIntervalMs how often is looked for such offsets, milliseconds
 */
public record GroupConfig(
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int initialRebalanceDelayMs,
        int maxMembers,
        int maxOffsetMetadataBytes,
        int consumerSessionTimeoutMs,
        int consumerHeartbeatIntervalMs,
        int maxShareMembers,
        long offsetsRetentionMs,
        long offsetsCheckIntervalMs) {
    /** Kafka's defaults, but for the number of members, which Kafka leaves open. */
    public static final GroupConfig DEFAULT = of(BrokerConfig.defaults());

    /** As the broker is configured. */
    public static GroupConfig of(BrokerConfig config) {
        return new GroupConfig(
                config.get(BrokerConfigKeys.GROUP_MIN_SESSION_TIMEOUT_MS),
                config.get(BrokerConfigKeys.GROUP_MAX_SESSION_TIMEOUT_MS),
                config.get(BrokerConfigKeys.GROUP_INITIAL_REBALANCE_DELAY_MS),
                config.get(BrokerConfigKeys.GROUP_MAX_SIZE),
                config.get(BrokerConfigKeys.OFFSET_METADATA_MAX_BYTES),
                config.get(BrokerConfigKeys.GROUP_CONSUMER_SESSION_TIMEOUT_MS),
                config.get(BrokerConfigKeys.GROUP_CONSUMER_HEARTBEAT_INTERVAL_MS),
                config.get(BrokerConfigKeys.GROUP_SHARE_MAX_SIZE),
                TimeUnit.MINUTES.toMillis(config.get(BrokerConfigKeys.OFFSETS_RETENTION_MINUTES)),
                config.get(BrokerConfigKeys.OFFSETS_RETENTION_CHECK_INTERVAL_MS));
    }
}
