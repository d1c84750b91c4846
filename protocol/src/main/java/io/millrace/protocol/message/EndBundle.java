// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.UUID;

/**
 * The client is done with a bundle of several brokers. Answered by a {@link PlainResponse}.
 *
 * @param bundleId the bundle
 * @param destination the coordinating partition's topic
 * @param partition and its index
 * @param applied that every participant has applied it, so that the decision need not be remembered any longer; else
 *     that, as long as it is not decided, it is not to be any more
 */
public record EndBundle(UUID bundleId, String destination, int partition, boolean applied) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.END_BUNDLE;
    }
}
