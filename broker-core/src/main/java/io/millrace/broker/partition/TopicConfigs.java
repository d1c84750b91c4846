// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.partition.BrokerException.Code;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings of topics, with the errors of this layer. */
public final class TopicConfigs {
    private static final Logger LOG = LoggerFactory.getLogger(TopicConfigs.class);

    private TopicConfigs() {}

    /** Fails with {@code INVALID_CONFIG} for an unknown name, a bad value or values that contradict each other. */
    public static TopicConfig check(Map<String, String> config, BrokerConfig broker) {
        try {
            return TopicConfig.of(config, broker);
        } catch (ConfigException refused) {
            throw new BrokerException(Code.INVALID_CONFIG, String.valueOf(refused.getMessage()), refused);
        }
    }

    /** As {@link #check}, but passes over what is bad: it was written by another version. */
    static TopicConfig lenient(String topic, Map<String, String> config, BrokerConfig broker) {
        try {
            return TopicConfig.of(config, broker);
        } catch (ConfigException bad) {
            LOG.warn("Topic {} goes by its other settings: {}", topic, bad.getMessage());
        }
        Map<String, String> good = new HashMap<>();
        config.forEach((name, value) -> {
            good.put(name, value);
            try {
                TopicConfig.of(good, broker);
            } catch (ConfigException bad) {
                good.remove(name);
            }
        });
        return TopicConfig.of(good, broker);
    }
}
