// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.MillraceCodec;
import io.millrace.protocol.message.MillraceRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;

/** Encodes what a client sends, as whole frames with their 4-byte size. Has no state; safe for any thread. */
public final class RequestEncoder {
    private RequestEncoder() {}

    /** Encodes a Kafka request in the header's version. Takes over the request's buffers, also on failure. */
    public static ByteBuf encode(ByteBufAllocator allocator, RequestHeader header, ApiMessage request) {
        short headerVersion = ApiMessageType.fromApiKey(header.apiKey()).requestHeaderVersion(header.apiVersion());
        RequestHeaderData data = new RequestHeaderData()
                .setRequestApiKey(header.apiKey())
                .setRequestApiVersion(header.apiVersion())
                .setCorrelationId(header.correlationId())
                .setClientId(header.clientId());
        return Bodies.frame(allocator, data, headerVersion, request, header.apiVersion());
    }

    /** Encodes a request of Millrace's own; key and version of the header must be the request's. Takes it over. */
    public static ByteBuf encode(ByteBufAllocator allocator, RequestHeader header, MillraceRequest request) {
        return MillraceCodec.encodeRequest(allocator, header.correlationId(), header.clientId(), request);
    }
}
