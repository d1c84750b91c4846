// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;

/**
 * The coordinator's settings.
 *
 * @param minSessionTimeoutMs the least session time-out a member may ask for, milliseconds
 * @param maxSessionTimeoutMs the largest, milliseconds
 * @param initialRebalanceDelayMs how long a group that was empty waits for more members, milliseconds
 * @param maxMembers the most members of a group
 * @param maxOffsetMetadataBytes the most bytes of text with one committed offset
 */
public record GroupConfig(
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int initialRebalanceDelayMs,
        int maxMembers,
        int maxOffsetMetadataBytes) {

    /** Kafka's defaults, but for the number of members, which Kafka leaves open. */
    public static final GroupConfig DEFAULT = of(BrokerConfig.defaults());

    /** As the broker is configured. */
    public static GroupConfig of(BrokerConfig config) {
        return new GroupConfig(
                config.get(BrokerConfigKeys.GROUP_MIN_SESSION_TIMEOUT_MS),
                config.get(BrokerConfigKeys.GROUP_MAX_SESSION_TIMEOUT_MS),
                config.get(BrokerConfigKeys.GROUP_INITIAL_REBALANCE_DELAY_MS),
                config.get(BrokerConfigKeys.GROUP_MAX_SIZE),
                config.get(BrokerConfigKeys.OFFSET_METADATA_MAX_BYTES));
    }
}
