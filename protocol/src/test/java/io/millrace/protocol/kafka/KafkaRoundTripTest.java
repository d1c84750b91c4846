// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.kafka.DecodedRequest.KafkaRequest;
import io.millrace.protocol.message.MalformedFrameException;
import io.millrace.protocol.message.MillraceApi;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.types.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every version that is advertised, request and answer, with every field of that version set. */
class KafkaRoundTripTest {
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private final long seed = System.nanoTime();

    static Stream<Arguments> everyAdvertisedVersion() {
        return SupportedVersions.all().ranges().entrySet().stream()
                .filter(entry -> MillraceApi.forKey(entry.getKey()) == null)
                .sorted(Map.Entry.comparingByKey())
                .flatMap(entry -> IntStream.rangeClosed(
                                entry.getValue().min(), entry.getValue().max())
                        .filter(version -> SupportedVersions.all().serves(entry.getKey(), (short) version))
                        .mapToObj(version -> Arguments.of(ApiMessageType.fromApiKey(entry.getKey()), (short) version)));
    }

    @ParameterizedTest(name = "{0} v{1}")
    @MethodSource("everyAdvertisedVersion")
    void requestSurvives(ApiMessageType type, short version) throws ReflectiveOperationException {
        ApiMessage request = filled(type.newRequest(), type.requestSchemas()[version]);
        ApiMessage expected = filled(type.newRequest(), type.requestSchemas()[version]);
        RequestHeader header = new RequestHeader(type.apiKey(), version, 77, "client");

        ByteBuf encoded = RequestEncoder.encode(ALLOCATOR, header, request);
        ByteBuf frame = payload(encoded);
        KafkaRequest decoded = assertInstanceOf(KafkaRequest.class, RequestDecoder.decode(frame), "seed " + seed);

        assertEquals(header, decoded.header(), "seed " + seed);
        assertEquals(expected, decoded.body(), "seed " + seed);
        decoded.release();
        assertTrue(encoded.release(), "the request left a reference to its frame");
        MessageBuffers.release(expected);
    }

    @ParameterizedTest(name = "{0} v{1}")
    @MethodSource("everyAdvertisedVersion")
    void responseSurvives(ApiMessageType type, short version) throws ReflectiveOperationException {
        ApiMessage response = filled(type.newResponse(), type.responseSchemas()[version]);
        ApiMessage expected = filled(type.newResponse(), type.responseSchemas()[version]);
        RequestHeader header = new RequestHeader(type.apiKey(), version, 78, null);

        ByteBuf encoded = ResponseEncoder.encode(ALLOCATOR, header, response);
        ByteBuf frame = payload(encoded);
        int correlationId = ResponseDecoder.correlationId(frame);
        ApiMessage decoded = ResponseDecoder.decode(frame, type.apiKey(), version);

        assertEquals(78, correlationId);
        assertEquals(expected, decoded, "seed " + seed);
        MessageBuffers.release(decoded);
        assertTrue(encoded.release(), "the answer left a reference to its frame");
        MessageBuffers.release(expected);
    }

    @ParameterizedTest(name = "{0} v{1}")
    @MethodSource("everyAdvertisedVersion")
    void requestCutAnywhereIsMalformed(ApiMessageType type, short version) throws ReflectiveOperationException {
        ApiMessage request = filled(type.newRequest(), type.requestSchemas()[version]);
        ByteBuf encoded = RequestEncoder.encode(ALLOCATOR, new RequestHeader(type.apiKey(), version, 1, "c"), request);

        ByteBuf frame = payload(encoded);
        int step = Math.max(1, frame.readableBytes() / 500);
        for (int length = 0; length < frame.readableBytes(); length += step) {
            ByteBuf cut = frame.slice(frame.readerIndex(), length);
            assertThrows(
                    MalformedFrameException.class,
                    () -> RequestDecoder.decode(cut),
                    "seed " + seed + ", cut to " + length + " bytes");
        }

        assertTrue(encoded.release(), "a malformed request left a reference to its frame");
    }

    private ApiMessage filled(ApiMessage message, Schema schema) throws ReflectiveOperationException {
        MessageFiller filler = new MessageFiller(new Random(seed));
        filler.fill(message, schema);
        return message;
    }

    /** The frame after its size, which must be right. */
    private static ByteBuf payload(ByteBuf encoded) {
        ByteBuf frame = encoded.duplicate();
        assertEquals(frame.readInt(), frame.readableBytes());
        return frame;
    }
}
