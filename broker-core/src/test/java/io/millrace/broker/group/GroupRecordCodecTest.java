// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GroupRecordCodecTest {
    static Stream<GroupRecord> records() {
        OpaqueBytes some = OpaqueBytes.of(new byte[] {1, 2, 3});
        return Stream.of(
                new GroupRecord.Metadata(
                        "größe",
                        7,
                        "consumer",
                        "range",
                        "a",
                        123,
                        List.of(
                                new GroupRecord.Member("a", null, "client", "/host", 1, 2, some, OpaqueBytes.EMPTY),
                                new GroupRecord.Member("b", "static", "client", "/host", 3, 4, some, some))),
                new GroupRecord.Metadata("empty", 8, "consumer", null, null, 5, List.of()),
                new GroupRecord.Removed("g"),
                new GroupRecord.Offsets(
                        "g",
                        Map.of(
                                new OffsetKey(new UUID(1, 2), 0), new CommittedOffset(5, -1, "", 10),
                                new OffsetKey(new UUID(1, 2), 1), new CommittedOffset(6, 3, "text", 11))),
                new GroupRecord.TopicRemoved(new UUID(3, 4)),
                new GroupRecord.OffsetsRemoved("g", Set.of(new OffsetKey(new UUID(1, 2), 0))),
                new GroupRecord.ConsumerEpoch("g", 3, "uniform", 77, 10),
                new GroupRecord.ConsumerMemberState(
                        "g",
                        new ConsumerMember(
                                "m",
                                "i",
                                null,
                                "client",
                                "/host",
                                "User:u",
                                5,
                                List.of("a", "b"),
                                "x.*",
                                null,
                                3,
                                2,
                                partitions(),
                                PartitionSet.EMPTY)),
                new GroupRecord.ConsumerTarget("g", "m", partitions()),
                new GroupRecord.ConsumerMemberRemoved("g", "m"),
                new GroupRecord.ShareEpoch("g", 3, 77, 10),
                new GroupRecord.ShareMemberState(
                        "g", new ShareMember("m", null, "client", "/host", List.of("a", "b"), 3, 2)),
                new GroupRecord.ShareTarget("g", "m", partitions()),
                new GroupRecord.ShareMemberRemoved("g", "m"));
    }

    private static PartitionSet partitions() {
        return new PartitionSet.Builder()
                .add(new UUID(1, 2), 0)
                .add(new UUID(1, 2), 70)
                .add(new UUID(3, 4), 9)
                .build();
    }

    @ParameterizedTest
    @MethodSource("records")
    void readsWhatItWrote(GroupRecord record) {
        ByteBuf bytes = GroupRecordCodec.encode(record, UnpooledByteBufAllocator.DEFAULT);
        try {
            assertEquals(record, GroupRecordCodec.decode(bytes.duplicate()));
        } finally {
            bytes.release();
        }
    }

    @ParameterizedTest
    @MethodSource("records")
    void refusesARecordCutAnywhere(GroupRecord record) {
        ByteBuf bytes = GroupRecordCodec.encode(record, UnpooledByteBufAllocator.DEFAULT);
        try {
            for (int length = 0; length < bytes.readableBytes(); length++) {
                ByteBuf cut = bytes.slice(0, length);
                assertThrows(IllegalArgumentException.class, () -> GroupRecordCodec.decode(cut));
            }
        } finally {
            bytes.release();
        }
    }

    @Test
    void refusesBytesBehindARecord() {
        ByteBuf bytes = GroupRecordCodec.encode(new GroupRecord.Removed("g"), UnpooledByteBufAllocator.DEFAULT);
        bytes.writeByte(0);
        assertThrows(IllegalArgumentException.class, () -> GroupRecordCodec.decode(bytes));
        bytes.release();
    }

    @Test
    void refusesACountBeyondTheRecordBeforeAllocating() {
        ByteBuf bytes = Unpooled.buffer();
        bytes.writeByte(1).writeByte(3).writeInt(1).writeByte('g').writeInt(Integer.MAX_VALUE);
        assertThrows(IllegalArgumentException.class, () -> GroupRecordCodec.decode(bytes));
    }

    @Test
    void refusesAnUnknownVersion() {
        ByteBuf bytes = Unpooled.buffer().writeByte(2).writeByte(2).writeInt(0);
        assertThrows(IllegalArgumentException.class, () -> GroupRecordCodec.decode(bytes));
    }
}
