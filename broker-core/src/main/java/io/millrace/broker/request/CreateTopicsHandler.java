// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.TopicConfigs;
import io.millrace.broker.partition.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** CreateTopics: answered when the new partitions on this broker serve. Manual assignments are refused. */
final class CreateTopicsHandler implements KafkaHandler<CreateTopicsRequestData> {
    private static final int FIRST_VERSION_WITH_DETAILS = 5;
    private static final byte SOURCE_TOPIC = 1;
    private static final byte SOURCE_DEFAULT = 5;

    private final Topics topics;

    CreateTopicsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public CompletionStage<CreateTopicsResponseData> handle(RequestContext context, CreateTopicsRequestData request) {
        Map<String, Integer> named = new HashMap<>();
        request.topics().forEach(topic -> named.merge(topic.name(), 1, Integer::sum));
        List<CompletableFuture<CreatableTopicResult>> answers = new ArrayList<>();
        for (CreatableTopic topic : request.topics()) {
            answers.add(create(topic, named.getOrDefault(topic.name(), 1) > 1, request.validateOnly())
                    .handle((created, failure) ->
                            answer(topic, created, failure, context.apiVersion() >= FIRST_VERSION_WITH_DETAILS)));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    CreateTopicsResponseData response = new CreateTopicsResponseData();
                    answers.forEach(answer -> response.topics().add(answer.join()));
                    return response;
                });
    }

    /** The topic; {@code null} when it was only validated. */
    private CompletableFuture<@Nullable TopicInfo> create(CreatableTopic topic, boolean twice, boolean validateOnly) {
        try {
            Topics.checkNotInternal(topic.name());
            if (twice) {
                throw new BrokerException(Code.UNSUPPORTED, "Topic " + topic.name() + " is named twice in the request");
            }
            if (!topic.assignments().isEmpty()) {
                throw new BrokerException(
                        Code.UNSUPPORTED,
                        "Topic " + topic.name() + ": replicas cannot be assigned by hand; give a number of partitions");
            }
            int count = partitionCount(topic);
            Map<String, String> config = config(topic);
            if (validateOnly) {
                topics.check(topic.name(), count, config);
                return CompletableFuture.completedFuture(null);
            }
            return topics.create(topic.name(), count, config).thenApply(created -> created);
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private int partitionCount(CreatableTopic topic) {
        return topic.numPartitions() == -1 ? topics.settings().defaultPartitions() : topic.numPartitions();
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
            CreatableTopic topic, @Nullable TopicInfo created, @Nullable Throwable failure, boolean withDetails) {
        CreatableTopicResult result = new CreatableTopicResult().setName(topic.name());
        if (failure != null) {
            Errors error = KafkaErrors.of(failure);
            return result.setErrorCode(error.code())
                    .setErrorMessage(Completions.unwrap(failure).getMessage());
        }
        if (created != null) {
            result.setTopicId(KafkaUuids.toKafka(created.id()));
        }
        if (withDetails) {
            Map<String, String> set = created == null ? config(topic) : created.config();
            result.setNumPartitions(
                            created == null
                                    ? partitionCount(topic)
                                    : created.partitions().size())
                    .setReplicationFactor((short) 1)
                    .setConfigs(configs(set));
        }
        return result;
    }

    private List<CreatableTopicConfigs> configs(Map<String, String> set) {
        Map<String, String> all = new TreeMap<>(set);
        List<CreatableTopicConfigs> result = new ArrayList<>();
        for (String name : TopicConfigs.names()) {
            String standard = topics.defaultConfig(name);
            if (standard != null) {
                all.putIfAbsent(name, standard);
            }
        }
        all.forEach((name, value) -> result.add(new CreatableTopicConfigs()
                .setName(name)
                .setValue(value)
                .setConfigSource(set.containsKey(name) ? SOURCE_TOPIC : SOURCE_DEFAULT)));
        return result;
    }
}
