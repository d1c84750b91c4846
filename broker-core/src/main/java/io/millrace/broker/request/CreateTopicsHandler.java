// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** CreateTopics: answered when the new partitions on this broker serve. */
final class CreateTopicsHandler implements KafkaHandler<CreateTopicsRequestData> {
    private static final int FIRST_VERSION_WITH_DETAILS = 5;
    private static final int UNSET = -1;

    private final Cluster cluster;
    private final Topics topics;

    CreateTopicsHandler(Cluster cluster, Topics topics) {
        this.cluster = cluster;
        this.topics = topics;
    }

    @Override
    public CompletionStage<CreateTopicsResponseData> handle(RequestContext context, CreateTopicsRequestData request) {
        Map<String, Integer> named = new HashMap<>();
        request.topics().forEach(topic -> named.merge(topic.name(), 1, Integer::sum));
        boolean withDetails = context.apiVersion() >= FIRST_VERSION_WITH_DETAILS;
        List<CompletableFuture<CreatableTopicResult>> answers = new ArrayList<>();
        for (CreatableTopic topic : request.topics()) {
            boolean twice = named.getOrDefault(topic.name(), 1) > 1;
            answers.add(Answers.attempt(() -> create(topic, twice, request.validateOnly()))
                    .handle((created, failure) -> answer(topic, created, failure, withDetails)));
        }
        return Answers.all(answers).thenApply(results -> {
            CreateTopicsResponseData response = new CreateTopicsResponseData();
            results.forEach(result -> response.topics().add(result));
            return response;
        });
    }

    private CompletableFuture<Created> create(CreatableTopic topic, boolean twice, boolean validateOnly) {
        if (twice) {
            throw new RefusedException(Errors.INVALID_REQUEST, "Duplicate topic name.");
        }
        Topics.checkNotInternal(topic.name());
        Map<String, String> config = config(topic);
        List<Integer> owners = topic.assignments().isEmpty() ? null : owners(topic);
        int count = owners == null ? partitionCount(topic) : owners.size();
        topics.check(topic.name(), count, config);
        TopicConfig checked = topics.checkedConfig(config);
        if (owners == null) {
            checkReplication(topic.replicationFactor());
        }
        if (validateOnly) {
            return CompletableFuture.completedFuture(new Created(null, count, checked));
        }
        CompletableFuture<TopicInfo> made = owners == null
                ? topics.create(topic.name(), count, config)
                : topics.create(topic.name(), owners, config);
        return made.thenApply(info -> new Created(info, info.partitions().size(), topics.configOf(info)));
    }

    /** One copy is what there is: a promise of more would not be kept. */
    private static void checkReplication(short factor) {
        if (factor != UNSET && factor < 1) {
            throw new RefusedException(
                    Errors.INVALID_REPLICATION_FACTOR,
                    "Replication factor must be larger than 0, or -1 to use the default value.");
        }
        if (factor > 1) {
            throw new RefusedException(
                    Errors.INVALID_REPLICATION_FACTOR,
                    "Replication factor " + factor + " is not offered: a partition has one copy here; use 1 or -1");
        }
    }

    private List<Integer> owners(CreatableTopic topic) {
        if (topic.replicationFactor() != UNSET) {
            throw new RefusedException(
                    Errors.INVALID_REQUEST,
                    "A manual partition assignment was specified, but replication factor was not set to -1.");
        }
        if (topic.numPartitions() != UNSET) {
            throw new RefusedException(
                    Errors.INVALID_REQUEST,
                    "A manual partition assignment was specified, but numPartitions was not set to -1.");
        }
        SortedMap<Integer, List<Integer>> byPartition = new TreeMap<>();
        for (CreatableReplicaAssignment assignment : topic.assignments()) {
            if (byPartition.put(assignment.partitionIndex(), assignment.brokerIds()) != null) {
                throw Assignments.refused(
                        "Found multiple manual partition assignments for partition " + assignment.partitionIndex());
            }
        }
        return Assignments.owners(cluster.view(), byPartition);
    }

    private int partitionCount(CreatableTopic topic) {
        return topic.numPartitions() == UNSET ? topics.settings().defaultPartitions() : topic.numPartitions();
    }

    private static Map<String, String> config(CreatableTopic topic) {
        Map<String, String> config = new TreeMap<>();
        for (CreatableTopicConfig entry : topic.configs()) {
            if (entry.value() == null) {
                throw new BrokerException(
                        Code.INVALID_CONFIG, "Topic config " + entry.name() + " has no value; leave it out instead");
            }
            config.put(entry.name(), entry.value());
        }
        return config;
    }

    private CreatableTopicResult answer(
            CreatableTopic topic, @Nullable Created created, @Nullable Throwable failure, boolean withDetails) {
        CreatableTopicResult result = new CreatableTopicResult().setName(topic.name());
        if (created == null) {
            Throwable cause = failure == null ? new IllegalStateException("no answer") : failure;
            return result.setErrorCode(KafkaErrors.of(cause).code())
                    .setErrorMessage(Completions.unwrap(cause).getMessage());
        }
        TopicInfo info = created.info;
        if (info != null) {
            result.setTopicId(KafkaUuids.toKafka(info.id()));
        }
        if (withDetails) {
            result.setNumPartitions(created.partitions).setReplicationFactor((short) 1);
            for (ConfigEntries.Entry entry : ConfigEntries.ofTopic(created.config)) {
                result.configs()
                        .add(new CreatableTopicConfigs()
                                .setName(entry.name())
                                .setValue(entry.value())
                                .setConfigSource(entry.source()));
            }
        }
        return result;
    }

    /** What was made or, with {@code info} {@code null}, would be. */
    private record Created(@Nullable TopicInfo info, int partitions, TopicConfig config) {}
}
