// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * Ends the link: answered once all that it held went back and its client id is free for another connection. The client
 * closes the connection then; one that ends without this request is cleared up all the same, a little later.
 */
public record Disconnect() implements MillraceRequest {
    @Override
    public MillraceApi api() {
        return MillraceApi.DISCONNECT;
    }
}
