// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * The rules of JoinGroup: who may join a {@link ClassicGroup}, under which id, and whether that means a rebalance.
 * Handshake by KIP-394, static members by KIP-345, skipped assignment by KIP-814.
 */
final class GroupJoining {
    /** A member that waits for its first answer cannot send heartbeats; its client may be gone. As in Kafka. */
    static final int NEW_MEMBER_TIMEOUT_MS = 300_000;

    private final ClassicGroup group;
    private final ClassicRebalance rebalance;
    private final GroupConfig config;

    GroupJoining(ClassicGroup group, ClassicRebalance rebalance, GroupConfig config) {
        this.group = group;
        this.rebalance = rebalance;
        this.config = config;
    }

    void join(JoinRequest request, CompletableFuture<JoinResult> reply, long nowMs, Outcome out) {
        GroupError error = check(request);
        if (error != GroupError.NONE) {
            out.answer(reply, JoinResult.failed(error, request.memberId()));
        } else if (request.memberId().isEmpty()) {
            joinNew(request, reply, nowMs, out);
        } else if (group.members().isPending(request.memberId())) {
            add(request.memberId(), request, reply, nowMs, out);
        } else {
            rejoin(request, reply, nowMs, out);
        }
    }

    private GroupError check(JoinRequest request) {
        if (group.state() instanceof GroupState.Dead) {
            return GroupError.COORDINATOR_NOT_AVAILABLE;
        }
        int sessionTimeoutMs = request.sessionTimeoutMs();
        if (sessionTimeoutMs < config.minSessionTimeoutMs() || sessionTimeoutMs > config.maxSessionTimeoutMs()) {
            return GroupError.INVALID_SESSION_TIMEOUT;
        }
        if (!supportsProtocols(request)) {
            return GroupError.INCONSISTENT_GROUP_PROTOCOL;
        }
        return hasRoom(request) ? GroupError.NONE : GroupError.GROUP_MAX_SIZE_REACHED;
    }

    private boolean supportsProtocols(JoinRequest request) {
        if (request.protocolType().isEmpty() || request.protocols().isEmpty()) {
            return false;
        }
        if (group.members().isEmpty()) {
            return true;
        }
        var common = group.members().commonProtocols();
        return request.protocolType().equals(group.protocolType())
                && request.protocols().stream().anyMatch(protocol -> common.contains(protocol.name()));
    }

    private boolean hasRoom(JoinRequest request) {
        Membership members = group.members();
        boolean known = members.get(request.memberId()) != null
                || members.isPending(request.memberId())
                || (request.instanceId() != null && members.staticMemberId(request.instanceId()) != null);
        return known || members.size() + members.pendingCount() < config.maxMembers();
    }

    private void joinNew(JoinRequest request, CompletableFuture<JoinResult> reply, long nowMs, Outcome out) {
        String memberId = Membership.newMemberId(request);
        String instanceId = request.instanceId();
        if (instanceId == null && request.requiresKnownMemberId()) {
            group.members().addPending(memberId, nowMs + request.sessionTimeoutMs());
            out.answer(reply, JoinResult.failed(GroupError.MEMBER_ID_REQUIRED, memberId));
            return;
        }
        String formerId = instanceId == null ? null : group.members().staticMemberId(instanceId);
        GroupMember former = formerId == null ? null : group.members().get(formerId);
        if (former == null) {
            add(memberId, request, reply, nowMs, out);
        } else {
            replace(former, memberId, request, reply, nowMs, out);
        }
    }

    private void add(
            String memberId, JoinRequest request, CompletableFuture<JoinResult> reply, long nowMs, Outcome out) {
        if (group.members().isEmpty()) {
            group.protocolType(request.protocolType());
        }
        GroupMember member = new GroupMember(memberId, request);
        member.expectFirstAnswerUntil(nowMs + NEW_MEMBER_TIMEOUT_MS);
        member.parkJoin(reply, out);
        group.members().add(member);
        rebalance.onMemberArrived();
        rebalance.rebalanceOrCompleteJoin("member " + memberId + " joined", nowMs, out);
    }

    /** A static member came back without its id: it takes its former self's place, which is fenced from now on. */
    private void replace(
            GroupMember former,
            String memberId,
            JoinRequest request,
            CompletableFuture<JoinResult> reply,
            long nowMs,
            Outcome out) {
        String leaderBefore = String.valueOf(group.members().leaderId());
        former.answerJoin(JoinResult.failed(GroupError.FENCED_INSTANCE_ID, former.memberId()), out);
        former.answerSync(SyncResult.failed(GroupError.FENCED_INSTANCE_ID), out);
        GroupMember successor = new GroupMember(memberId, request);
        successor.assign(former.assignment());
        successor.markSynced(former.hasSynced());
        successor.heardAt(nowMs);
        group.members().replace(former, successor);
        if (group.state() instanceof GroupState.Stable
                && Objects.equals(group.protocolName(), group.members().selectProtocol())) {
            out.append(group.toRecord(out));
            // Before version 9 a leader that comes back must not assign again: it is told its old id as the leader's.
            boolean leads = group.members().isLeader(memberId) && request.supportsSkippingAssignment();
            String leader = leads ? memberId : leaderBefore;
            out.answer(reply, rebalance.joined(memberId, leader, leads, leads));
            return;
        }
        successor.parkJoin(reply, out);
        rebalance.rebalanceOrCompleteJoin("static member " + request.instanceId() + " came back", nowMs, out);
    }

    private void rejoin(JoinRequest request, CompletableFuture<JoinResult> reply, long nowMs, Outcome out) {
        String memberId = request.memberId();
        GroupError error = group.members().validate(memberId, request.instanceId());
        GroupMember member = group.members().get(memberId);
        if (error != GroupError.NONE || member == null) {
            out.answer(
                    reply,
                    JoinResult.failed(error == GroupError.NONE ? GroupError.UNKNOWN_MEMBER_ID : error, memberId));
            return;
        }
        boolean leads = group.members().isLeader(memberId);
        boolean same = member.protocols().equals(request.protocols());
        boolean sentAgain = group.state() instanceof GroupState.CompletingRebalance && same;
        boolean nothingNew = group.state() instanceof GroupState.Stable && same && !leads;
        if (sentAgain || nothingNew) {
            member.heardAt(nowMs);
            out.answer(reply, rebalance.joined(memberId, leads, false));
            return;
        }
        member.update(request);
        member.parkJoin(reply, out);
        rebalance.rebalanceOrCompleteJoin("member " + memberId + " joined again", nowMs, out);
    }
}
