// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.UUID;

/**
 * Asks a bundle's coordinator, on behalf of a participant, what became of it. Needs no {@link Connect}.
 *
 * @param bundleId the bundle
 * @param topicId the coordinating partition's topic
 * @param partition and its index
 */
public record AskDecision(UUID bundleId, UUID topicId, int partition) implements MillraceRequest {

    /** What is known of a bundle. */
    public enum Decision {
        /** Its client may still have it decided. */
        OPEN,
        /** Durably. */
        COMMITTED,
        /** It was never decided and never will be. */
        ABORTED
    }

    @Override
    public MillraceApi api() {
        return MillraceApi.ASK_DECISION;
    }

    /** @param decision meaningful when the status is OK */
    public record Response(Status status, Decision decision) implements MillraceResponse {}
}
