// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A topic as the cluster knows it. Immutable.
 *
 * @param id its id; another one after deletion and re-creation
 * @param name its name
 * @param partitions one entry for each partition, in order
 * @param config the settings that were made for this topic, by Kafka's or Millrace's key
 * @param version rises with each change; for compare-and-set
 */
public record TopicInfo(
        UUID id, String name, List<PartitionOwnership> partitions, Map<String, String> config, int version) {
    public TopicInfo {
        partitions = List.copyOf(partitions);
        config = Map.copyOf(config);
    }

    /**
     * @param owner the broker id of the leader
     * @param leaderEpoch rises with each change of owner and with each acquisition by the same owner
     */
    public record PartitionOwnership(int owner, int leaderEpoch) {

        /** New partitions: nobody has claimed anything yet. */
        public static List<PartitionOwnership> unclaimed(List<Integer> owners) {
            return owners.stream()
                    .map(owner -> new PartitionOwnership(owner, 0))
                    .toList();
        }
    }

    /** This topic with more partitions, one version on. */
    public TopicInfo grown(List<Integer> owners) {
        List<PartitionOwnership> all = new ArrayList<>(partitions);
        all.addAll(PartitionOwnership.unclaimed(owners));
        return new TopicInfo(id, name, all, config, version + 1);
    }
}
