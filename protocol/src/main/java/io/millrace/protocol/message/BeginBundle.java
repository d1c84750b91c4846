// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.UUID;

/**
 * Begins a bundle that several brokers take part in, at its coordinator: the broker that serves a partition of the
 * bundle, in whose state the decision will be recorded (docs/decisions/0020). Until it is decided the bundle ends with the
 * link. Answered before any participant prepares; nothing of it is written.
 *
 * @param bundleId chosen by the client, unique
 * @param destination the coordinating partition's topic
 * @param partition and its index
 */
public record BeginBundle(UUID bundleId, String destination, int partition) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.BEGIN_BUNDLE;
    }

    /** @param topicId the id of the coordinating partition's topic; meaningful when the status is OK */
    public record Response(Status status, UUID topicId) implements MillraceResponse {}
}
