// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.protocol.kafka.SupportedVersions;
import java.util.Map;
import java.util.TreeMap;
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

/** ApiVersions: the table of what has a handler. Consumer groups (KIP-848), share groups (KIP-932) and transactions are finalized. */
final class ApiVersionsHandler implements KafkaHandler<ApiVersionsRequestData> {
    private static final int FIRST_VERSION_WITH_SOFTWARE = 3;

    /** What KIP-511 allows as a client's name and version. */
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    /**
     * The consumer protocol is there, and cannot be switched off; so are share groups, without the dead-letter queues of
     * level 2, and transactions with an epoch for each (KIP-890), which clients that do not know them need not use.
     */
    private static final Map<String, Short> FEATURES = new TreeMap<>(
            Map.of("group.version", (short) 1, "share.version", (short) 1, "transaction.version", (short) 2));

    private static final short LEAST_LEVEL = 1;

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
                .setSupportedFeatures(new SupportedFeatureKeyCollection(FEATURES.entrySet().stream()
                        .map(feature -> new SupportedFeatureKey()
                                .setName(feature.getKey())
                                .setMinVersion(LEAST_LEVEL)
                                .setMaxVersion(feature.getValue()))
                        .iterator()))
                .setFinalizedFeatures(new FinalizedFeatureKeyCollection(FEATURES.entrySet().stream()
                        .map(feature -> new FinalizedFeatureKey()
                                .setName(feature.getKey())
                                .setMinVersionLevel(feature.getValue())
                                .setMaxVersionLevel(feature.getValue()))
                        .iterator())));
    }

    private static boolean isValid(ApiVersionsRequestData request) {
        return SOFTWARE.matcher(request.clientSoftwareName()).matches()
                && SOFTWARE.matcher(request.clientSoftwareVersion()).matches();
    }
}
