// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * Ends a consumer's parked {@link Pull}: it is answered with what is available by now, perhaps nothing, and then this
 * request is answered. So a timed receive knows that no record is on its way.
 */
public record Drain(long consumerId) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.DRAIN;
    }
}
