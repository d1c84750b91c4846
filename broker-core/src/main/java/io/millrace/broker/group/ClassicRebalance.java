// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a {@link ClassicGroup} comes to its next generation: whom a rebalance waits for and how long, and what everybody
 * is told at its end. Delay for groups that were empty by KIP-134.
 */
final class ClassicRebalance {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicRebalance.class);

    private final ClassicGroup group;
    private final GroupConfig config;
    /** While a group that was empty waits: somebody came since the wait was last extended. */
    private boolean memberArrived;

    ClassicRebalance(ClassicGroup group, GroupConfig config) {
        this.group = group;
        this.config = config;
    }

    // What leads to it

    void onDeadline(long nowMs, Outcome out) {
        if (group.state() instanceof GroupState.PreparingRebalance preparing) {
            if (preparing.isInitial() && memberArrived && preparing.initialRemainingMs() > 0) {
                memberArrived = false;
                long delayMs = Math.min(config.initialRebalanceDelayMs(), preparing.initialRemainingMs());
                group.transition(new GroupState.PreparingRebalance(
                        nowMs + delayMs, Math.max(0, preparing.initialRemainingMs() - delayMs)));
                return;
            }
            completeJoin(nowMs, out);
        } else {
            group.members().snapshot().stream()
                    .filter(member -> !member.hasSynced())
                    .forEach(member -> group.remove(member, out));
            prepareRebalance("members did not ask for their assignment in time", nowMs, out);
        }
    }

    void onMembersGone(long nowMs, Outcome out) {
        if (group.state() instanceof GroupState.Stable || group.state() instanceof GroupState.CompletingRebalance) {
            prepareRebalance("members left", nowMs, out);
        } else {
            completeJoinIfAllJoined(nowMs, out);
        }
    }

    private boolean isPossible() {
        return !(group.state() instanceof GroupState.PreparingRebalance || group.state() instanceof GroupState.Dead);
    }

    void onMemberArrived() {
        memberArrived = true;
    }

    void rebalanceOrCompleteJoin(String reason, long nowMs, Outcome out) {
        if (isPossible()) {
            prepareRebalance(reason, nowMs, out);
        } else {
            completeJoinIfAllJoined(nowMs, out);
        }
    }

    // The rebalance

    private void prepareRebalance(String reason, long nowMs, Outcome out) {
        if (group.state() instanceof GroupState.CompletingRebalance) {
            for (GroupMember member : group.members().all()) {
                member.assign(OpaqueBytes.EMPTY);
                if (member.isAwaitingSync()) {
                    member.heardAt(nowMs);
                }
                member.answerSync(SyncResult.failed(GroupError.REBALANCE_IN_PROGRESS), out);
            }
        }
        LOG.info(
                "group {}: rebalance after generation {} with {} members: {}",
                group.groupId(),
                group.generation(),
                group.members().size(),
                reason);
        int rebalanceTimeoutMs = group.members().rebalanceTimeoutMs();
        if (group.state() instanceof GroupState.Empty) {
            int delayMs = Math.min(config.initialRebalanceDelayMs(), rebalanceTimeoutMs);
            memberArrived = false;
            group.transition(
                    new GroupState.PreparingRebalance(nowMs + delayMs, Math.max(0, rebalanceTimeoutMs - delayMs)));
        } else {
            group.transition(new GroupState.PreparingRebalance(nowMs + rebalanceTimeoutMs, -1));
            completeJoinIfAllJoined(nowMs, out);
        }
    }

    private void completeJoinIfAllJoined(long nowMs, Outcome out) {
        if (group.state() instanceof GroupState.PreparingRebalance preparing
                && (!preparing.isInitial() || group.members().isEmpty())
                && !group.members().hasPending()
                && group.members().awaitingJoin() == group.members().size()) {
            completeJoin(nowMs, out);
        }
    }

    private void completeJoin(long nowMs, Outcome out) {
        for (GroupMember member : group.members().snapshot()) {
            if (!member.isAwaitingJoin() && !member.isStatic()) {
                LOG.info("group {}: member {} did not join again in time", group.groupId(), member.memberId());
                group.remove(member, out);
            }
        }
        if (group.members().isEmpty()) {
            out.append(group.toRecord(group.generation() + 1, null, Map.of(), out));
        } else if (group.members().electJoinedLeader()) {
            group.beginGeneration();
            group.transition(
                    new GroupState.CompletingRebalance(nowMs + group.members().rebalanceTimeoutMs()));
            for (GroupMember member : group.members().all()) {
                member.markSynced(false);
                if (member.isAwaitingJoin()) {
                    member.heardAt(nowMs);
                    member.answerJoin(
                            joined(member.memberId(), group.members().isLeader(member.memberId()), false), out);
                }
            }
        } else {
            // Only static members are left and none has come back: wait on; their session time-out decides.
            group.transition(
                    new GroupState.PreparingRebalance(nowMs + group.members().rebalanceTimeoutMs(), -1));
        }
    }

    /** The answer to a member of the present generation. */
    JoinResult joined(String memberId, boolean withMembers, boolean skipAssignment) {
        return joined(memberId, String.valueOf(group.members().leaderId()), withMembers, skipAssignment);
    }

    JoinResult joined(String memberId, String leaderId, boolean withMembers, boolean skipAssignment) {
        List<JoinResult.JoinedMember> list = withMembers
                ? group.members().all().stream()
                        .map(member -> new JoinResult.JoinedMember(
                                member.memberId(), member.instanceId(), member.subscription(group.protocolName())))
                        .toList()
                : List.of();
        return new JoinResult(
                GroupError.NONE,
                memberId,
                group.generation(),
                group.protocolType(),
                group.protocolName(),
                leaderId,
                skipAssignment,
                list);
    }

    void completeSync(Map<String, OpaqueBytes> assignments, long nowMs, Outcome out) {
        out.append(group.toRecord(group.generation(), group.protocolName(), assignments, out));
        for (GroupMember member : group.members().all()) {
            if (member.isAwaitingSync()) {
                member.heardAt(nowMs);
            }
            member.answerSync(group.assignmentOf(assignments.getOrDefault(member.memberId(), OpaqueBytes.EMPTY)), out);
        }
    }
}
