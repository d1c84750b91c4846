// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The fields of a consumer group's records, after version and type; notation as in {@link GroupRecordCodec}.
 *
 * <pre>
 *   ConsumerEpoch         str group | i32 epoch | str assignor | i64 topicsHash | i64 stateTimestampMs
 *   ConsumerMemberState   str group | str member | str? instance | str? rack | str clientId | str clientHost
 *                         | str principal | i32 rebalanceTimeoutMs | i32 n | n x str topicName | str? topicRegex | str? assignor
 *                         | i32 epoch | i32 previousEpoch | partitions assigned | partitions revoking
 *   ConsumerTarget        str group | str member | partitions target
 *   ConsumerMemberRemoved str group | str member
 *   partitions            i32 n | n x (uuid topic | bytes, one bit for each partition, the lowest first)
 * </pre>
 */
final class ConsumerRecordCodec {
    private static final int MIN_TOPIC_BYTES = 2 * Long.BYTES + Integer.BYTES;

    private ConsumerRecordCodec() {}

    static void write(GroupRecord.ConsumerEpoch record, FieldWriter out) {
        out.string(record.groupId());
        out.int32(record.epoch());
        out.string(record.assignor());
        out.int64(record.topicsHash());
        out.int64(record.stateTimestampMs());
    }

    static GroupRecord.ConsumerEpoch readEpoch(FieldReader in) {
        return new GroupRecord.ConsumerEpoch(in.string(), in.int32(), in.string(), in.int64(), in.int64());
    }

    static void write(GroupRecord.ConsumerMemberState record, FieldWriter out) {
        ConsumerMember member = record.member();
        out.string(record.groupId());
        out.string(member.memberId());
        out.nullableString(member.instanceId());
        out.nullableString(member.rackId());
        out.string(member.clientId());
        out.string(member.clientHost());
        out.string(member.principal());
        out.int32(member.rebalanceTimeoutMs());
        out.int32(member.topicNames().size());
        member.topicNames().forEach(out::string);
        out.nullableString(member.topicRegex());
        out.nullableString(member.assignor());
        out.int32(member.epoch());
        out.int32(member.previousEpoch());
        write(member.assigned(), out);
        write(member.revoking(), out);
    }

    static GroupRecord.ConsumerMemberState readMember(FieldReader in) {
        return new GroupRecord.ConsumerMemberState(
                in.string(),
                new ConsumerMember(
                        in.string(),
                        in.nullableString(),
                        in.nullableString(),
                        in.string(),
                        in.string(),
                        in.string(),
                        in.int32(),
                        readNames(in),
                        in.nullableString(),
                        in.nullableString(),
                        in.int32(),
                        in.int32(),
                        readPartitions(in),
                        readPartitions(in)));
    }

    static void write(GroupRecord.ConsumerTarget record, FieldWriter out) {
        out.string(record.groupId());
        out.string(record.memberId());
        write(record.target(), out);
    }

    static GroupRecord.ConsumerTarget readTarget(FieldReader in) {
        return new GroupRecord.ConsumerTarget(in.string(), in.string(), readPartitions(in));
    }

    static void write(GroupRecord.ConsumerMemberRemoved record, FieldWriter out) {
        out.string(record.groupId());
        out.string(record.memberId());
    }

    static GroupRecord.ConsumerMemberRemoved readMemberRemoved(FieldReader in) {
        return new GroupRecord.ConsumerMemberRemoved(in.string(), in.string());
    }

    private static List<String> readNames(FieldReader in) {
        int count = in.count(Integer.BYTES);
        List<String> names = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            names.add(in.string());
        }
        return names;
    }

    static void write(PartitionSet partitions, FieldWriter out) {
        out.int32(partitions.topicIds().size());
        for (UUID topicId : partitions.topicIds()) {
            out.uuid(topicId);
            out.bytes(partitions.bits(topicId).toByteArray());
        }
    }

    static PartitionSet readPartitions(FieldReader in) {
        int count = in.count(MIN_TOPIC_BYTES);
        TreeMap<UUID, BitSet> topics = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            topics.put(in.uuid(), BitSet.valueOf(in.bytes()));
        }
        return PartitionSet.of(topics);
    }
}
