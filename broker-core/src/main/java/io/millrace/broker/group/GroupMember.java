// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One member of a {@link ClassicGroup}; used on the group's owner loop only. */
final class GroupMember {
    private final String memberId;
    private final @Nullable String instanceId;
    private final String clientId;
    private final String clientHost;
    private int sessionTimeoutMs;
    private int rebalanceTimeoutMs;
    private List<MemberProtocol> protocols;
    private OpaqueBytes assignment = OpaqueBytes.EMPTY;

    /** It has not had an answer to its first join, so it cannot send heartbeats yet. */
    private boolean isNew;

    private long sessionDeadlineMs = Long.MAX_VALUE;
    private @Nullable CompletableFuture<JoinResult> parkedJoin;
    private @Nullable CompletableFuture<SyncResult> parkedSync;
    private boolean hasSynced;

    GroupMember(String memberId, JoinRequest request) {
        this(memberId, request.instanceId(), request.clientId(), request.clientHost(), request.protocols());
        update(request);
    }

    GroupMember(GroupRecord.Member stored, String protocolName) {
        this(
                stored.memberId(),
                stored.instanceId(),
                stored.clientId(),
                stored.clientHost(),
                List.of(new MemberProtocol(protocolName, stored.subscription())));
        sessionTimeoutMs = stored.sessionTimeoutMs();
        rebalanceTimeoutMs = stored.rebalanceTimeoutMs();
        assignment = stored.assignment();
        hasSynced = true;
    }

    private GroupMember(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String clientHost,
            List<MemberProtocol> protocols) {
        this.memberId = memberId;
        this.instanceId = instanceId;
        this.clientId = clientId;
        this.clientHost = clientHost;
        this.protocols = protocols;
    }

    void update(JoinRequest request) {
        sessionTimeoutMs = request.sessionTimeoutMs();
        rebalanceTimeoutMs = request.rebalanceTimeoutMs();
        protocols = request.protocols();
    }

    String memberId() {
        return memberId;
    }

    @Nullable
    String instanceId() {
        return instanceId;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    int rebalanceTimeoutMs() {
        return rebalanceTimeoutMs;
    }

    List<MemberProtocol> protocols() {
        return protocols;
    }

    boolean supports(String protocol) {
        return protocols.stream().anyMatch(p -> p.name().equals(protocol));
    }

    OpaqueBytes subscription(@Nullable String protocol) {
        return protocols.stream()
                .filter(p -> p.name().equals(protocol))
                .findFirst()
                .map(MemberProtocol::metadata)
                .orElse(OpaqueBytes.EMPTY);
    }

    OpaqueBytes assignment() {
        return assignment;
    }

    void assign(OpaqueBytes share) {
        assignment = share;
    }

    boolean hasSynced() {
        return hasSynced;
    }

    void markSynced(boolean synced) {
        hasSynced = synced;
    }

    // Waiting

    boolean isAwaitingJoin() {
        return parkedJoin != null;
    }

    boolean isAwaitingSync() {
        return parkedSync != null;
    }

    /** Parks a join; an earlier one of the same member, sent again by its client, is told to try again. */
    void parkJoin(CompletableFuture<JoinResult> reply, Outcome out) {
        answerJoin(JoinResult.failed(GroupError.REBALANCE_IN_PROGRESS, memberId), out);
        parkedJoin = reply;
    }

    void answerJoin(JoinResult result, Outcome out) {
        if (parkedJoin != null) {
            out.answer(parkedJoin, result);
            parkedJoin = null;
        }
    }

    void parkSync(CompletableFuture<SyncResult> reply, Outcome out) {
        answerSync(SyncResult.failed(GroupError.REBALANCE_IN_PROGRESS), out);
        parkedSync = reply;
    }

    void answerSync(SyncResult result, Outcome out) {
        if (parkedSync != null) {
            out.answer(parkedSync, result);
            parkedSync = null;
        }
    }

    // Liveness

    void heardAt(long nowMs) {
        isNew = false;
        sessionDeadlineMs = nowMs + sessionTimeoutMs;
    }

    void expectFirstAnswerUntil(long deadlineMs) {
        isNew = true;
        sessionDeadlineMs = deadlineMs;
    }

    /** When it counts as gone. A member whose request is parked here cannot send heartbeats, so it stays. */
    long deadlineMs() {
        boolean parked = parkedJoin != null || parkedSync != null;
        return parked && !isNew ? Long.MAX_VALUE : sessionDeadlineMs;
    }

    GroupRecord.Member toRecord(@Nullable String protocolName, OpaqueBytes share) {
        return new GroupRecord.Member(
                memberId,
                instanceId,
                clientId,
                clientHost,
                sessionTimeoutMs,
                rebalanceTimeoutMs,
                subscription(protocolName),
                share);
    }

    GroupDescription.Member describe(@Nullable String protocolName) {
        return new GroupDescription.Member(
                memberId, instanceId, clientId, clientHost, subscription(protocolName), assignment);
    }
}
