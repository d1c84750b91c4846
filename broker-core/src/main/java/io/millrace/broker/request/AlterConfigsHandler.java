// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Completions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** AlterConfigs: replaces all settings of a resource, as old tools do. */
final class AlterConfigsHandler implements KafkaHandler<AlterConfigsRequestData> {
    private final ConfigResources resources;

    AlterConfigsHandler(ConfigResources resources) {
        this.resources = resources;
    }

    @Override
    public CompletionStage<AlterConfigsResponseData> handle(RequestContext context, AlterConfigsRequestData request) {
        List<CompletableFuture<AlterConfigsResourceResponse>> answers = new ArrayList<>();
        for (AlterConfigsResource resource : request.resources()) {
            answers.add(Answers.attempt(() -> alter(resource, request.validateOnly()))
                    .handle((done, failure) -> answer(resource, failure)));
        }
        return Answers.all(answers).thenApply(results -> {
            AlterConfigsResponseData response = new AlterConfigsResponseData();
            response.responses().addAll(results);
            return response;
        });
    }

    private CompletableFuture<Void> alter(AlterConfigsResource resource, boolean validateOnly) {
        Map<String, String> wanted = new TreeMap<>();
        for (AlterableConfig config : resource.configs()) {
            if (config.value() == null) {
                throw new RefusedException(Errors.INVALID_REQUEST, "Null value not supported for : " + config.name());
            }
            wanted.put(config.name(), config.value());
        }
        return resources.change(
                resource.resourceType(), resource.resourceName(), wanted.keySet(), present -> wanted, validateOnly);
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
