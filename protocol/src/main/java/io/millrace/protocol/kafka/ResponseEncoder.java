// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.MillraceCodec;
import io.millrace.protocol.message.MillraceResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Encodes what a broker answers, as whole frames with their 4-byte size. Has no state; safe for any thread. */
public final class ResponseEncoder {
    private ResponseEncoder() {}

    /**
     * Encodes an answer in the version of its request. Takes over the answer: its buffers are released, also on
     * failure.
     *
     * @throws RuntimeException when the answer sets a field that this version does not have
     */
    public static ByteBuf encode(ByteBufAllocator allocator, RequestHeader request, ApiMessage response) {
        short headerVersion = ApiMessageType.fromApiKey(request.apiKey()).responseHeaderVersion(request.apiVersion());
        return Bodies.frame(allocator, header(request), headerVersion, response, request.apiVersion());
    }

    /** Encodes the answer to a request of Millrace's own. Takes over the answer, also on failure. */
    public static ByteBuf encode(ByteBufAllocator allocator, RequestHeader request, MillraceResponse response) {
        return MillraceCodec.encodeResponse(allocator, request.correlationId(), response);
    }

    /**
     * The answer to an ApiVersions request of a version that is not spoken here: version 0 with the error and the
     * table, so that the client tries again (KIP-511).
     */
    public static ByteBuf encodeUnsupportedApiVersions(
            ByteBufAllocator allocator, RequestHeader request, SupportedVersions supported) {
        ApiMessage response = supported.toResponse().setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        return Bodies.frame(allocator, header(request), (short) 0, response, (short) 0);
    }

    private static ResponseHeaderData header(RequestHeader request) {
        return new ResponseHeaderData().setCorrelationId(request.correlationId());
    }
}
