// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** The membership protocol, spoken by hand in any version. */
final class JoinedRaw {
    private JoinedRaw() {}

    /** Joins as the only member, with the handshake where the version has it. */
    static Member join(RawClient client, int version, String group) throws IOException {
        JoinGroupResponseData joined = request(client, version, group, "");
        if (joined.errorCode() == Errors.MEMBER_ID_REQUIRED.code()) {
            joined = request(client, version, group, joined.memberId());
        }
        if (joined.errorCode() != 0) {
            throw new IllegalStateException("join v" + version + ": " + Errors.forCode(joined.errorCode()));
        }
        return new Member(client, group, joined.memberId(), joined.generationId());
    }

    private static JoinGroupResponseData request(RawClient client, int version, String group, String memberId)
            throws IOException {
        JoinGroupRequestData request = new JoinGroupRequestData()
                .setGroupId(group)
                .setMemberId(memberId)
                .setSessionTimeoutMs(10_000)
                .setProtocolType("consumer");
        if (version > 0) {
            request.setRebalanceTimeoutMs(10_000);
        }
        request.protocols().add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[] {1}));
        return client.send(ApiKeys.JOIN_GROUP, version, request, JoinGroupResponseData.class);
    }

    record Member(RawClient client, String group, String memberId, int generation) {

        String sync(int version) throws IOException {
            SyncGroupRequestData request = new SyncGroupRequestData()
                    .setGroupId(group)
                    .setMemberId(memberId)
                    .setGenerationId(generation)
                    .setAssignments(List.of(new SyncGroupRequestData.SyncGroupRequestAssignment()
                            .setMemberId(memberId)
                            .setAssignment("share".getBytes(StandardCharsets.UTF_8))));
            if (version >= 5) {
                request.setProtocolType("consumer").setProtocolName("range");
            }
            SyncGroupResponseData answer =
                    client.send(ApiKeys.SYNC_GROUP, version, request, SyncGroupResponseData.class);
            return new String(answer.assignment(), StandardCharsets.UTF_8);
        }

        Errors heartbeat(int version) throws IOException {
            HeartbeatRequestData request = new HeartbeatRequestData()
                    .setGroupId(group)
                    .setMemberId(memberId)
                    .setGenerationId(generation);
            return Errors.forCode(client.send(ApiKeys.HEARTBEAT, version, request, HeartbeatResponseData.class)
                    .errorCode());
        }

        Errors leave(int version) throws IOException {
            LeaveGroupRequestData request = new LeaveGroupRequestData().setGroupId(group);
            if (version < 3) {
                request.setMemberId(memberId);
            } else {
                request.setMembers(List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId(memberId)));
            }
            LeaveGroupResponseData answer =
                    client.send(ApiKeys.LEAVE_GROUP, version, request, LeaveGroupResponseData.class);
            return Errors.forCode(
                    version < 3 ? answer.errorCode() : answer.members().get(0).errorCode());
        }
    }
}
