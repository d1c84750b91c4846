// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;

/**
 * What topics are made by.
 *
 * @param autoCreate whether a topic comes into being when a client first names it
 * @param defaultPartitions partitions of a topic made without saying how many
 * @param maxPartitions the most partitions of one topic
 */
public record TopicSettings(boolean autoCreate, int defaultPartitions, int maxPartitions) {
    private static final int MAX_PARTITIONS = 10_000;

    /** As a broker goes by without any configuration. */
    public static final TopicSettings DEFAULT = of(BrokerConfig.defaults());

    /** As the broker is configured. */
    public static TopicSettings of(BrokerConfig config) {
        return new TopicSettings(
                config.get(BrokerConfigKeys.AUTO_CREATE_TOPICS_ENABLE),
                config.get(BrokerConfigKeys.NUM_PARTITIONS),
                MAX_PARTITIONS);
    }
}
