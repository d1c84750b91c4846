// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;

/**
 * The coordinator's settings.
 *
 * @param topicPartitions partitions of {@code __transaction_state} when it is created
 * @param maxTimeoutMs the largest transaction time-out that a producer may ask for, milliseconds
 * @param abortIntervalMs how often is looked for transactions whose time is over, milliseconds
 * @param expirationMs a transactional id that was not used for this long is forgotten, milliseconds
 * @param removeIntervalMs how often is looked for such ids, milliseconds
 */
public record TransactionConfig(
        int topicPartitions, int maxTimeoutMs, long abortIntervalMs, long expirationMs, long removeIntervalMs) {

    /** As the broker is configured. */
    public static TransactionConfig of(BrokerConfig config) {
        return new TransactionConfig(
                config.get(BrokerConfigKeys.TRANSACTION_STATE_LOG_NUM_PARTITIONS),
                config.get(BrokerConfigKeys.TRANSACTION_MAX_TIMEOUT_MS),
                config.get(BrokerConfigKeys.TRANSACTION_ABORT_INTERVAL_MS),
                config.get(BrokerConfigKeys.TRANSACTIONAL_ID_EXPIRATION_MS),
                config.get(BrokerConfigKeys.TRANSACTION_REMOVE_INTERVAL_MS));
    }
}
