// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Millrace's own requests and answers as bytes. Has no state; safe for any thread.
 *
 * <pre>
 * request: size (4) | API key (2) | version 0 (2) | correlation id (4) | client id | tagged fields (0) | body
 * answer:  size (4) | correlation id (4) | tagged fields (0) | body
 * </pre>
 *
 * These are Kafka's request header v2 and response header v1: the client id is a string after its 2-byte length, -1 for
 * null. The bodies' fields are described at {@code WireWriter}.
 */
public final class MillraceCodec {
    private static final short VERSION = 0;

    private MillraceCodec() {}

    /** Encodes a whole frame with its 4-byte size. Releases the request's buffers, also on failure. */
    public static ByteBuf encodeRequest(
            ByteBufAllocator allocator, int correlationId, @Nullable String clientId, MillraceRequest request) {
        try {
            return frame(allocator, RequestBodies.sizeHint(request), buffer -> {
                buffer.writeShort(request.api().key());
                buffer.writeShort(VERSION);
                buffer.writeInt(correlationId);
                writeClientId(buffer, clientId);
                buffer.writeByte(0);
                RequestBodies.write(new WireWriter(buffer), request);
            });
        } finally {
            request.release();
        }
    }

    /** Encodes a whole frame with its 4-byte size. Releases the answer's buffers, also on failure. */
    public static ByteBuf encodeResponse(ByteBufAllocator allocator, int correlationId, MillraceResponse response) {
        try {
            return frame(allocator, ResponseBodies.sizeHint(response), buffer -> {
                buffer.writeInt(correlationId);
                buffer.writeByte(0);
                ResponseBodies.write(new WireWriter(buffer), response);
            });
        } finally {
            response.release();
        }
    }

    /**
     * Decodes the body of a request, to the end of the bytes. Its buffers are slices that hold references of their own.
     *
     * @throws MalformedFrameException when the bytes are not one whole request
     */
    public static MillraceRequest decodeRequest(MillraceApi api, ByteBuf body) {
        try {
            WireReader in = new WireReader(body);
            MillraceRequest request = RequestBodies.read(api, in);
            in.finish();
            return request;
        } catch (MalformedFrameException e) {
            throw new MalformedFrameException(api + " request: " + e.getMessage(), e);
        }
    }

    /**
     * Decodes the body of the answer to a request, to the end of the bytes. Its buffers are slices that hold references
     * of their own. A refusal that says no more than its status is read as the API's own answer.
     *
     * @throws MalformedFrameException when the bytes are not one whole answer
     */
    public static MillraceResponse decodeResponse(MillraceApi api, ByteBuf body) {
        try {
            WireReader in = new WireReader(body);
            MillraceResponse response = ResponseBodies.read(api, in);
            in.finish();
            return response;
        } catch (MalformedFrameException e) {
            throw new MalformedFrameException(api + " answer: " + e.getMessage(), e);
        }
    }

    private static ByteBuf frame(ByteBufAllocator allocator, int sizeHint, Consumer<ByteBuf> content) {
        ByteBuf buffer = allocator.buffer(sizeHint);
        try {
            buffer.writeInt(0);
            content.accept(buffer);
            buffer.setInt(0, buffer.readableBytes() - Integer.BYTES);
            return buffer;
        } catch (RuntimeException e) {
            buffer.release();
            throw e;
        }
    }

    private static void writeClientId(ByteBuf buffer, @Nullable String clientId) {
        if (clientId == null) {
            buffer.writeShort(-1);
            return;
        }
        byte[] bytes = clientId.getBytes(UTF_8);
        if (bytes.length > Short.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "the client id takes " + bytes.length + " bytes; at most " + Short.MAX_VALUE + " are possible");
        }
        buffer.writeShort(bytes.length);
        buffer.writeBytes(bytes);
    }
}
