// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.Errors;

/** DescribeConfigs: the settings of topics, of groups and of this broker, with where each value comes from. */
final class DescribeConfigsHandler implements KafkaHandler<DescribeConfigsRequestData> {
    private final ConfigResources resources;
    private final Topics topics;
    private final ConfigEntries entries;

    DescribeConfigsHandler(ConfigResources resources, Topics topics, ConfigEntries entries) {
        this.resources = resources;
        this.topics = topics;
        this.entries = entries;
    }

    @Override
    public CompletionStage<DescribeConfigsResponseData> handle(
            RequestContext context, DescribeConfigsRequestData request) {
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        for (DescribeConfigsResource resource : request.resources()) {
            response.results().add(describe(resource, request));
        }
        return CompletableFuture.completedFuture(response);
    }

    private DescribeConfigsResult describe(DescribeConfigsResource resource, DescribeConfigsRequestData request) {
        DescribeConfigsResult result = new DescribeConfigsResult()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName());
        try {
            List<String> wanted = resource.configurationKeys();
            for (ConfigEntries.Entry entry : entries(resource)) {
                if (wanted == null || wanted.contains(entry.name())) {
                    result.configs().add(describe(entry, request));
                }
            }
        } catch (RuntimeException refused) {
            result.configs().clear();
            result.setErrorCode(KafkaErrors.of(refused).code())
                    .setErrorMessage(Completions.unwrap(refused).getMessage());
        }
        return result;
    }

    private List<ConfigEntries.Entry> entries(DescribeConfigsResource resource) {
        return switch (resource.resourceType()) {
            case ConfigResources.TOPIC -> {
                TopicInfo topic = resources.topic(resource.resourceName());
                yield ConfigEntries.ofTopic(topics.configOf(topic));
            }
            case ConfigResources.GROUP -> ConfigEntries.ofGroup(resources.group(resource.resourceName()));
            case ConfigResources.BROKER ->
                resources.isThisBroker(resource.resourceName()) ? entries.ofBroker() : new ArrayList<>();
            default ->
                throw new RefusedException(
                        Errors.INVALID_REQUEST, "Unsupported resource type: " + resource.resourceType());
        };
    }

    private static DescribeConfigsResourceResult describe(
            ConfigEntries.Entry entry, DescribeConfigsRequestData request) {
        DescribeConfigsResourceResult result = new DescribeConfigsResourceResult()
                .setName(entry.name())
                .setValue(entry.value())
                .setReadOnly(entry.readOnly())
                .setConfigSource(entry.source())
                .setIsSensitive(entry.sensitive())
                .setConfigType(entry.type());
        if (request.includeDocumentation()) {
            result.setDocumentation(entry.documentation());
        }
        if (request.includeSynonyms()) {
            for (ConfigEntries.Synonym synonym : entry.synonyms()) {
                result.synonyms()
                        .add(new DescribeConfigsSynonym()
                                .setName(synonym.name())
                                .setValue(synonym.value())
                                .setSource(synonym.source()));
            }
        }
        return result;
    }
}
