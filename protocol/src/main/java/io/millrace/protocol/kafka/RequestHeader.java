// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import org.jspecify.annotations.Nullable;

/**
 * What every request begins with.
 *
 * @param apiKey the API
 * @param apiVersion the version of the API
 * @param correlationId the answer carries it back
 * @param clientId what the client calls itself, or {@code null}
 */
public record RequestHeader(
        short apiKey,
        short apiVersion,
        int correlationId,
        @Nullable String clientId) {}
