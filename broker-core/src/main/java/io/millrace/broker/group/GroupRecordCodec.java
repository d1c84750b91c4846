// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Bytes of the {@link GroupRecord}s. Big-endian; {@code str} and {@code bytes} are an i32 length and that many bytes
 * (UTF-8), the length -1 meaning {@code null} where a field may be so; {@code uuid} is two i64.
 *
 * <pre>
 *   every record   u8 version = 1 | u8 type | fields
 *   1 Metadata     str group | i32 generation | str protocolType | str? protocol | str? leader | i64 stateTimestampMs
 *                  | i32 n | n x (str member | str? instance | str clientId | str clientHost
 *                                 | i32 sessionTimeoutMs | i32 rebalanceTimeoutMs | bytes subscription | bytes assignment)
 *   2 Removed      str group
 *   3 Offsets      str group | i32 n | n x (uuid topic | i32 partition | i64 offset | i32 leaderEpoch | str metadata
 *                                           | i64 commitTimestampMs)
 *   4 TopicRemoved uuid topic
 *   5 OffsetsRemoved str group | i32 n | n x (uuid topic | i32 partition)
 *   6 ConsumerEpoch, 7 ConsumerMemberState, 8 ConsumerTarget, 9 ConsumerMemberRemoved: see {@link ConsumerRecordCodec}
 *   10 ShareEpoch, 11 ShareMemberState, 12 ShareTarget, 13 ShareMemberRemoved: see {@link ShareRecordCodec}
 *   14 PendingOffsets   str group | i64 producer | i32 n | n x as in Offsets
 *   15 TransactionEnded i64 producer | u8 1 for commit
 * </pre>
 */
final class GroupRecordCodec {
    private static final byte VERSION = 1;
    private static final byte METADATA = 1;
    private static final byte REMOVED = 2;
    private static final byte OFFSETS = 3;
    private static final byte TOPIC_REMOVED = 4;
    private static final byte OFFSETS_REMOVED = 5;
    private static final byte CONSUMER_EPOCH = 6;
    private static final byte CONSUMER_MEMBER_STATE = 7;
    private static final byte CONSUMER_TARGET = 8;
    private static final byte CONSUMER_MEMBER_REMOVED = 9;
    private static final byte SHARE_EPOCH = 10;
    private static final byte SHARE_MEMBER_STATE = 11;
    private static final byte SHARE_TARGET = 12;
    private static final byte SHARE_MEMBER_REMOVED = 13;
    private static final byte PENDING_OFFSETS = 14;
    private static final byte TRANSACTION_ENDED = 15;

    private static final int MIN_MEMBER_BYTES = 8 * Integer.BYTES;
    private static final int KEY_BYTES = 2 * Long.BYTES + Integer.BYTES;
    private static final int MIN_OFFSET_BYTES = 4 * Long.BYTES + 3 * Integer.BYTES;

    private GroupRecordCodec() {}

    /** The bytes of a record; the caller owns the buffer. */
    static ByteBuf encode(GroupRecord record, ByteBufAllocator allocator) {
        ByteBuf buffer = allocator.buffer(256);
        boolean done = false;
        try {
            buffer.writeByte(VERSION);
            write(record, buffer);
            done = true;
            return buffer;
        } finally {
            if (!done) {
                buffer.release();
            }
        }
    }

