// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData.TopicPartitions;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.ElectLeadersResponseData.PartitionResult;
import org.apache.kafka.common.message.ElectLeadersResponseData.ReplicaElectionResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * ElectLeaders (KIP-460): there is never one to elect, since a partition has one copy, whose broker leads it while it
 * lives.
 */
final class ElectLeadersHandler implements KafkaHandler<ElectLeadersRequestData> {
    private static final byte PREFERRED = 0;

    private final Cluster cluster;

    ElectLeadersHandler(Cluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public CompletionStage<ElectLeadersResponseData> handle(RequestContext context, ElectLeadersRequestData request) {
        ClusterView view = cluster.view();
        ElectLeadersResponseData response = new ElectLeadersResponseData();
        if (request.topicPartitions() == null) {
            // All partitions: like Kafka, only those that need a leader are told, with why they get none.
            view.topics().forEach((name, topic) -> {
                ReplicaElectionResult result = new ReplicaElectionResult().setTopic(name);
                for (int index = 0; index < topic.partitions().size(); index++) {
                    PartitionResult partition = elect(view, request, name, topic, index);
                    if (partition.errorCode() != Errors.ELECTION_NOT_NEEDED.code()) {
                        result.partitionResult().add(partition);
                    }
                }
                if (!result.partitionResult().isEmpty()) {
                    response.replicaElectionResults().add(result);
                }
            });
            return CompletableFuture.completedFuture(response);
        }
        for (TopicPartitions asked : request.topicPartitions()) {
            TopicInfo topic = view.topic(asked.topic());
            ReplicaElectionResult result = new ReplicaElectionResult().setTopic(asked.topic());
            asked.partitions()
                    .forEach(index -> result.partitionResult().add(elect(view, request, asked.topic(), topic, index)));
            response.replicaElectionResults().add(result);
        }
        return CompletableFuture.completedFuture(response);
    }

    private static PartitionResult elect(
            ClusterView view, ElectLeadersRequestData request, String name, @Nullable TopicInfo topic, int index) {
        PartitionResult result = new PartitionResult().setPartitionId(index);
        if (topic == null || index < 0 || index >= topic.partitions().size()) {
            return result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code())
                    .setErrorMessage("There is no partition " + name + "-" + index);
        }
        int owner = topic.partitions().get(index).owner();
        if (view.brokers().containsKey(owner)) {
            return result.setErrorCode(Errors.ELECTION_NOT_NEEDED.code())
                    .setErrorMessage("Broker " + owner + " leads " + name + "-" + index);
        }
        Errors error = request.electionType() == PREFERRED
                ? Errors.PREFERRED_LEADER_NOT_AVAILABLE
                : Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE;
        return result.setErrorCode(error.code())
                .setErrorMessage("The only copy of " + name + "-" + index + " is on broker " + owner
                        + ", which is down; start it");
    }
}
