// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.MalformedFrameException;
import io.millrace.protocol.message.MillraceApi;
import io.millrace.protocol.message.MillraceCodec;
import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;

/** Decodes what clients send. Has no state; safe for any thread. */
public final class RequestDecoder {
    private RequestDecoder() {}

    /**
     * Decodes one request. Bytes after a Kafka request are ignored, as Kafka does; after one of Millrace's own they are
     * an error. The caller keeps its reference of the frame; a request with buffers holds references of its
     * own until {@link DecodedRequest#release()}.
     *
     * @param frame the frame without its 4-byte size; read to its end
     * @throws MalformedFrameException when the frame does not hold a whole request
     */
    public static DecodedRequest decode(ByteBuf frame) {
        ByteBuf bytes = frame.slice();
        frame.skipBytes(frame.readableBytes());
        if (bytes.readableBytes() < Short.BYTES * 2 + Integer.BYTES) {
            throw new MalformedFrameException(
                    "a frame of " + bytes.readableBytes() + " bytes is shorter than a request header");
        }
        short apiKey = bytes.getShort(0);
        short version = bytes.getShort(Short.BYTES);
        if (!SupportedVersions.all().serves(apiKey, version)) {
            RequestHeader header = readHeader(new ByteBufReadable(bytes), (short) 1);
            return SupportedVersions.all().knows(apiKey)
                    ? new DecodedRequest.UnsupportedVersion(header)
                    : new DecodedRequest.UnknownApi(header);
        }
        MillraceApi api = MillraceApi.forKey(apiKey);
        return api != null ? decodePrivate(bytes, api) : decodeKafka(bytes, ApiMessageType.fromApiKey(apiKey), version);
    }

    private static DecodedRequest decodePrivate(ByteBuf bytes, MillraceApi api) {
        RequestHeader header = readHeader(new ByteBufReadable(bytes), (short) 2);
        return new DecodedRequest.PrivateRequest(header, MillraceCodec.decodeRequest(api, bytes));
    }

    private static DecodedRequest decodeKafka(ByteBuf bytes, ApiMessageType type, short version) {
        ByteBufReadable readable = new ByteBufReadable(bytes);
        RequestHeader header = readHeader(readable, type.requestHeaderVersion(version));
        ApiMessage body = type.newRequest();
        // Kafka's brokers do not look at what follows a request, and librdkafka counts on it: its Metadata request (v9
        // or
        // later) for all topics has the array's length in four bytes where one is due.
        Bodies.read(body, readable, version, type.name + " request");
        if (body instanceof ProduceRequestData produce) {
            produce.topicData()
                    .forEach(topic -> topic.partitionData().forEach(partition -> Bodies.adopt(readable, partition)));
        }
        return new DecodedRequest.KafkaRequest(header, body);
    }

    private static RequestHeader readHeader(ByteBufReadable readable, short headerVersion) {
        try {
            RequestHeaderData data = new RequestHeaderData(readable, headerVersion);
            return new RequestHeader(
                    data.requestApiKey(), data.requestApiVersion(), data.correlationId(), data.clientId());
        } catch (MalformedFrameException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new MalformedFrameException("the request header cannot be read: " + e.getMessage(), e);
        }
    }
}
