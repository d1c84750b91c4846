// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.config.TopicConfigKeys;

/**
 * What a topic asks of the batches of its producers.
 *
 * @param maxBatchBytes the largest batch
 * @param logAppendTime whether records get the broker's time at append
 * @param beforeMaxMs how far a timestamp may lie behind the broker's clock, milliseconds
 * @param afterMaxMs how far a timestamp may lie ahead of the broker's clock, milliseconds
 * @param keysNeeded whether each record must have a key, as in a compacted topic
 */
record BatchRules(int maxBatchBytes, boolean logAppendTime, long beforeMaxMs, long afterMaxMs, boolean keysNeeded) {
    static BatchRules of(TopicConfig config) {
        return new BatchRules(
                config.get(TopicConfigKeys.MAX_MESSAGE_BYTES),
                config.get(TopicConfigKeys.MESSAGE_TIMESTAMP_TYPE).equals("LogAppendTime"),
                config.get(TopicConfigKeys.MESSAGE_TIMESTAMP_BEFORE_MAX_MS),
                config.get(TopicConfigKeys.MESSAGE_TIMESTAMP_AFTER_MAX_MS),
                config.isCompacted());
    }

    /** Whether a producer's timestamp is taken; -1 stands for none. */
    boolean takes(long timestampMs, long nowMs) {
        return logAppendTime
                || timestampMs == -1
                || (timestampMs >= 0 && timestampMs - nowMs <= afterMaxMs && nowMs - timestampMs <= beforeMaxMs);
    }
}
