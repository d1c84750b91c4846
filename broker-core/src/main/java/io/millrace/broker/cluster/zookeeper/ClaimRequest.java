// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.record.PartitionId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A partition that this broker wants to lead. Claims that wait together are written together, one write for a topic.
 *
 * @param partition the partition
 * @param epoch its new leader epoch, once it is written
 */
record ClaimRequest(PartitionId partition, CompletableFuture<Integer> epoch) {

    /** Why {@code topic} forbids this claim; {@code null} when it does not. */
    @Nullable
    ClusterException refusal(TopicInfo topic, int brokerId) {
        if (!topic.id().equals(partition.topicId())
                || partition.partition() >= topic.partitions().size()) {
            return new ClusterException(
                    Reason.UNKNOWN_TOPIC,
                    "There is no partition %s of the topic with id %s".formatted(partition, partition.topicId()));
        }
        int owner = topic.partitions().get(partition.partition()).owner();
        return owner == brokerId
                ? null
                : new ClusterException(
                        Reason.NOT_OWNER, "Partition %s belongs to broker %d by now".formatted(partition, owner));
    }

    /** Answers the claim by the topic as it was written. */
    void answer(TopicInfo topic, int brokerId) {
        ClusterException refusal = refusal(topic, brokerId);
        if (refusal != null) {
            epoch.completeExceptionally(refusal);
        } else {
            epoch.complete(topic.partitions().get(partition.partition()).leaderEpoch());
        }
    }
}
