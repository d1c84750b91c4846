// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.kafka.DecodedRequest.PrivateRequest;
import io.millrace.protocol.kafka.RequestDecoder;
import io.millrace.protocol.kafka.RequestEncoder;
import io.millrace.protocol.kafka.RequestHeader;
import io.millrace.protocol.kafka.ResponseDecoder;
import io.millrace.protocol.kafka.ResponseEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MillraceCodecTest {
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final int ROUNDS = 50;

    private final long seed = System.nanoTime();

    @ParameterizedTest
    @EnumSource(MillraceApi.class)
    void requestSurvives(MillraceApi api) {
        for (int round = 0; round < ROUNDS; round++) {
            MillraceRequest expected = new RandomMessages(seed + round).request(api);
            MillraceRequest sent = new RandomMessages(seed + round).request(api);
            RequestHeader header = new RequestHeader(api.key(), (short) 0, round, round % 2 == 0 ? null : "c\u00e4");

            ByteBuf frame = RequestEncoder.encode(ALLOCATOR, header, sent);
            assertEquals(frame.readInt(), frame.readableBytes());
            PrivateRequest decoded = (PrivateRequest) RequestDecoder.decode(frame);

            assertEquals(new PrivateRequest(header, expected), decoded, "seed " + (seed + round));
            decoded.release();
            assertTrue(frame.release(), "the request left a reference to its frame");
            expected.release();
        }
    }

    @ParameterizedTest
    @EnumSource(MillraceApi.class)
    void answerSurvives(MillraceApi api) {
        for (int round = 0; round < ROUNDS; round++) {
            MillraceResponse expected = new RandomMessages(seed + round).response(api);
            MillraceResponse sent = new RandomMessages(seed + round).response(api);
            RequestHeader header = new RequestHeader(api.key(), (short) 0, round, null);

            ByteBuf frame = ResponseEncoder.encode(ALLOCATOR, header, sent);
            assertEquals(frame.readInt(), frame.readableBytes());
            assertEquals(round, ResponseDecoder.correlationId(frame));
            MillraceResponse decoded = ResponseDecoder.decode(frame, api);

            assertEquals(expected, decoded, "seed " + (seed + round));
            decoded.release();
            assertTrue(frame.release(), "the answer left a reference to its frame");
            expected.release();
        }
    }

    @ParameterizedTest
    @EnumSource(MillraceApi.class)
    void requestCutAtEveryByteIsMalformedAndLeaksNothing(MillraceApi api) {
        for (int round = 0; round < 5; round++) {
            MillraceRequest request = new RandomMessages(seed + round).request(api);
            ByteBuf frame =
                    MillraceCodec.encodeRequest(ALLOCATOR, 1, "c", request).skipBytes(4);

            for (int length = 0; length < frame.readableBytes(); length++) {
                ByteBuf cut = frame.slice(4, length);
                assertThrows(
                        MalformedFrameException.class,
                        () -> RequestDecoder.decode(cut),
                        "cut to " + length + ", seed " + (seed + round));
            }

            assertTrue(frame.release(), "a malformed request left a reference to its frame");
        }
    }

    @ParameterizedTest
    @EnumSource(MillraceApi.class)
    void answerCutAtEveryByteIsMalformedAndLeaksNothing(MillraceApi api) {
        for (int round = 0; round < 5; round++) {
            MillraceResponse response = new RandomMessages(seed + round).response(api);
            ByteBuf frame = MillraceCodec.encodeResponse(ALLOCATOR, 1, response).skipBytes(4);

            for (int length = 0; length < frame.readableBytes(); length++) {
                ByteBuf cut = frame.slice(4, length);
                assertThrows(
                        MalformedFrameException.class,
                        () -> ResponseDecoder.decode(cut, api),
                        "cut to " + length + ", seed " + (seed + round));
            }

            assertTrue(frame.release(), "a malformed answer left a reference to its frame");
        }
    }

    @ParameterizedTest
    @EnumSource(MillraceApi.class)
    void randomBytesAreMalformedOrDecodedButNothingElse(MillraceApi api) {
        Random random = new Random(seed);
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            ByteBuf body = Unpooled.wrappedBuffer(bytes);
            try {
                MillraceCodec.decodeRequest(api, body.duplicate()).release();
                MillraceCodec.decodeResponse(api, body.duplicate()).release();
            } catch (MalformedFrameException e) {
                assertTrue(e.getMessage().startsWith(api.name()), e.getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
            assertEquals(1, body.refCnt());
        }
    }

    @Test
    void bytesAfterTheBodyAreMalformed() {
        ByteBuf body = Unpooled.buffer().writeLong(5).writeByte(0);

        MalformedFrameException e =
                assertThrows(MalformedFrameException.class, () -> MillraceCodec.decodeRequest(MillraceApi.DRAIN, body));

        assertEquals("DRAIN request: 1 bytes are left over, at byte 8", e.getMessage());
    }

    @Test
    void hugeListIsRefusedBeforeAllocation() {
        ByteBuf body = Unpooled.buffer().writeLong(5).writeBytes(new byte[] {-1, -1, -1, -1, 7});

        MalformedFrameException e = assertThrows(
                MalformedFrameException.class, () -> MillraceCodec.decodeRequest(MillraceApi.ACKNOWLEDGE, body));

        assertTrue(e.getMessage().contains("2147483647 elements"), e.getMessage());
    }

    @Test
    void plainRefusalReadsAsTheAnswerOfItsApi() {
        Status refused = Status.of(ErrorCode.NOT_LEADER, "look it up again");
        ByteBuf frame = MillraceCodec.encodeResponse(ALLOCATOR, 1, new PlainResponse(refused))
                .skipBytes(4);

        MillraceResponse response = ResponseDecoder.decode(frame, MillraceApi.PULL);

        assertEquals(new Pull.Response(refused, 0, List.of()), response);
        frame.release();
    }

    @Test
    void plainOkIsNotEnoughForAnApiThatAnswersFields() {
        ByteBuf frame =
                MillraceCodec.encodeResponse(ALLOCATOR, 1, PlainResponse.OK).skipBytes(4);

        assertThrows(MalformedFrameException.class, () -> ResponseDecoder.decode(frame, MillraceApi.PULL));
        frame.release();
    }

    @Test
    void featureOfANewerBrokerIsLeftOut() {
        ByteBuf frame = MillraceCodec.encodeResponse(
                ALLOCATOR, 1, new Connect.Response(Status.OK, 1, new UUID(1, 2), 3, 4, Set.of(Feature.SELECTORS)));
        frame.setByte(frame.writerIndex() - 1, 99).skipBytes(4);

        Connect.Response response = (Connect.Response) ResponseDecoder.decode(frame, MillraceApi.CONNECT);

        assertEquals(Set.of(), response.features());
        frame.release();
    }

    @Test
    void everyEnumValueHasAnId() {
        for (AckType type : AckType.values()) {
            assertEquals(type, WireEnum.ACK_TYPE.forId(WireEnum.ACK_TYPE.id(type)));
        }
        for (SubscriptionKind kind : SubscriptionKind.values()) {
            assertEquals(kind, WireEnum.SUBSCRIPTION_KIND.forId(WireEnum.SUBSCRIPTION_KIND.id(kind)));
        }
        for (DestinationKind kind : DestinationKind.values()) {
            assertEquals(kind, WireEnum.DESTINATION_KIND.forId(WireEnum.DESTINATION_KIND.id(kind)));
        }
        for (Feature feature : Feature.values()) {
            assertEquals(feature, WireEnum.FEATURE.forId(WireEnum.FEATURE.id(feature)));
        }
    }
}
