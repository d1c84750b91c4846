// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.kafka.DecodedRequest.KafkaRequest;
import io.millrace.protocol.kafka.DecodedRequest.PrivateRequest;
import io.millrace.protocol.kafka.DecodedRequest.UnknownApi;
import io.millrace.protocol.kafka.DecodedRequest.UnsupportedVersion;
import io.millrace.protocol.message.Drain;
import io.millrace.protocol.message.MalformedFrameException;
import io.millrace.protocol.message.MillraceApi;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.api.Test;

class RequestDecoderTest {
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    @Test
    void produceRecordsAreASliceOfTheFrame() {
        ByteBuf batches = Unpooled.directBuffer().writeBytes("pretend these are batches".getBytes(UTF_8));
        ByteBuf frame = encode(
                ApiKeys.PRODUCE.id, 13, produce(Uuid.randomUuid(), new PartitionProduceData().setIndex(3), batches));
        long frameAddress = frame.memoryAddress();

        KafkaRequest request = (KafkaRequest) RequestDecoder.decode(frame);
        ByteBuf records = ProduceRecords.buffer(onlyPartition(request));

        assertNotNull(records);
        assertTrue(
                records.memoryAddress() > frameAddress && records.memoryAddress() < frameAddress + frame.writerIndex(),
                "the records were copied");
        frame.release();
        assertEquals("pretend these are batches", records.toString(UTF_8));
        request.release();
        assertEquals(0, frame.refCnt());
    }

    @Test
    void produceWithoutRecordsHasNoBuffer() {
        ByteBuf frame = encode(
                ApiKeys.PRODUCE.id, 13, produce(Uuid.randomUuid(), new PartitionProduceData().setIndex(3), null));

        KafkaRequest request = (KafkaRequest) RequestDecoder.decode(frame);

        assertEquals(null, ProduceRecords.buffer(onlyPartition(request)));
        request.release();
        assertTrue(frame.release());
    }

    @Test
    void privateRequestIsDecodedByItsOwnCodec() {
        RequestHeader header = new RequestHeader(MillraceApi.DRAIN.key(), (short) 0, 9, null);
        ByteBuf frame = RequestEncoder.encode(ALLOCATOR, header, new Drain(55)).skipBytes(4);

        PrivateRequest request = assertInstanceOf(PrivateRequest.class, RequestDecoder.decode(frame));

        assertEquals(new PrivateRequest(header, new Drain(55)), request);
        frame.release();
    }

    @Test
    void unknownApiIsNamed() {
        ByteBuf frame =
                Unpooled.buffer().writeShort(19_999).writeShort(3).writeInt(5).writeShort(-1);

        assertEquals(
                new UnknownApi(new RequestHeader((short) 19_999, (short) 3, 5, null)), RequestDecoder.decode(frame));
    }

    @Test
    void unsupportedVersionKeepsTheHeader() {
        ByteBuf frame = Unpooled.buffer()
                .writeShort(ApiKeys.API_VERSIONS.id)
                .writeShort(99)
                .writeInt(5)
                .writeShort(1)
                .writeByte('c')
                .writeBytes(new byte[] {0, 1, 2, 3});

        assertEquals(
                new UnsupportedVersion(new RequestHeader(ApiKeys.API_VERSIONS.id, (short) 99, 5, "c")),
                RequestDecoder.decode(frame));
    }

    @Test
    void oldProduceIsUnsupported() {
        ByteBuf frame =
                Unpooled.buffer().writeShort(0).writeShort(2).writeInt(5).writeShort(-1);

        assertInstanceOf(UnsupportedVersion.class, RequestDecoder.decode(frame));
    }

    /** librdkafka 2.15.1 asks so for the metadata of all topics; Kafka's brokers answer. */
    @Test
    void bytesAfterAKafkaRequestAreIgnored() {
        MetadataRequestData allTopics =
                new MetadataRequestData().setTopics(null).setAllowAutoTopicCreation(false);
        ByteBuf frame = encode(ApiKeys.METADATA.id, 13, allTopics);
        frame.writeBytes(new byte[3]);

        KafkaRequest request = assertInstanceOf(KafkaRequest.class, RequestDecoder.decode(frame));

        assertEquals(allTopics, request.body());
        assertFalse(frame.isReadable());
        frame.release();
    }

    @Test
    void bytesAfterARequestOfOurOwnAreMalformed() {
        RequestHeader header = new RequestHeader(MillraceApi.DRAIN.key(), (short) 0, 9, null);
        ByteBuf frame = RequestEncoder.encode(ALLOCATOR, header, new Drain(55)).skipBytes(4);
        frame.writeByte(0);

        assertThrows(MalformedFrameException.class, () -> RequestDecoder.decode(frame));
        frame.release();
    }

    @Test
    void claimedArrayLengthBeyondTheFrameIsRefusedBeforeAllocation() {
        ByteBuf frame = Unpooled.buffer()
                .writeShort(ApiKeys.METADATA.id)
                .writeShort(1)
                .writeInt(5)
                .writeShort(-1)
                .writeInt(Integer.MAX_VALUE);

        MalformedFrameException e = assertThrows(MalformedFrameException.class, () -> RequestDecoder.decode(frame));

        assertTrue(e.getMessage().contains("2147483647"), e.getMessage());
    }

    @Test
    void garbageIsMalformedOrUnknownButNothingElse() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            ByteBuf frame = Unpooled.wrappedBuffer(bytes);
            if (bytes.length >= 4 && random.nextInt(4) > 0) {
                // Half-way sensible, so that bodies are reached.
                frame.setShort(0, random.nextBoolean() ? random.nextInt(70) : 20_000 + random.nextInt(12));
                frame.setShort(2, random.nextInt(10));
                if (bytes.length >= 10) {
                    frame.setShort(8, -1);
                }
            }
            try {
                DecodedRequest request = RequestDecoder.decode(frame);
                request.release();
            } catch (MalformedFrameException e) {
                assertNotNull(e.getMessage());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
            assertEquals(1, frame.refCnt(), "seed " + seed + ", round " + round);
        }
    }

    @Test
    void decodingReadsTheFrameToItsEnd() {
        ByteBuf frame = encode(ApiKeys.METADATA.id, 12, new MetadataRequestData().setTopics(List.of()));

        DecodedRequest request = RequestDecoder.decode(frame);

        assertSame(KafkaRequest.class, request.getClass());
        assertEquals(0, frame.readableBytes());
        frame.release();
    }

    private static ByteBuf encode(short key, int version, ApiMessage body) {
        return RequestEncoder.encode(ALLOCATOR, new RequestHeader(key, (short) version, 1, "c"), body)
                .skipBytes(4);
    }

    private static ProduceRequestData produce(Uuid topicId, PartitionProduceData partition, ByteBuf batches) {
        if (batches != null) {
            ProduceRecords.set(partition, batches);
        }
        ProduceRequestData request = new ProduceRequestData();
        request.topicData().add(new TopicProduceData().setTopicId(topicId).setPartitionData(List.of(partition)));
        return request;
    }

    private static PartitionProduceData onlyPartition(KafkaRequest request) {
        return ((ProduceRequestData) request.body())
                .topicData()
                .iterator()
                .next()
                .partitionData()
                .get(0);
    }
}
