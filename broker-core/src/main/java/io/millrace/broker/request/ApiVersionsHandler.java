// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.protocol.kafka.SupportedVersions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;

/** ApiVersions: the table of what has a handler. No feature is finalized yet. */
final class ApiVersionsHandler implements KafkaHandler<ApiVersionsRequestData> {
    private final SupportedVersions supported;

    ApiVersionsHandler(SupportedVersions supported) {
        this.supported = supported;
    }

    @Override
    public CompletionStage<ApiVersionsResponseData> handle(RequestContext context, ApiVersionsRequestData request) {
        return CompletableFuture.completedFuture(supported.toResponse());
    }
}
