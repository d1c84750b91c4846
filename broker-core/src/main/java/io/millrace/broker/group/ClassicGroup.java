// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one consumer group, used on the owner loop of its coordinator partition only. Does no I/O and has no
 * clock: commands take the time and fill an {@link Outcome}; {@link #nextDeadlineMs()} says when {@link #tick} is due.
 *
 * <pre>
 *                join                    all joined, or time-out
 *   Empty ----------------> Preparing ---------------------------> Completing
 *     ^  \                  Rebalance <---------------------------  Rebalance
 *     |   \ recovery         |  ^      join, leave, time-out            |
 *     |    \                 |  |                                       | leader's assignment
 *     |     +---> Stable ----|--+ join, leave, time-out                 |
 *     |              ^-------|------------------------------------------+
 *     +----------------------+
 *        nobody is left            every state ---> Dead: deleted, or owned by another broker
 * </pre>
 *
 * <p>What must survive is in a {@link GroupRecord.Metadata}: computed when a rebalance completes, when the last member
 * is gone or a static member is replaced, and taken in by {@link #apply}, live as at recovery. A rebalance in progress
 * does not survive: its members are told to join again, as with Kafka.
 */
final class ClassicGroup {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicGroup.class);

    private final String groupId;
    private final GroupConfig config;
    private final Membership members = new Membership();
    private final GroupJoining joining;

    private GroupState state = new GroupState.Empty();
    private int generation;
    private String protocolType = "";
    private @Nullable String protocolName;
    private GroupRecord.@Nullable Metadata durable;

    /** While a group that was empty waits: somebody came since the wait was last extended. */
    private boolean memberArrived;

    ClassicGroup(String groupId, GroupConfig config) {
        this.groupId = groupId;
        this.config = config;
        this.joining = new GroupJoining(this, config);
    }

    String groupId() {
        return groupId;
    }

    GroupState state() {
        return state;
    }

    int generation() {
        return generation;
    }

    String protocolType() {
        return protocolType;
    }

    @Nullable
    String protocolName() {
        return protocolName;
    }

    Membership members() {
        return members;
    }

    /** The last record taken in; {@code null} before the first. */
    GroupRecord.@Nullable Metadata durable() {
        return durable;
    }

    /** Nothing of it must be kept: no record, nobody in it or on the way. */
    boolean isBlank() {
        return durable == null && members.isEmpty() && !members.hasPending() && state instanceof GroupState.Empty;
    }

    // Commands

    void join(JoinRequest request, CompletableFuture<JoinResult> reply, long nowMs, Outcome out) {
        joining.join(request, reply, nowMs, out);
    }

    void sync(SyncRequest request, CompletableFuture<SyncResult> reply, long nowMs, Outcome out) {
        GroupError error = validate(request.memberId(), request.instanceId(), request.generation());
        if (error == GroupError.NONE
                && (differs(request.protocolType(), protocolType) || differs(request.protocolName(), protocolName))) {
            error = GroupError.INCONSISTENT_GROUP_PROTOCOL;
        }
        if (error == GroupError.NONE && state instanceof GroupState.PreparingRebalance) {
            error = GroupError.REBALANCE_IN_PROGRESS;
        }
        GroupMember member = members.get(request.memberId());
        if (error != GroupError.NONE || member == null) {
            out.answer(reply, SyncResult.failed(error == GroupError.NONE ? GroupError.UNKNOWN_MEMBER_ID : error));
            return;
        }
        member.markSynced(true);
        if (state instanceof GroupState.Stable) {
            member.heardAt(nowMs);
            out.answer(reply, assignmentOf(member.assignment()));
            return;
        }
        member.parkSync(reply, out);
        if (members.isLeader(member.memberId())) {
            completeSync(request.assignments(), nowMs, out);
        }
    }

    GroupError heartbeat(MemberIdentity who, int memberGeneration, long nowMs) {
        GroupError error = validate(who.memberId(), who.instanceId(), memberGeneration);
        if (error != GroupError.NONE) {
            return error;
        }
        heard(who.memberId(), nowMs);
        return state instanceof GroupState.PreparingRebalance ? GroupError.REBALANCE_IN_PROGRESS : GroupError.NONE;
    }

    /** Removes members, then rebalances once; the answers are in the order asked. */
    List<GroupError> leave(List<MemberIdentity> leavers, long nowMs, Outcome out) {
        List<GroupError> errors =
                leavers.stream().map(who -> removeLeaver(who, out)).toList();
        if (errors.contains(GroupError.NONE)) {
            rebalanceAfterRemoval(nowMs, out);
        }
        return errors;
    }

    /** Whether offsets may be committed by {@code who}; also a sign of life. */
    GroupError validateCommit(MemberIdentity who, int memberGeneration, long nowMs) {
        if (state instanceof GroupState.Dead) {
            return GroupError.COORDINATOR_NOT_AVAILABLE;
        }
        if (memberGeneration < 0 && state instanceof GroupState.Empty) {
            return GroupError.NONE; // from a consumer that assigns partitions to itself
        }
        if (memberGeneration < 0 && who.memberId().isEmpty() && who.instanceId() == null) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        GroupError error = members.validate(who.memberId(), who.instanceId());
        if (error == GroupError.NONE && memberGeneration != generation) {
            error = GroupError.ILLEGAL_GENERATION;
        }
        if (error == GroupError.NONE && state instanceof GroupState.CompletingRebalance) {
            error = GroupError.REBALANCE_IN_PROGRESS; // partitions may have changed hands in this generation
        }
        if (error == GroupError.NONE) {
            heard(who.memberId(), nowMs);
        }
        return error;
    }

    /** Deletes the group, if it has no members. */
    GroupError delete(Outcome out) {
        if (state instanceof GroupState.Dead) {
            return GroupError.GROUP_ID_NOT_FOUND;
        }
        if (!(state instanceof GroupState.Empty)) {
            return GroupError.NON_EMPTY_GROUP;
        }
        out.append(new GroupRecord.Removed(groupId));
        return GroupError.NONE;
    }

    GroupDescription describe() {
        boolean stable = state instanceof GroupState.Stable;
        return new GroupDescription(
                GroupError.NONE,
                groupId,
                state.kafkaName(),
                protocolType,
                stable && protocolName != null ? protocolName : "",
                members.all().stream()
                        .map(member -> member.describe(stable ? protocolName : null))
                        .toList());
    }

    // Time

    /** When {@link #tick} is due; {@link Long#MAX_VALUE} for never. */
    long nextDeadlineMs() {
        return Math.min(state.deadlineMs(), members.nextDeadlineMs());
    }

    /** Removes what timed out and moves a rebalance on whose time is up. */
    void tick(long nowMs, Outcome out) {
        boolean removed = members.expirePending(nowMs);
        for (GroupMember member : members.snapshot()) {
            if (member.deadlineMs() <= nowMs) {
                LOG.info("group {}: member {} timed out", groupId, member.memberId());
                remove(member, out);
                removed = true;
            }
        }
        if (state.deadlineMs() <= nowMs) {
            onStateDeadline(nowMs, out);
        } else if (removed) {
            rebalanceAfterRemoval(nowMs, out);
        }
    }

    private void onStateDeadline(long nowMs, Outcome out) {
        if (state instanceof GroupState.PreparingRebalance preparing) {
            if (preparing.isInitial() && memberArrived && preparing.initialRemainingMs() > 0) {
                memberArrived = false;
                long delayMs = Math.min(config.initialRebalanceDelayMs(), preparing.initialRemainingMs());
                transition(new GroupState.PreparingRebalance(
                        nowMs + delayMs, Math.max(0, preparing.initialRemainingMs() - delayMs)));
                return;
            }
            completeJoin(nowMs, out);
        } else {
            members.snapshot().stream().filter(member -> !member.hasSynced()).forEach(member -> remove(member, out));
            prepareRebalance("members did not ask for their assignment in time", nowMs, out);
        }
    }

    /** The partition serves after recovery: members have their whole session time-out from now. */
    void startTimers(long nowMs) {
        members.all().forEach(member -> member.heardAt(nowMs));
    }

    /** The partition is not this broker's any more. */
    void onLost(Outcome out) {
        for (GroupMember member : members.all()) {
            member.answerJoin(JoinResult.failed(GroupError.NOT_COORDINATOR, member.memberId()), out);
            member.answerSync(SyncResult.failed(GroupError.NOT_COORDINATOR), out);
        }
        if (!(state instanceof GroupState.Dead)) {
            transition(new GroupState.Dead());
        }
    }

    // Rebalance

    boolean isRebalancePossible() {
        return !(state instanceof GroupState.PreparingRebalance || state instanceof GroupState.Dead);
    }

    void onMemberArrived() {
        memberArrived = true;
    }

    void rebalanceOrCompleteJoin(String reason, long nowMs, Outcome out) {
        if (isRebalancePossible()) {
            prepareRebalance(reason, nowMs, out);
        } else {
            completeJoinIfAllJoined(nowMs, out);
        }
    }

    void prepareRebalance(String reason, long nowMs, Outcome out) {
        if (state instanceof GroupState.CompletingRebalance) {
            for (GroupMember member : members.all()) {
                member.assign(OpaqueBytes.EMPTY);
                if (member.isAwaitingSync()) {
                    member.heardAt(nowMs);
                }
                member.answerSync(SyncResult.failed(GroupError.REBALANCE_IN_PROGRESS), out);
            }
        }
        LOG.info(
                "group {}: rebalance after generation {} with {} members: {}",
                groupId,
                generation,
                members.size(),
                reason);
        int rebalanceTimeoutMs = members.rebalanceTimeoutMs();
        if (state instanceof GroupState.Empty) {
            int delayMs = Math.min(config.initialRebalanceDelayMs(), rebalanceTimeoutMs);
            memberArrived = false;
            transition(new GroupState.PreparingRebalance(nowMs + delayMs, Math.max(0, rebalanceTimeoutMs - delayMs)));
        } else {
            transition(new GroupState.PreparingRebalance(nowMs + rebalanceTimeoutMs, -1));
            completeJoinIfAllJoined(nowMs, out);
        }
    }

    private void completeJoinIfAllJoined(long nowMs, Outcome out) {
        if (state instanceof GroupState.PreparingRebalance preparing
                && (!preparing.isInitial() || members.isEmpty())
                && !members.hasPending()
                && members.awaitingJoin() == members.size()) {
            completeJoin(nowMs, out);
        }
    }

    private void completeJoin(long nowMs, Outcome out) {
        for (GroupMember member : members.snapshot()) {
            if (!member.isAwaitingJoin() && !member.isStatic()) {
                LOG.info("group {}: member {} did not join again in time", groupId, member.memberId());
                remove(member, out);
            }
        }
        if (members.isEmpty()) {
            out.append(toRecord(generation + 1, null, Map.of(), out));
        } else if (members.electJoinedLeader()) {
            generation++;
            protocolName = members.selectProtocol();
            transition(new GroupState.CompletingRebalance(nowMs + members.rebalanceTimeoutMs()));
            for (GroupMember member : members.all()) {
                member.markSynced(false);
                if (member.isAwaitingJoin()) {
                    member.heardAt(nowMs);
                    member.answerJoin(joined(member.memberId(), members.isLeader(member.memberId()), false), out);
                }
            }
        } else {
            // Only static members are left and none has come back: wait on; their session time-out decides.
            transition(new GroupState.PreparingRebalance(nowMs + members.rebalanceTimeoutMs(), -1));
        }
    }

    /** The answer to a member of the present generation. */
    JoinResult joined(String memberId, boolean withMembers, boolean skipAssignment) {
        return joined(memberId, String.valueOf(members.leaderId()), withMembers, skipAssignment);
    }

    JoinResult joined(String memberId, String leaderId, boolean withMembers, boolean skipAssignment) {
        List<JoinResult.JoinedMember> list = withMembers
                ? members.all().stream()
                        .map(member -> new JoinResult.JoinedMember(
                                member.memberId(), member.instanceId(), member.subscription(protocolName)))
                        .toList()
                : List.of();
        return new JoinResult(
                GroupError.NONE, memberId, generation, protocolType, protocolName, leaderId, skipAssignment, list);
    }

    private void completeSync(Map<String, OpaqueBytes> assignments, long nowMs, Outcome out) {
        out.append(toRecord(generation, protocolName, assignments, out));
        for (GroupMember member : members.all()) {
            if (member.isAwaitingSync()) {
                member.heardAt(nowMs);
            }
            member.answerSync(assignmentOf(assignments.getOrDefault(member.memberId(), OpaqueBytes.EMPTY)), out);
        }
    }

    private SyncResult assignmentOf(OpaqueBytes share) {
        return new SyncResult(GroupError.NONE, protocolType, protocolName, share);
    }

    // Members

    void protocolType(String type) {
        protocolType = type;
    }

    private GroupError removeLeaver(MemberIdentity who, Outcome out) {
        String memberId = who.memberId();
        if (memberId.isEmpty() && who.instanceId() != null) {
            String current = members.staticMemberId(who.instanceId());
            memberId = current == null ? "" : current;
        } else if (members.removePending(memberId)) {
            return GroupError.NONE;
        }
        GroupError error = members.validate(memberId, who.instanceId());
        GroupMember member = members.get(memberId);
        if (error == GroupError.NONE && member != null) {
            LOG.info("group {}: member {} left", groupId, memberId);
            remove(member, out);
        }
        return error;
    }

    void remove(GroupMember member, Outcome out) {
        members.remove(member.memberId());
        member.answerJoin(JoinResult.failed(GroupError.UNKNOWN_MEMBER_ID, ""), out);
        member.answerSync(SyncResult.failed(GroupError.UNKNOWN_MEMBER_ID), out);
    }

    private void rebalanceAfterRemoval(long nowMs, Outcome out) {
        if (state instanceof GroupState.Stable || state instanceof GroupState.CompletingRebalance) {
            prepareRebalance("members left", nowMs, out);
        } else {
            completeJoinIfAllJoined(nowMs, out);
        }
    }

    private void heard(String memberId, long nowMs) {
        GroupMember member = members.get(memberId);
        if (member != null) {
            member.heardAt(nowMs);
        }
    }

    private GroupError validate(String memberId, @Nullable String instanceId, int memberGeneration) {
        if (state instanceof GroupState.Dead) {
            return GroupError.COORDINATOR_NOT_AVAILABLE;
        }
        GroupError error = members.validate(memberId, instanceId);
        return error == GroupError.NONE && memberGeneration != generation ? GroupError.ILLEGAL_GENERATION : error;
    }

    private static boolean differs(@Nullable String said, @Nullable String is) {
        return said != null && !said.equals(is);
    }

    // Records

    /** The record of this group as it stands, with the assignments it has. */
    GroupRecord.Metadata toRecord(Outcome out) {
        Map<String, OpaqueBytes> assignments = new HashMap<>();
        members.all().forEach(member -> assignments.put(member.memberId(), member.assignment()));
        return toRecord(generation, protocolName, assignments, out);
    }

    private GroupRecord.Metadata toRecord(
            int nextGeneration, @Nullable String protocol, Map<String, OpaqueBytes> assignments, Outcome out) {
        return new GroupRecord.Metadata(
                groupId,
                nextGeneration,
                protocolType,
                protocol,
                members.leaderId(),
                out.wallMs(),
                members.all().stream()
                        .map(member -> member.toRecord(
                                protocol, assignments.getOrDefault(member.memberId(), OpaqueBytes.EMPTY)))
                        .toList());
    }

    /** Takes a record of this group in: it names every member. */
    void apply(GroupRecord.Metadata record) {
        Set<String> named = new HashSet<>();
        String protocol = record.protocolName() == null ? "" : record.protocolName();
        for (GroupRecord.Member stored : record.members()) {
            named.add(stored.memberId());
            GroupMember member = members.get(stored.memberId());
            if (member == null) {
                members.add(new GroupMember(stored, protocol));
            } else {
                member.assign(stored.assignment());
            }
        }
        members.snapshot().stream()
                .map(GroupMember::memberId)
                .filter(memberId -> !named.contains(memberId))
                .forEach(members::remove);
        members.leader(record.leaderId());
        generation = record.generation();
        protocolType = record.protocolType();
        protocolName = record.protocolName();
        durable = record;
        GroupState next = record.members().isEmpty() ? new GroupState.Empty() : new GroupState.Stable();
        if (!state.equals(next)) {
            transition(next);
        }
    }

    /** The record of its deletion was taken in. */
    void onRemoved() {
        transition(new GroupState.Dead());
    }

    /** The one place where the state changes. */
    void transition(GroupState next) {
        if (!state.allows(next)) {
            throw new IllegalStateException(
                    "group " + groupId + " cannot go from " + state.kafkaName() + " to " + next.kafkaName());
        }
        LOG.debug("group {}: {} -> {} at generation {}", groupId, state.kafkaName(), next.kafkaName(), generation);
        state = next;
    }
}
