// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;

/**
 * Settles records of one session; a stale one fails alone, the others take effect.
 *
 * @param awaited whether somebody waits for it: answered once durable; else at once, and durable a few milliseconds later
 */
public record Acknowledge(long sessionId, List<Acknowledgement> acks, boolean awaited) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.ACKNOWLEDGE;
    }

    /**
     * @param status OK when all took effect; else the first failure
     * @param refused indexes into the request's list of those that did not take effect
     */
    public record Response(Status status, List<Integer> refused) implements MillraceResponse {}
}
