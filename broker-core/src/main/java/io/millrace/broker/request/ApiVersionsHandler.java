// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.protocol.kafka.SupportedVersions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKeyCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKeyCollection;
import org.apache.kafka.common.protocol.Errors;

/** ApiVersions: the table of what has a handler. Consumer groups (KIP-848) and share groups (KIP-932) are finalized. */
final class ApiVersionsHandler implements KafkaHandler<ApiVersionsRequestData> {
    private static final int FIRST_VERSION_WITH_SOFTWARE = 3;

    /** What KIP-511 allows as a client's name and version. */
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    /**
     * The consumer protocol is there, and cannot be switched off; so are share groups, without the dead-letter queues of
     * level 2.
     */
    private static final List<String> FEATURES = List.of("group.version", "share.version");

    private static final short LEVEL = 1;

    private final SupportedVersions supported;

    ApiVersionsHandler(SupportedVersions supported) {
        this.supported = supported;
    }

    @Override
    public CompletionStage<ApiVersionsResponseData> handle(RequestContext context, ApiVersionsRequestData request) {
        if (context.apiVersion() >= FIRST_VERSION_WITH_SOFTWARE && !isValid(request)) {
            return CompletableFuture.completedFuture(
                    new ApiVersionsResponseData().setErrorCode(Errors.INVALID_REQUEST.code()));
        }
        return CompletableFuture.completedFuture(supported
                .toResponse()
                .setFinalizedFeaturesEpoch(0)
                .setSupportedFeatures(new SupportedFeatureKeyCollection(FEATURES.stream()
                        .map(name -> new SupportedFeatureKey()
                                .setName(name)
                                .setMinVersion(LEVEL)
                                .setMaxVersion(LEVEL))
                        .iterator()))
                .setFinalizedFeatures(new FinalizedFeatureKeyCollection(FEATURES.stream()
                        .map(name -> new FinalizedFeatureKey()
                                .setName(name)
                                .setMinVersionLevel(LEVEL)
                                .setMaxVersionLevel(LEVEL))
                        .iterator())));
    }

    private static boolean isValid(ApiVersionsRequestData request) {
        return SOFTWARE.matcher(request.clientSoftwareName()).matches()
                && SOFTWARE.matcher(request.clientSoftwareVersion()).matches();
    }
}
