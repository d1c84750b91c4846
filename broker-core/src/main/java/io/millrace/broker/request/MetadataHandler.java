// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.cluster.TopicInfo.PartitionOwnership;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.record.TopicNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Metadata: brokers, controller and topics; creates topics that are named where configuration and client allow it. */
final class MetadataHandler implements KafkaHandler<MetadataRequestData> {
    private static final int FIRST_VERSION_BY_ID = 12;

    private final Cluster cluster;
    private final Topics topics;

    MetadataHandler(Cluster cluster, Topics topics) {
        this.cluster = cluster;
        this.topics = topics;
    }

    @Override
    public CompletionStage<MetadataResponseData> handle(RequestContext context, MetadataRequestData request) {
        List<CompletableFuture<MetadataResponseTopic>> answers = new ArrayList<>();
        if (wantsAll(context, request)) {
            cluster.view().topics().values().stream()
                    .sorted((a, b) -> a.name().compareTo(b.name()))
                    .forEach(topic -> answers.add(CompletableFuture.completedFuture(describe(topic))));
        } else {
            boolean autoCreate =
                    topics.settings().autoCreate() && (context.apiVersion() < 4 || request.allowAutoTopicCreation());
            for (MetadataRequestTopic topic : request.topics()) {
                answers.add(
                        isByIdTooEarly(context, topic)
                                ? CompletableFuture.completedFuture(
                                        failed(Objects.requireNonNullElse(topic.name(), ""), Errors.INVALID_REQUEST))
                                : answer(topic, autoCreate));
            }
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    MetadataResponseData response = brokers(context);
                    for (CompletableFuture<MetadataResponseTopic> answer : answers) {
                        MetadataResponseTopic topic = answer.join();
                        if (request.includeTopicAuthorizedOperations() && topic.errorCode() == Errors.NONE.code()) {
                            topic.setTopicAuthorizedOperations(AuthorizedOperations.TOPIC);
                        }
                        response.topics().add(topic);
                    }
                    if (request.includeClusterAuthorizedOperations()) {
                        response.setClusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
                    }
                    return response;
                });
    }

    /** Versions 10 and 11 have the field, but Kafka looks topics up by id from 12 on. */
    private static boolean isByIdTooEarly(RequestContext context, MetadataRequestTopic topic) {
        return context.apiVersion() < FIRST_VERSION_BY_ID
                && (topic.name() == null || KafkaUuids.isSet(topic.topicId()));
    }

    private static boolean wantsAll(RequestContext context, MetadataRequestData request) {
        return request.topics() == null
                || (context.apiVersion() == 0 && request.topics().isEmpty());
    }

    private MetadataResponseData brokers(RequestContext context) {
        ClusterView view = cluster.view();
        MetadataResponseData response =
                new MetadataResponseData().setClusterId(cluster.clusterId()).setControllerId(view.controllerId());
        for (BrokerInfo broker : view.brokers().values()) {
            MetadataResponseBroker described = new MetadataResponseBroker()
                    .setNodeId(broker.id())
                    .setHost(broker.host())
                    .setPort(broker.port());
            if (context.apiVersion() >= 1) {
                described.setRack(broker.rack());
            }
            response.brokers().add(described);
        }
        return response;
    }

    private CompletableFuture<MetadataResponseTopic> answer(MetadataRequestTopic wanted, boolean autoCreate) {
        String name = wanted.name();
        if (name == null || KafkaUuids.isSet(wanted.topicId())) {
            TopicInfo found = cluster.view().topic(KafkaUuids.fromKafka(wanted.topicId()));
            return CompletableFuture.completedFuture(
                    found != null
                            ? describe(found)
                            : failed(null, Errors.UNKNOWN_TOPIC_ID).setTopicId(wanted.topicId()));
        }
        TopicInfo found = cluster.view().topic(name);
        if (found != null) {
            return CompletableFuture.completedFuture(describe(found));
        }
        if (TopicNames.problem(name) != null) {
            return CompletableFuture.completedFuture(failed(name, Errors.INVALID_TOPIC_EXCEPTION));
        }
        if (!autoCreate || ReservedNames.isInternalTopic(name) || ReservedNames.isTemporary(name)) {
            return CompletableFuture.completedFuture(failed(name, Errors.UNKNOWN_TOPIC_OR_PARTITION));
        }
        return topics.getOrCreate(name).handle((created, failure) -> {
            TopicInfo latest = cluster.view().topic(name);
            if (failure != null) {
                return failed(name, KafkaErrors.of(failure));
            }
            return describe(latest == null ? created : latest);
        });
    }

    private MetadataResponseTopic describe(TopicInfo topic) {
        MetadataResponseTopic response = new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(KafkaUuids.toKafka(topic.id()))
                .setIsInternal(ReservedNames.isInternalTopic(topic.name()));
        for (int i = 0; i < topic.partitions().size(); i++) {
            response.partitions().add(describe(i, topic.partitions().get(i)));
        }
        return response;
    }

    private MetadataResponsePartition describe(int index, PartitionOwnership partition) {
        boolean alive = cluster.view().brokers().containsKey(partition.owner());
        return new MetadataResponsePartition()
                .setErrorCode(alive ? Errors.NONE.code() : Errors.LEADER_NOT_AVAILABLE.code())
                .setPartitionIndex(index)
                .setLeaderId(alive ? partition.owner() : -1)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(List.of(partition.owner()))
                .setIsrNodes(List.of(partition.owner()))
                .setOfflineReplicas(alive ? List.of() : List.of(partition.owner()));
    }

    private static MetadataResponseTopic failed(@Nullable String name, Errors error) {
        return new MetadataResponseTopic().setName(name).setErrorCode(error.code());
    }
}
