// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.config.GroupSettings;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.GroupConfigs;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A {@link GroupShard}'s runtime over its real partition. Used on the partition's owner loop. */
final class PartitionRuntime implements GroupRuntime {
    private final Partition partition;
    private final Cluster cluster;
    private final GroupConfigs configs;
    private ClusterView known = ClusterView.EMPTY;

    PartitionRuntime(Partition partition, Cluster cluster, GroupConfigs configs) {
        this.partition = partition;
        this.cluster = cluster;
        this.configs = configs;
    }

    @Override
    public CompletableFuture<?> append(List<StateRecord> records) {
        return partition.append(Append.ofState(records));
    }

    @Override
    public OwnerLoop.Timer schedule(Runnable task, long delayMs) {
        return partition.schedule(task, delayMs);
    }

    @Override
    public GroupSettings settings(String groupId) {
        return configs.of(groupId);
    }

    /** A picture without the coordinator's own topic is not of this cluster yet, so nothing is concluded from it. */
    @Override
    public ClusterView topics() {
        ClusterView view = cluster.view();
        if (view.topicNames().containsKey(partition.id().topicId())) {
            known = view;
        }
        return known;
    }
}
