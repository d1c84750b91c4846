// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.apache.kafka.common.protocol.Errors;

/** The rules for replicas that a client assigns by hand: one living broker for each partition, as there is one copy. */
final class Assignments {
    private Assignments() {}

    /** The owner of each partition. Fails with a {@link RefusedException}. */
    static List<Integer> owners(ClusterView view, List<List<Integer>> assigned) {
        List<Integer> owners = new ArrayList<>(assigned.size());
        for (List<Integer> brokers : assigned) {
            owners.add(owner(view, brokers));
        }
        return owners;
    }

    /** As {@link #owners(ClusterView, List)}; the partitions must be 0, 1, 2 and so on. */
    static List<Integer> owners(ClusterView view, SortedMap<Integer, List<Integer>> byPartition) {
        if (byPartition.firstKey() != 0 || byPartition.lastKey() != byPartition.size() - 1) {
            throw refused("partitions should be a consecutive 0-based integer sequence");
        }
        return owners(view, List.copyOf(byPartition.values()));
    }

    private static int owner(ClusterView view, List<Integer> brokers) {
        if (brokers.isEmpty()) {
            throw refused("The manual partition assignment includes an empty replica list.");
        }
        if (brokers.size() > 1) {
            throw refused("The manual partition assignment names " + brokers.size()
                    + " brokers for a partition; a partition has one owner here");
        }
        int owner = brokers.get(0);
        if (!view.brokers().containsKey(owner)) {
            throw refused(
                    "The manual partition assignment includes broker " + owner + ", but no such broker is registered.");
        }
        return owner;
    }

    static RefusedException refused(String message) {
        return new RefusedException(Errors.INVALID_REPLICA_ASSIGNMENT, message);
    }
}