    /**
     * Reads one record.
     *
     * @throws IllegalArgumentException where the bytes are not one whole record of a known version and type
     */
    static GroupRecord decode(ByteBuf buffer) {
        FieldReader in = new FieldReader(buffer);
        byte version = in.int8();
        if (version != VERSION) {
            throw new IllegalArgumentException(
                    "group record has version " + version + ", this broker reads " + VERSION + ": use a newer broker");
        }
        byte type = in.int8();
        GroupRecord record = switch (type) {
            case METADATA -> readMetadata(in);
            case REMOVED -> new GroupRecord.Removed(in.string());
            case OFFSETS -> readOffsets(in);
            case TOPIC_REMOVED -> new GroupRecord.TopicRemoved(in.uuid());
            case OFFSETS_REMOVED -> readOffsetsRemoved(in);
            case CONSUMER_EPOCH -> ConsumerRecordCodec.readEpoch(in);
            case CONSUMER_MEMBER_STATE -> ConsumerRecordCodec.readMember(in);
            case CONSUMER_TARGET -> ConsumerRecordCodec.readTarget(in);
            case CONSUMER_MEMBER_REMOVED -> ConsumerRecordCodec.readMemberRemoved(in);
            case SHARE_EPOCH -> ShareRecordCodec.readEpoch(in);
            case SHARE_MEMBER_STATE -> ShareRecordCodec.readMember(in);
            case SHARE_TARGET -> ShareRecordCodec.readTarget(in);
            case SHARE_MEMBER_REMOVED -> ShareRecordCodec.readMemberRemoved(in);
            case PENDING_OFFSETS -> new GroupRecord.PendingOffsets(in.string(), in.int64(), readOffsetMap(in));
            case TRANSACTION_ENDED -> new GroupRecord.TransactionEnded(in.int64(), in.int8() == 1);
            default -> throw new IllegalArgumentException("group record has the unknown type " + type);
        };
        in.requireEnd();
        return record;
    }

    private static void write(GroupRecord record, ByteBuf buffer) {
        FieldWriter out = new FieldWriter(buffer);
        if (record instanceof GroupRecord.Metadata metadata) {
            buffer.writeByte(METADATA);
            writeMetadata(metadata, out);
        } else if (record instanceof GroupRecord.Removed removed) {
            buffer.writeByte(REMOVED);
            out.string(removed.groupId());
        } else if (record instanceof GroupRecord.Offsets offsets) {
            buffer.writeByte(OFFSETS);
            writeOffsets(offsets, out);
        } else if (record instanceof GroupRecord.TopicRemoved removed) {
            buffer.writeByte(TOPIC_REMOVED);
            out.uuid(removed.topicId());
        } else if (record instanceof GroupRecord.OffsetsRemoved removed) {
            buffer.writeByte(OFFSETS_REMOVED);
            writeOffsetsRemoved(removed, out);
        } else if (record instanceof GroupRecord.ConsumerEpoch epoch) {
            buffer.writeByte(CONSUMER_EPOCH);
            ConsumerRecordCodec.write(epoch, out);
        } else if (record instanceof GroupRecord.ConsumerMemberState member) {
            buffer.writeByte(CONSUMER_MEMBER_STATE);
            ConsumerRecordCodec.write(member, out);
        } else if (record instanceof GroupRecord.ConsumerTarget target) {
            buffer.writeByte(CONSUMER_TARGET);
            ConsumerRecordCodec.write(target, out);
        } else if (record instanceof GroupRecord.ConsumerMemberRemoved removed) {
            buffer.writeByte(CONSUMER_MEMBER_REMOVED);
            ConsumerRecordCodec.write(removed, out);
        } else if (record instanceof GroupRecord.ShareEpoch epoch) {
            buffer.writeByte(SHARE_EPOCH);
            ShareRecordCodec.write(epoch, out);
        } else if (record instanceof GroupRecord.ShareMemberState member) {
            buffer.writeByte(SHARE_MEMBER_STATE);
            ShareRecordCodec.write(member, out);
        } else if (record instanceof GroupRecord.ShareTarget target) {
            buffer.writeByte(SHARE_TARGET);
            ShareRecordCodec.write(target, out);
        } else if (record instanceof GroupRecord.ShareMemberRemoved removed) {
            buffer.writeByte(SHARE_MEMBER_REMOVED);
            ShareRecordCodec.write(removed, out);
        } else if (record instanceof GroupRecord.PendingOffsets pending) {
            buffer.writeByte(PENDING_OFFSETS);
            out.string(pending.groupId());
            out.int64(pending.producerId());
            writeOffsetMap(pending.offsets(), out);
        } else if (record instanceof GroupRecord.TransactionEnded ended) {
            buffer.writeByte(TRANSACTION_ENDED);
            out.int64(ended.producerId());
            buffer.writeByte(ended.commit() ? 1 : 0);
        }
    }

