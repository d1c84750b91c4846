// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.TopicConfigs;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.record.TopicNames;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.protocol.Errors;

/** DescribeConfigs: a topic's settings; a broker's are not shown by this API. */
final class DescribeConfigsHandler implements KafkaHandler<DescribeConfigsRequestData> {
    private static final byte TOPIC = 2;
    private static final byte BROKER = 4;
    private static final byte SOURCE_TOPIC = 1;
    private static final byte SOURCE_DEFAULT = 5;

    private final Topics topics;

    DescribeConfigsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public CompletionStage<DescribeConfigsResponseData> handle(
            RequestContext context, DescribeConfigsRequestData request) {
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        request.resources().forEach(resource -> response.results().add(describe(resource)));
        return CompletableFuture.completedFuture(response);
    }

    private DescribeConfigsResult describe(DescribeConfigsResource resource) {
        DescribeConfigsResult result = new DescribeConfigsResult()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName());
        if (resource.resourceType() == BROKER) {
            return result;
        }
        if (resource.resourceType() != TOPIC) {
            return fail(result, Errors.INVALID_REQUEST, "Resource type " + resource.resourceType() + " has no configs");
        }
        String problem = TopicNames.problem(resource.resourceName());
        if (problem != null) {
            return fail(result, Errors.INVALID_TOPIC_EXCEPTION, problem);
        }
        TopicInfo topic = topics.find(resource.resourceName());
        if (topic == null) {
            return fail(result, Errors.UNKNOWN_TOPIC_OR_PARTITION, "There is no topic " + resource.resourceName());
        }
        Set<String> names = new TreeSet<>(TopicConfigs.names());
        names.addAll(topic.config().keySet());
        if (resource.configurationKeys() != null) {
            names.retainAll(Set.copyOf(resource.configurationKeys()));
        }
        names.forEach(name -> result.configs().add(entry(topic, name)));
        return result;
    }

    private DescribeConfigsResourceResult entry(TopicInfo topic, String name) {
        String set = topic.config().get(name);
        return new DescribeConfigsResourceResult()
                .setName(name)
                .setValue(set != null ? set : topics.defaultConfig(name))
                .setConfigSource(set != null ? SOURCE_TOPIC : SOURCE_DEFAULT);
    }

    private static DescribeConfigsResult fail(DescribeConfigsResult result, Errors error, String message) {
        return result.setErrorCode(error.code()).setErrorMessage(message);
    }
}
