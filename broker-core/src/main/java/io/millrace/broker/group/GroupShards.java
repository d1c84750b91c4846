// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.partition.GroupConfigs;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateMachineFactory;
import io.millrace.broker.time.BrokerClock;
import org.jspecify.annotations.Nullable;

/** Makes the group state of the partitions of {@link GroupCoordinator#TOPIC}. */
public final class GroupShards implements StateMachineFactory {
    private final GroupConfig config;
    private final BrokerClock clock;
    private final Cluster cluster;
    private final TopicVisibility visibility;
    private final GroupConfigs configs;

    /**
     * @param visibility which topics a regular expression may match
     * @param configs the settings of groups
     */
    public GroupShards(
            GroupConfig config, BrokerClock clock, Cluster cluster, TopicVisibility visibility, GroupConfigs configs) {
        this.config = config;
        this.clock = clock;
        this.cluster = cluster;
        this.visibility = visibility;
        this.configs = configs;
    }

    @Override
    public @Nullable StateMachine create(Partition partition) {
        if (!partition.id().topic().equals(GroupCoordinator.TOPIC)) {
            return null;
        }
        return new GroupShard(
                partition.id().toString(),
                config,
                clock,
                new PartitionRuntime(partition, cluster, configs),
                visibility);
    }
}
