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

/** ApiVersions: the table of what has a handler. Consumer groups (KIP-848) are finalized. */
final class ApiVersionsHandler implements KafkaHandler<ApiVersionsRequestData> {
    private static final int FIRST_VERSION_WITH_SOFTWARE = 3;

    /** What KIP-511 allows as a client's name and version. */
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    private static final String GROUPS = "group.version";
    /** The consumer protocol is there, and cannot be switched off. */
    private static final short GROUPS_LEVEL = 1;

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
                .setSupportedFeatures(new SupportedFeatureKeyCollection(List.of(new SupportedFeatureKey()
                                .setName(GROUPS)
                                .setMinVersion(GROUPS_LEVEL)
                                .setMaxVersion(GROUPS_LEVEL))
                        .iterator()))
                .setFinalizedFeatures(new FinalizedFeatureKeyCollection(List.of(new FinalizedFeatureKey()
                                .setName(GROUPS)
                                .setMinVersionLevel(GROUPS_LEVEL)
                                .setMaxVersionLevel(GROUPS_LEVEL))
                        .iterator())));
    }

    private static boolean isValid(ApiVersionsRequestData request) {
        return SOFTWARE.matcher(request.clientSoftwareName()).matches()
                && SOFTWARE.matcher(request.clientSoftwareVersion()).matches();
    }
}
