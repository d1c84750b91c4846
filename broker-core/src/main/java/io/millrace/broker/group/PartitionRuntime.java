// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateRecord;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A {@link GroupShard}'s runtime over its real partition. */
record PartitionRuntime(Partition partition, Cluster cluster) implements GroupRuntime {

    @Override
    public CompletableFuture<?> append(List<StateRecord> records) {
        return partition.append(Append.ofState(records));
    }

    @Override
    public OwnerLoop.Timer schedule(Runnable task, long delayMs) {
        return partition.schedule(task, delayMs);
    }

    /** A picture without the coordinator's own topic is not of this cluster yet, so nothing is concluded from it. */
    @Override
    public Set<UUID> topicIds() {
        ClusterView view = cluster.view();
        Set<UUID> ids = view.topicNames().keySet();
        return ids.contains(partition.id().topicId()) ? ids : Set.of();
    }
}
