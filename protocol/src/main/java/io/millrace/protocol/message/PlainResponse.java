// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/** The answer of requests that only succeed or fail. */
public record PlainResponse(Status status) implements MillraceResponse {
    public static final PlainResponse OK = new PlainResponse(Status.OK);
}
