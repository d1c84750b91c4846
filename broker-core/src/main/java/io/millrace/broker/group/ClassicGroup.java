// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
final class ClassicGroup implements Group {
    private static final Logger LOG = LoggerFactory.getLogger(ClassicGroup.class);

    private final String groupId;
    private final Membership members = new Membership();
    private final ClassicRebalance rebalance;
    private final GroupJoining joining;

    private GroupState state = new GroupState.Empty();
    private int generation;
    private String protocolType = "";
    private @Nullable String protocolName;
    private GroupRecord.@Nullable Metadata durable;

    ClassicGroup(String groupId, GroupConfig config) {
        this.groupId = groupId;
        this.rebalance = new ClassicRebalance(this, config);
        this.joining = new GroupJoining(this, rebalance, config);
    }

    @Override
    public String groupId() {
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

    @Override
    public boolean isBlank() {
        return durable == null && members.isEmpty() && !members.hasPending() && state instanceof GroupState.Empty;
    }

    /** Begins the next generation with the assignor that its members agree on. */
    void beginGeneration() {
        generation++;
        protocolName = members.selectProtocol();
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
            rebalance.completeSync(request.assignments(), nowMs, out);
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

    @Override
    public List<GroupError> leave(List<MemberIdentity> leavers, long nowMs, Outcome out) {
        List<GroupError> errors =
                leavers.stream().map(who -> removeLeaver(who, out)).toList();
        if (errors.contains(GroupError.NONE)) {
            rebalance.onMembersGone(nowMs, out);
        }
        return errors;
    }

    /** Whether offsets may be committed by {@code who}; also a sign of life. */
    @Override
    public GroupError validateCommit(MemberIdentity who, int memberGeneration, long nowMs) {
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

    @Override
    public GroupError delete(Outcome out) {
        if (state instanceof GroupState.Dead) {
            return GroupError.GROUP_ID_NOT_FOUND;
        }
        if (!(state instanceof GroupState.Empty)) {
            return GroupError.NON_EMPTY_GROUP;
        }
        out.append(new GroupRecord.Removed(groupId));
        return GroupError.NONE;
    }

    @Override
    public boolean isEmpty() {
        return state instanceof GroupState.Empty && members.isEmpty() && !members.hasPending();
    }

    @Override
    public GroupListing listing() {
        return new GroupListing(groupId, GroupListing.Type.CLASSIC, protocolType, state.kafkaName());
    }

    @Override
    public GroupError validateFetch(MemberIdentity who, int epoch) {
        return GroupError.NONE;
    }

    @Override
    public GroupError validateOffsetDelete() {
        boolean allowed = state instanceof GroupState.Empty || protocolType.equals(ConsumerGroup.PROTOCOL_TYPE);
        return allowed ? GroupError.NONE : GroupError.NON_EMPTY_GROUP;
    }

    @Override
    public Predicate<String> subscription() {
        return protocolType.equals(ConsumerGroup.PROTOCOL_TYPE)
                ? ClassicSubscriptions.of(members.all())
                : topic -> false;
    }

    @Override
    public long unusedSinceMs(CommittedOffset offset) {
        if (state instanceof GroupState.Empty) {
            return durable == null
                    ? offset.commitTimestampMs()
                    : Math.max(offset.commitTimestampMs(), durable.stateTimestampMs());
        }
        boolean known = state instanceof GroupState.Stable && protocolType.equals(ConsumerGroup.PROTOCOL_TYPE);
        return known ? offset.commitTimestampMs() : Long.MAX_VALUE;
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

    @Override
    public long nextDeadlineMs() {
        return Math.min(state.deadlineMs(), members.nextDeadlineMs());
    }

    /** Removes what timed out and moves a rebalance on whose time is up. */
    @Override
    public void tick(long nowMs, Outcome out) {
        boolean removed = members.expirePending(nowMs);
        for (GroupMember member : members.snapshot()) {
            if (member.deadlineMs() <= nowMs) {
                LOG.info("group {}: member {} timed out", groupId, member.memberId());
                remove(member, out);
                removed = true;
            }
        }
        if (state.deadlineMs() <= nowMs) {
            rebalance.onDeadline(nowMs, out);
        } else if (removed) {
            rebalance.onMembersGone(nowMs, out);
        }
    }

    @Override
    public void startTimers(long nowMs) {
        members.all().forEach(member -> member.heardAt(nowMs));
    }

    @Override
    public void onLost(Outcome out) {
        for (GroupMember member : members.all()) {
            member.answerJoin(JoinResult.failed(GroupError.NOT_COORDINATOR, member.memberId()), out);
            member.answerSync(SyncResult.failed(GroupError.NOT_COORDINATOR), out);
        }
        if (!(state instanceof GroupState.Dead)) {
            transition(new GroupState.Dead());
        }
    }

    SyncResult assignmentOf(OpaqueBytes share) {
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

    GroupRecord.Metadata toRecord(
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

    @Override
    public void onRemoved() {
        transition(new GroupState.Dead());
    }

    @Override
    public void snapshot(Consumer<GroupRecord> writer) {
        if (durable != null) {
            writer.accept(durable);
        }
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