    private static void writeMetadata(GroupRecord.Metadata record, FieldWriter out) {
        out.string(record.groupId());
        out.int32(record.generation());
        out.string(record.protocolType());
        out.nullableString(record.protocolName());
        out.nullableString(record.leaderId());
        out.int64(record.stateTimestampMs());
        out.int32(record.members().size());
        for (GroupRecord.Member member : record.members()) {
            out.string(member.memberId());
            out.nullableString(member.instanceId());
            out.string(member.clientId());
            out.string(member.clientHost());
            out.int32(member.sessionTimeoutMs());
            out.int32(member.rebalanceTimeoutMs());
            out.bytes(member.subscription().array());
            out.bytes(member.assignment().array());
        }
    }

    private static GroupRecord.Metadata readMetadata(FieldReader in) {
        String groupId = in.string();
        int generation = in.int32();
        String protocolType = in.string();
        String protocolName = in.nullableString();
        String leaderId = in.nullableString();
        long stateTimestampMs = in.int64();
        int count = in.count(MIN_MEMBER_BYTES);
        List<GroupRecord.Member> members = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            members.add(new GroupRecord.Member(
                    in.string(),
                    in.nullableString(),
                    in.string(),
                    in.string(),
                    in.int32(),
                    in.int32(),
                    OpaqueBytes.of(in.bytes()),
                    OpaqueBytes.of(in.bytes())));
        }
        return new GroupRecord.Metadata(
                groupId, generation, protocolType, protocolName, leaderId, stateTimestampMs, members);
    }

    private static void writeOffsets(GroupRecord.Offsets record, FieldWriter out) {
        out.string(record.groupId());
        writeOffsetMap(record.offsets(), out);
    }

    private static void writeOffsetMap(Map<OffsetKey, CommittedOffset> offsets, FieldWriter out) {
        out.int32(offsets.size());
        offsets.forEach((key, committed) -> {
            out.uuid(key.topicId());
            out.int32(key.partition());
            out.int64(committed.offset());
            out.int32(committed.leaderEpoch());
            out.string(committed.metadata());
            out.int64(committed.commitTimestampMs());
        });
    }

    private static GroupRecord.Offsets readOffsets(FieldReader in) {
        return new GroupRecord.Offsets(in.string(), readOffsetMap(in));
    }

    private static Map<OffsetKey, CommittedOffset> readOffsetMap(FieldReader in) {
        int count = in.count(MIN_OFFSET_BYTES);
        Map<OffsetKey, CommittedOffset> offsets = new HashMap<>();
        for (int i = 0; i < count; i++) {
            UUID topicId = in.uuid();
            int partition = in.int32();
            offsets.put(
                    new OffsetKey(topicId, partition),
                    new CommittedOffset(in.int64(), in.int32(), in.string(), in.int64()));
        }
        return offsets;
    }

    private static void writeOffsetsRemoved(GroupRecord.OffsetsRemoved record, FieldWriter out) {
        out.string(record.groupId());
        out.int32(record.keys().size());
        record.keys().forEach(key -> {
            out.uuid(key.topicId());
            out.int32(key.partition());
        });
    }

    private static GroupRecord.OffsetsRemoved readOffsetsRemoved(FieldReader in) {
        String groupId = in.string();
        int count = in.count(KEY_BYTES);
        Set<OffsetKey> keys = new HashSet<>();
        for (int i = 0; i < count; i++) {
            keys.add(new OffsetKey(in.uuid(), in.int32()));
        }
        return new GroupRecord.OffsetsRemoved(groupId, keys);
    }
}
