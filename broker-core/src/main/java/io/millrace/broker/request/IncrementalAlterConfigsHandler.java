// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.config.ConfigType.ListType;
import io.millrace.broker.config.TopicConfigKey;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** IncrementalAlterConfigs: sets, deletes, appends to and subtracts from single settings of a resource (KIP-339). */
final class IncrementalAlterConfigsHandler implements KafkaHandler<IncrementalAlterConfigsRequestData> {
    private static final byte SET = 0;
    private static final byte DELETE = 1;
    private static final byte APPEND = 2;
    private static final byte SUBTRACT = 3;

    private final ConfigResources resources;
    private final Topics topics;

    IncrementalAlterConfigsHandler(ConfigResources resources, Topics topics) {
        this.resources = resources;
        this.topics = topics;
    }

    @Override
    public CompletionStage<IncrementalAlterConfigsResponseData> handle(
            RequestContext context, IncrementalAlterConfigsRequestData request) {
        List<CompletableFuture<AlterConfigsResourceResponse>> answers = new ArrayList<>();
        for (AlterConfigsResource resource : request.resources()) {
            answers.add(Answers.attempt(() -> alter(resource, request.validateOnly()))
                    .handle((done, failure) -> answer(resource, failure)));
        }
        return Answers.all(answers).thenApply(results -> {
            IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
            response.responses().addAll(results);
            return response;
        });
    }

    private CompletableFuture<Void> alter(AlterConfigsResource resource, boolean validateOnly) {
        Set<String> keys = new HashSet<>();
        for (AlterableConfig config : resource.configs()) {
            if (!keys.add(config.name())) {
                throw new RefusedException(
                        Errors.INVALID_REQUEST, "Error due to duplicate config keys: " + config.name());
            }
            if (config.configOperation() < SET || config.configOperation() > SUBTRACT) {
                throw new RefusedException(
                        Errors.INVALID_REQUEST,
                        "Unknown operation " + config.configOperation() + " on " + config.name());
            }
            if (config.value() == null && config.configOperation() != DELETE) {
                throw new RefusedException(Errors.INVALID_REQUEST, "Null value not supported for : " + config.name());
            }
        }
        return resources.change(
                resource.resourceType(),
                resource.resourceName(),
                keys,
                present -> applied(present, resource),
                validateOnly);
    }

    private Map<String, String> applied(Map<String, String> present, AlterConfigsResource resource) {
        Map<String, String> next = new HashMap<>(present);
        for (AlterableConfig config : resource.configs()) {
            if (config.configOperation() == SET) {
                next.put(config.name(), config.value());
            } else if (config.configOperation() == DELETE) {
                next.remove(config.name());
            } else {
                next.put(config.name(), list(present, config));
            }
        }
        return next;
    }

    private String list(Map<String, String> present, AlterableConfig config) {
        boolean append = config.configOperation() == APPEND;
        TopicConfigKey<?> key = TopicConfigKeys.find(config.name());
        if (key == null || !(key.key().type() instanceof ListType list)) {
            throw new BrokerException(
                    Code.INVALID_CONFIG,
                    "Can't " + (append ? "APPEND to" : "SUBTRACT from") + " key " + config.name()
                            + " because its type is not LIST.");
        }
        String base = topics.checkedConfig(present).values(key).get(0).value();
        return append ? list.plus(base, config.value()) : list.minus(base, config.value());
    }

    private static AlterConfigsResourceResponse answer(AlterConfigsResource resource, @Nullable Throwable failure) {
        AlterConfigsResourceResponse response = new AlterConfigsResourceResponse()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName())
                .setErrorMessage(null);
        if (failure != null) {
            response.setErrorCode(KafkaErrors.of(failure).code())
                    .setErrorMessage(Completions.unwrap(failure).getMessage());
        }
        return response;
    }
}
