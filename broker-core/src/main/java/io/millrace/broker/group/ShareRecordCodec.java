// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.List;

/**
 * The fields of a share group's records, after version and type; notation as in {@link GroupRecordCodec}.
 *
 * <pre>
 *   ShareEpoch         str group | i32 epoch | i64 topicsHash | i64 stateTimestampMs
 *   ShareMemberState   str group | str member | str? rack | str clientId | str clientHost | i32 n | n x str topicName
 *                      | i32 epoch | i32 previousEpoch
 *   ShareTarget        str group | str member | partitions assigned, as in {@link ConsumerRecordCodec}
 *   ShareMemberRemoved str group | str member
 * </pre>
 */
final class ShareRecordCodec {
    private ShareRecordCodec() {}

    static void write(GroupRecord.ShareEpoch record, FieldWriter out) {
        out.string(record.groupId());
        out.int32(record.epoch());
        out.int64(record.topicsHash());
        out.int64(record.stateTimestampMs());
    }

    static GroupRecord.ShareEpoch readEpoch(FieldReader in) {
        return new GroupRecord.ShareEpoch(in.string(), in.int32(), in.int64(), in.int64());
    }

    static void write(GroupRecord.ShareMemberState record, FieldWriter out) {
        ShareMember member = record.member();
        out.string(record.groupId());
        out.string(member.memberId());
        out.nullableString(member.rackId());
        out.string(member.clientId());
        out.string(member.clientHost());
        out.int32(member.topicNames().size());
        member.topicNames().forEach(out::string);
        out.int32(member.epoch());
        out.int32(member.previousEpoch());
    }

    static GroupRecord.ShareMemberState readMember(FieldReader in) {
        return new GroupRecord.ShareMemberState(
                in.string(),
                new ShareMember(
                        in.string(),
                        in.nullableString(),
                        in.string(),
                        in.string(),
                        readNames(in),
                        in.int32(),
                        in.int32()));
    }

    static void write(GroupRecord.ShareTarget record, FieldWriter out) {
        out.string(record.groupId());
        out.string(record.memberId());
        ConsumerRecordCodec.write(record.assigned(), out);
    }

    static GroupRecord.ShareTarget readTarget(FieldReader in) {
        return new GroupRecord.ShareTarget(in.string(), in.string(), ConsumerRecordCodec.readPartitions(in));
    }

    static void write(GroupRecord.ShareMemberRemoved record, FieldWriter out) {
        out.string(record.groupId());
        out.string(record.memberId());
    }

    static GroupRecord.ShareMemberRemoved readMemberRemoved(FieldReader in) {
        return new GroupRecord.ShareMemberRemoved(in.string(), in.string());
    }

    private static List<String> readNames(FieldReader in) {
        int count = in.count(Integer.BYTES);
        List<String> names = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            names.add(in.string());
        }
        return names;
    }
}
