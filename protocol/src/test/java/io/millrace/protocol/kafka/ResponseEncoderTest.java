// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

class ResponseEncoderTest {
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    @Test
    void largeRecordsBecomeAComponentAndAreNotCopied() {
        ByteBuf records = Unpooled.directBuffer().writeZero(ByteBufWritable.COMPONENT_BYTES);
        records.setByte(10, 'x');

        ByteBuf encoded = encodeFetch(records);

        CompositeByteBuf composite = assertInstanceOf(CompositeByteBuf.class, encoded);
        assertEquals(
                records.memoryAddress(),
                composite.component(1).memoryAddress(),
                "the records are not the component between head and tail");
        encoded.release();
        assertEquals(0, records.refCnt());
    }

    @Test
    void smallRecordsAreCopiedAndReleased() {
        ByteBuf records = Unpooled.directBuffer().writeZero(ByteBufWritable.COMPONENT_BYTES - 1);

        ByteBuf encoded = encodeFetch(records);

        assertEquals(0, records.refCnt());
        encoded.release();
    }

    @Test
    void failureReleasesTheRecords() {
        ByteBuf records = Unpooled.directBuffer().writeZero(10);
        FetchResponseData response = fetch(records).setThrottleTimeMs(1);
        RequestHeader unknownVersion = new RequestHeader(ApiKeys.FETCH.id, (short) 99, 1, null);

        assertThrows(
                UnsupportedVersionException.class, () -> ResponseEncoder.encode(ALLOCATOR, unknownVersion, response));

        assertEquals(0, records.refCnt());
    }

    @Test
    void unsupportedApiVersionsIsAnsweredInVersionZero() {
        RequestHeader request = new RequestHeader(ApiKeys.API_VERSIONS.id, (short) 99, 5, null);

        ByteBuf encoded = ResponseEncoder.encodeUnsupportedApiVersions(ALLOCATOR, request, SupportedVersions.all());
        ApiVersionsResponseData answer = (ApiVersionsResponseData)
                ResponseDecoder.decode(encoded.skipBytes(4), ApiKeys.API_VERSIONS.id, (short) 0);

        assertEquals(35, answer.errorCode());
        assertEquals(SupportedVersions.all().ranges().size(), answer.apiKeys().size());
        encoded.release();
    }

    @Test
    void apiVersionsAnswerHasTheOldHeaderInEveryVersion() {
        RequestHeader request = new RequestHeader(ApiKeys.API_VERSIONS.id, (short) 4, 5, null);

        ByteBuf encoded =
                ResponseEncoder.encode(ALLOCATOR, request, new ApiVersionsResponseData().setErrorCode((short) 0x0102));

        assertEquals(0x0102, encoded.getShort(8), "the error code does not follow the correlation id");
        encoded.release();
    }

    @Test
    void fieldThatTheVersionLacksIsRefused() {
        OffsetFetchResponseData response = new OffsetFetchResponseData()
                .setGroups(List.of(new OffsetFetchResponseData.OffsetFetchResponseGroup().setGroupId("g")));
        RequestHeader v5 = new RequestHeader(ApiKeys.OFFSET_FETCH.id, (short) 5, 1, null);

        assertThrows(UnsupportedVersionException.class, () -> ResponseEncoder.encode(ALLOCATOR, v5, response));
    }

    private static ByteBuf encodeFetch(ByteBuf records) {
        return ResponseEncoder.encode(
                ALLOCATOR, new RequestHeader(ApiKeys.FETCH.id, (short) 12, 1, null), fetch(records));
    }

    private static FetchResponseData fetch(ByteBuf records) {
        PartitionData partition = FetchRecords.set(new PartitionData().setPartitionIndex(1), records);
        return new FetchResponseData()
                .setResponses(List.of(new FetchableTopicResponse().setTopic("t").setPartitions(List.of(partition))));
    }
}
