// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.delivery.JmsKind;
import io.millrace.protocol.message.DestinationKind;
import java.util.Map;

/**
 * What a destination is made with when a JMS client first opens it. One that is there already stays as it is.
 *
 * @param partitions how many it gets
 * @param maxMessageBytes the largest message it takes, as its setting {@code max.message.bytes}: Kafka's default is too
 *     little for what Jakarta Messaging's users send
 */
public record NewDestinations(int partitions, int maxMessageBytes) {
    /** As the broker is configured. */
    public static NewDestinations of(BrokerConfig config) {
        return new NewDestinations(
                config.get(BrokerConfigKeys.JMS_NUM_PARTITIONS), config.get(BrokerConfigKeys.JMS_MAX_MESSAGE_BYTES));
    }

    /** The settings of a new one. */
    Map<String, String> config(DestinationKind kind) {
        return Map.of(
                JmsKind.CONFIG,
                JmsKind.value(kind),
                TopicConfigKeys.MAX_MESSAGE_BYTES.name(),
                Integer.toString(maxMessageBytes));
    }
}
