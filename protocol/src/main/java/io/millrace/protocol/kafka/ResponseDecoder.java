// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.MalformedFrameException;
import io.millrace.protocol.message.MillraceApi;
import io.millrace.protocol.message.MillraceCodec;
import io.millrace.protocol.message.MillraceResponse;
import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Decodes what a broker answered. First {@link #correlationId}, which finds the request, then the body by what was
 * asked. Has no state; safe for any thread.
 */
public final class ResponseDecoder {
    private ResponseDecoder() {}

    /** The correlation id of the answer in this frame (without its 4-byte size), which is not read. */
    public static int correlationId(ByteBuf frame) {
        if (frame.readableBytes() < Integer.BYTES) {
            throw new MalformedFrameException("an answer of " + frame.readableBytes() + " bytes has no header");
        }
        return frame.getInt(frame.readerIndex());
    }

    /**
     * Decodes a Kafka answer. The caller keeps its reference of the frame; buffers in the answer have their own, to be
     * given back with {@link MessageBuffers#release}.
     *
     * @param frame the frame without its 4-byte size; read to its end
     * @throws MalformedFrameException when the frame is not one whole answer
     */
    public static ApiMessage decode(ByteBuf frame, short apiKey, short version) {
        ApiMessageType type = ApiMessageType.fromApiKey(apiKey);
        ByteBufReadable readable = new ByteBufReadable(frame.slice());
        frame.skipBytes(frame.readableBytes());
        readHeader(readable, type.responseHeaderVersion(version));
        ApiMessage body = type.newResponse();
        Bodies.readWhole(body, readable, version, type.name + " response");
        if (body instanceof FetchResponseData fetch) {
            fetch.responses()
                    .forEach(topic -> topic.partitions().forEach(partition -> Bodies.adopt(readable, partition)));
        } else if (body instanceof ShareFetchResponseData share) {
            share.responses()
                    .forEach(topic -> topic.partitions().forEach(partition -> Bodies.adopt(readable, partition)));
        }
        return body;
    }

    /**
     * Decodes the answer to a request of Millrace's own. The caller keeps its reference of the frame; release the
     * answer.
     */
    public static MillraceResponse decode(ByteBuf frame, MillraceApi api) {
        ByteBuf bytes = frame.slice();
        frame.skipBytes(frame.readableBytes());
        readHeader(new ByteBufReadable(bytes), (short) 1);
        return MillraceCodec.decodeResponse(api, bytes);
    }

    private static void readHeader(ByteBufReadable readable, short headerVersion) {
        try {
            new ResponseHeaderData().read(readable, headerVersion);
        } catch (MalformedFrameException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new MalformedFrameException("the response header cannot be read: " + e.getMessage(), e);
        }
    }
}
