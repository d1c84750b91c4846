// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * Deletes a temporary destination of this link, with its messages. Refused with {@link ErrorCode#IN_USE} while it has
 * consumers.
 *
 * @param name as {@link CreateTemporary.Response} told it
 */
public record DeleteTemporary(String name) implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.DELETE_TEMPORARY;
    }
}
