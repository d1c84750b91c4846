// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/** Says that the client lives; any other request does as well. */
public record Heartbeat() implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.HEARTBEAT;
    }
}
