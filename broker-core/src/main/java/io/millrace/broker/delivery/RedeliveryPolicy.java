// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.protocol.message.Redelivery;

/**
 * What becomes of a destination's messages that are not accepted.
 *
 * @param maxDeliveries how often an application may receive a message; -1 for no limit
 * @param delayMs how long a message waits for its second delivery, milliseconds
 * @param multiplier by how much the wait grows with each further delivery, at least 1
 * @param maxDelayMs the longest wait, milliseconds
 * @param deadLetterQueue where a message goes that is delivered no more; empty: nowhere
 * @param expiryQueue where an expired message goes; empty: nowhere
 * @param keepsAll whether it is a dead-letter or expiry queue, which drops nothing
 */
record RedeliveryPolicy(
        int maxDeliveries,
        long delayMs,
        double multiplier,
        long maxDelayMs,
        String deadLetterQueue,
        String expiryQueue,
        boolean keepsAll) {

    /**
     * A destination's policy. A dead-letter or expiry queue keeps what comes back or expires there: it does not move
     * messages in circles.
     */
    static RedeliveryPolicy of(String destination, TopicConfig config) {
        String deadLetters = config.get(TopicConfigKeys.DEAD_LETTER_QUEUE);
        String expiry = config.get(TopicConfigKeys.EXPIRY_QUEUE);
        boolean end = destination.equals(deadLetters) || destination.equals(expiry);
        return new RedeliveryPolicy(
                end ? -1 : config.get(TopicConfigKeys.MAX_DELIVERIES),
                config.get(TopicConfigKeys.REDELIVERY_DELAY_MS),
                config.get(TopicConfigKeys.REDELIVERY_MULTIPLIER),
                config.get(TopicConfigKeys.REDELIVERY_MAX_DELAY_MS),
                end ? "" : deadLetters,
                end ? "" : expiry,
                end);
    }

    /** This policy, but for what a consumer asks for. */
    RedeliveryPolicy with(Redelivery asked) {
        if (asked.equals(Redelivery.OF_DESTINATION)) {
            return this;
        }
        return new RedeliveryPolicy(
                asked.maxDeliveries() == Redelivery.UNSET || (keepsAll && asked.deadLetterQueue() == null)
                        ? maxDeliveries
                        : asked.maxDeliveries(),
                asked.delayMs() == Redelivery.UNSET ? delayMs : asked.delayMs(),
                asked.multiplier() == Redelivery.UNSET ? multiplier : asked.multiplier(),
                asked.maxDelayMs() == Redelivery.UNSET ? maxDelayMs : asked.maxDelayMs(),
                asked.deadLetterQueue() == null ? deadLetterQueue : asked.deadLetterQueue(),
                expiryQueue,
                keepsAll);
    }

    /** Whether a message that was received this often is not delivered again. */
    boolean isExhausted(int deliveryCount) {
        return maxDeliveries != -1 && deliveryCount >= maxDeliveries;
    }

    /** How long a message waits that was received this often, milliseconds. */
    long delayMs(int deliveryCount) {
        if (delayMs == 0) {
            return 0;
        }
        double wait = (double) delayMs * Math.pow(multiplier, Math.max(0, deliveryCount - 1));
        return (long) Math.min(wait, (double) Math.max(maxDelayMs, delayMs));
    }
}
