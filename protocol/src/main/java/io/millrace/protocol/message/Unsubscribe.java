// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * Deletes a durable subscription, shared or not, of this connection's client id (or of none). Refused with {@code IN_USE}
 * while it has a consumer, or while a message that came through it is not settled; with {@code INVALID_DESTINATION} when
 * there is none of this name.
 *
 * @param subscription the subscription's name
 */
public record Unsubscribe(String subscription) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.UNSUBSCRIBE;
    }
}
