// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.record;

import java.util.UUID;

/**
 * Names a partition for good: a topic deleted and created again under the same name has another id.
 *
 * @param topicId the topic's id
 * @param topic the topic's name
 * @param partition the partition index, from 0
 */
public record PartitionId(UUID topicId, String topic, int partition) implements Comparable<PartitionId> {
    public PartitionId {
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition + " of " + topic + " is negative");
        }
    }

    @Override
    public int compareTo(PartitionId other) {
        int byTopic = topicId.compareTo(other.topicId);
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
