// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

/**
 * What topics are made by.
 *
 * @param autoCreate whether a topic comes into being when a client first names it
 * @param defaultPartitions partitions of a topic made without saying how many
 * @param maxPartitions the most partitions of one topic
 */
public record TopicSettings(boolean autoCreate, int defaultPartitions, int maxPartitions) {
    public static final TopicSettings DEFAULT = new TopicSettings(true, 1, 10_000);
}
