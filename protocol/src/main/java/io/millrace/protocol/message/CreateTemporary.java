// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * Makes a temporary destination on the broker asked, for this link: it is in memory only and ends with the link,
 * whatever ends that (Jakarta Messaging 3.1, section 6.2.2).
 *
 * @param kind what to make
 */
public record CreateTemporary(DestinationKind kind) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.CREATE_TEMPORARY;
    }

    /** @param name the new destination's name, chosen by the broker; empty unless the status is OK */
    public record Response(Status status, String name) implements MillraceResponse {}
}
