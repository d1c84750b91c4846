// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** Decides which broker owns which partition of a topic. */
public final class PartitionSpread {
    private PartitionSpread() {}

    /**
     * Deals the partitions out in turn, beginning at a broker that depends on the topic's name, so that topics of one
     * partition spread too. Goes on in the same turn where a topic grows.
     *
     * @param brokers the ids of the live brokers; fails with {@code UNAVAILABLE} when there is none
     */
    public static List<Integer> over(Collection<Integer> brokers, String topic, int partitions) {
        if (partitions < 1) {
            throw new IllegalArgumentException("topic " + topic + " with " + partitions + " partitions");
        }
        if (brokers.isEmpty()) {
            throw new ClusterException(
                    Reason.UNAVAILABLE, "No broker is registered that could own topic " + topic + ": try again");
        }
        List<Integer> ids = brokers.stream().sorted().toList();
        int first = Math.floorMod(topic.hashCode(), ids.size());
        return IntStream.range(0, partitions)
                .mapToObj(partition -> ids.get((first + partition) % ids.size()))
                .toList();
    }
}
