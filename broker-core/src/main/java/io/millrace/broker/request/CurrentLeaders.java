// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.cluster.TopicInfo.PartitionOwnership;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Where a partition is served now, for answers that send a client elsewhere (KIP-951). Safe for any thread. */
public final class CurrentLeaders {
    private final Cluster cluster;

    public CurrentLeaders(Cluster cluster) {
        this.cluster = cluster;
    }

    /** A partition's leader and, while that is alive, its address. */
    public record Leader(
            PartitionOwnership ownership, @Nullable BrokerInfo broker) {}

    /** By the topic's name, or by its id where there is none; {@code null} when there is no such partition. */
    @Nullable
    public Leader of(@Nullable String topic, Uuid topicId, int partition) {
        ClusterView view = cluster.view();
        TopicInfo found = topic == null ? view.topic(KafkaUuids.fromKafka(topicId)) : view.topic(topic);
        if (found == null || partition < 0 || partition >= found.partitions().size()) {
            return null;
        }
        PartitionOwnership ownership = found.partitions().get(partition);
        return new Leader(ownership, view.brokers().get(ownership.owner()));
    }
}
