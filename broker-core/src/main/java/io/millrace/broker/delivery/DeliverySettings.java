// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;

/**
 * What delivery goes by.
 *
 * @param heartbeatTimeoutMs the longest silence granted to a link, milliseconds
 * @param maxInFlight records of one group and partition handed out and not settled
 * @param maxCredit the most records one pull acquires; a larger credit is cut to it
 * @param maxPullBytes the most record bytes of one answer, unless a single record is larger
 * @param maxConsumers consumers of one link; also sessions of one link
 * @param lookAheadMessages records held ready for one filter of a group and partition
 * @param lookAheadBytes record bytes held ready in the same way
 * @param priorityLookAheadMessages records among which priority decides, most of them known by their offsets only
 * @param maxPreparedBytes what prepared branches of distributed transactions take together in memory, bytes
 * @param maxSpilledBytes what they and large transactions take together on the disk until they are applied, bytes
 * @param lookAheadTotalBytes record bytes held ready for all filters of all groups together
 * @param priorityMaxBuffered records of a group with priorities that one consumer has and its application has not
 * @param rememberedBundles committed bundles of which a partition remembers the outcome
 */
public record DeliverySettings(
        int heartbeatTimeoutMs,
        int maxInFlight,
        int maxCredit,
        int maxPullBytes,
        int maxConsumers,
        int lookAheadMessages,
        int lookAheadBytes,
        int priorityLookAheadMessages,
        long maxPreparedBytes,
        long maxSpilledBytes,
        long lookAheadTotalBytes,
        int priorityMaxBuffered,
        int rememberedBundles) {
    private static final int MAX_PULL_BYTES = 8 << 20;
    private static final int MAX_CONSUMERS = 10_000;

    /** As a broker goes by without any configuration. */
    public static final DeliverySettings DEFAULT = of(BrokerConfig.defaults());

    /** As the broker is configured. */
    public static DeliverySettings of(BrokerConfig config) {
        return new DeliverySettings(
                config.get(BrokerConfigKeys.JMS_HEARTBEAT_TIMEOUT_MS),
                config.get(BrokerConfigKeys.JMS_MAX_INFLIGHT),
                config.get(BrokerConfigKeys.JMS_MAX_CREDIT),
                MAX_PULL_BYTES,
                MAX_CONSUMERS,
                config.get(BrokerConfigKeys.JMS_LOOK_AHEAD_MESSAGES),
                config.get(BrokerConfigKeys.JMS_LOOK_AHEAD_BYTES),
                config.get(BrokerConfigKeys.JMS_PRIORITY_LOOK_AHEAD_MESSAGES),
                config.get(BrokerConfigKeys.JMS_XA_PREPARED_MAX_BYTES),
                config.get(BrokerConfigKeys.JMS_TRANSACTION_SPILL_MAX_BYTES),
                config.get(BrokerConfigKeys.JMS_LOOK_AHEAD_TOTAL_BYTES),
                config.get(BrokerConfigKeys.JMS_PRIORITY_MAX_BUFFERED),
                config.get(BrokerConfigKeys.JMS_REMEMBERED_BUNDLES));
    }
}
