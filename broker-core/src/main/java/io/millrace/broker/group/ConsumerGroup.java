// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A group whose assignment the broker makes (KIP-848), used on the owner loop of its coordinator partition only. All of
 * it but the time-outs is durable: commands compute records, {@code apply} takes them in, live as at recovery, so
 * members go on through a restart as if nothing had been.
 *
 * <p>A change of members, subscriptions or topics raises the group's epoch and makes a new target for each member at
 * once, in the same append; members then move to it one by one by {@link Reconciliation}.
 */
final class ConsumerGroup implements Group {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerGroup.class);
    static final String PROTOCOL_TYPE = "consumer";

    private final String groupId;
    private final Supplier<TopicSubscriptions> topics;
    private final MemberTimers timers;
    private final Map<String, ConsumerMember> members = new TreeMap<>();
    private final Map<String, String> staticMembers = new HashMap<>();
    private final Map<String, PartitionSet> targets = new HashMap<>();
    /** Everything some member holds. */
    private PartitionSet held = PartitionSet.EMPTY;

    private GroupRecord.@Nullable ConsumerEpoch durable;

    /** @param topics the present picture of the cluster */
    ConsumerGroup(String groupId, GroupConfig config, Supplier<TopicSubscriptions> topics) {
        this.groupId = groupId;
        this.topics = topics;
        this.timers = new MemberTimers(config.consumerSessionTimeoutMs());
    }

    @Override
    public String groupId() {
        return groupId;
    }

    int epoch() {
        return durable == null ? 0 : durable.epoch();
    }

    /** Everything some member holds. */
    PartitionSet held() {
        return held;
    }

    MemberTimers timers() {
        return timers;
    }

    @Nullable
    ConsumerMember member(String memberId) {
        return members.get(memberId);
    }

    @Nullable
    ConsumerMember staticMember(String instanceId) {
        String memberId = staticMembers.get(instanceId);
        return memberId == null ? null : members.get(memberId);
    }

    int size() {
        return members.size();
    }

    PartitionSet target(String memberId) {
        return targets.getOrDefault(memberId, PartitionSet.EMPTY);
    }

    @Override
    public boolean isBlank() {
        return durable == null && members.isEmpty();
    }

    @Override
    public boolean isEmpty() {
        return members.isEmpty();
    }

    // Changes

    /** The members with {@code changed} in them: a copy. */
    Map<String, ConsumerMember> membersWith(ConsumerMember changed) {
        Map<String, ConsumerMember> after = new TreeMap<>(members);
        after.put(changed.memberId(), changed);
        return after;
    }

    /**
     * Raises the epoch and makes new targets for {@code after}; appends what changed.
     *
     * @return the new targets
     */
    Map<String, PartitionSet> reassign(Map<String, ConsumerMember> after, Outcome out) {
        TopicSubscriptions subscriptions = topics.get();
        Assignor assignor = Assignors.wantedBy(after.values());
        TreeMap<String, Assignor.Subscriber> subscribers = new TreeMap<>();
        after.forEach((memberId, member) -> {
            Map<UUID, Integer> counts = new HashMap<>();
            subscriptions
                    .of(member)
                    .values()
                    .forEach(topic -> counts.put(topic.id(), topic.partitions().size()));
            String order = member.instanceId() == null ? memberId : member.instanceId();
            subscribers.put(memberId, new Assignor.Subscriber(order, counts, target(memberId)));
        });
        Map<String, PartitionSet> next = assignor.assign(subscribers);
        out.append(new GroupRecord.ConsumerEpoch(
                groupId, epoch() + 1, assignor.name(), subscriptions.hash(after.values()), out.wallMs()));
        next.forEach((memberId, target) -> {
            if (!target.equals(target(memberId)) || !members.containsKey(memberId)) {
                out.append(new GroupRecord.ConsumerTarget(groupId, memberId, target));
            }
        });
        LOG.info("group {}: epoch {} with {} members, {}", groupId, epoch() + 1, after.size(), assignor.name());
        return next;
    }

    /** Topics were created, deleted or extended: if these are of this group, its members get new targets. */
    void onTopicsChanged(Outcome out) {
        if (durable == null || members.isEmpty()) {
            return;
        }
        if (topics.get().hash(members.values()) != durable.topicsHash()) {
            reassign(members, out);
        }
    }

    /** Removes members, with one new epoch for all. */
    void remove(Collection<ConsumerMember> leavers, Outcome out) {
        Map<String, ConsumerMember> after = new TreeMap<>(members);
        for (ConsumerMember member : leavers) {
            after.remove(member.memberId());
            out.append(new GroupRecord.ConsumerMemberRemoved(groupId, member.memberId()));
        }
        reassign(after, out);
    }

    /** Administrators may name a static member by its instance id alone; members themselves leave by heartbeat. */
    @Override
    public List<GroupError> leave(List<MemberIdentity> leavers, long nowMs, Outcome out) {
        List<ConsumerMember> found = new ArrayList<>();
        List<GroupError> errors = new ArrayList<>();
        for (MemberIdentity who : leavers) {
            ConsumerMember member =
                    who.memberId().isEmpty() && who.instanceId() != null ? staticMember(who.instanceId()) : null;
            errors.add(member == null ? GroupError.UNKNOWN_MEMBER_ID : GroupError.NONE);
            if (member != null && !found.contains(member)) {
                found.add(member);
            }
        }
        if (!found.isEmpty()) {
            remove(found, out);
        }
        return errors;
    }

    @Override
    public GroupError delete(Outcome out) {
        if (!members.isEmpty()) {
            return GroupError.NON_EMPTY_GROUP;
        }
        out.append(new GroupRecord.Removed(groupId));
        return GroupError.NONE;
    }

    // Offsets

    @Override
    public GroupError validateCommit(MemberIdentity who, int memberEpoch, long nowMs) {
        if (memberEpoch < 0 && members.isEmpty()) {
            return GroupError.NONE; // from an administrator or a consumer that assigns partitions to itself
        }
        return validate(who, memberEpoch);
    }

    @Override
    public GroupError validateFetch(MemberIdentity who, int memberEpoch) {
        return who.memberId().isEmpty() && memberEpoch < 0 ? GroupError.NONE : validate(who, memberEpoch);
    }

    private GroupError validate(MemberIdentity who, int memberEpoch) {
        ConsumerMember member = members.get(who.memberId());
        if (member == null) {
            return GroupError.UNKNOWN_MEMBER_ID;
        }
        return member.epoch() == memberEpoch ? GroupError.NONE : GroupError.STALE_MEMBER_EPOCH;
    }

    @Override
    public GroupError validateOffsetDelete() {
        return GroupError.NONE;
    }

    @Override
    public Predicate<String> subscription() {
        TopicSubscriptions subscriptions = topics.get();
        Set<String> names = new HashSet<>();
        members.values().forEach(member -> names.addAll(subscriptions.of(member).keySet()));
        return names::contains;
    }

    @Override
    public long unusedSinceMs(CommittedOffset offset) {
        return durable == null || !members.isEmpty()
                ? offset.commitTimestampMs()
                : Math.max(offset.commitTimestampMs(), durable.stateTimestampMs());
    }

    // Pictures

    private String state() {
        if (members.isEmpty()) {
            return "Empty";
        }
        boolean settled = members.values().stream()
                .allMatch(member -> member.isAway()
                        || (member.epoch() == epoch()
                                && member.revoking().isEmpty()
                                && member.assigned().equals(target(member.memberId()))));
        return settled ? "Stable" : "Reconciling";
    }

    @Override
    public GroupListing listing() {
        return new GroupListing(groupId, GroupListing.Type.CONSUMER, PROTOCOL_TYPE, state());
    }

    ConsumerGroupDescription describe() {
        return new ConsumerGroupDescription(
                GroupError.NONE,
                groupId,
                state(),
                epoch(),
                durable == null ? "" : durable.assignor(),
                members.values().stream()
                        .map(member -> new ConsumerGroupDescription.Member(
                                member.memberId(),
                                member.instanceId(),
                                member.rackId(),
                                member.epoch(),
                                member.clientId(),
                                member.clientHost(),
                                member.topicNames(),
                                member.topicRegex(),
                                member.assigned(),
                                target(member.memberId())))
                        .toList());
    }

    // Time

    @Override
    public long nextDeadlineMs() {
        return timers.nextDeadlineMs();
    }

    @Override
    public void tick(long nowMs, Outcome out) {
        List<ConsumerMember> gone = new ArrayList<>();
        for (String memberId : timers.takeExpired(nowMs)) {
            ConsumerMember member = members.get(memberId);
            if (member != null) {
                LOG.info("group {}: member {} timed out", groupId, memberId);
                gone.add(member);
            }
        }
        if (!gone.isEmpty()) {
            remove(gone, out);
        }
    }

    @Override
    public void startTimers(long nowMs) {
        members.values().forEach(member -> timers.heard(member, nowMs));
    }

    @Override
    public void onLost(Outcome out) {
        // Nobody waits here: every heartbeat was answered.
    }

    @Override
    public void onRemoved() {
        // It has no members, so no timers either.
    }

    // Records

    void apply(GroupRecord.ConsumerEpoch record) {
        durable = record;
    }

    void apply(ConsumerMember member) {
        forget(member.memberId());
        members.put(member.memberId(), member);
        held = held.plus(member.held());
        if (member.instanceId() != null) {
            staticMembers.put(member.instanceId(), member.memberId());
        }
    }

    void apply(GroupRecord.ConsumerTarget record) {
        targets.put(record.memberId(), record.target());
    }

    void apply(GroupRecord.ConsumerMemberRemoved record) {
        forget(record.memberId());
        targets.remove(record.memberId());
        timers.forget(record.memberId());
    }

    private void forget(String memberId) {
        ConsumerMember former = members.remove(memberId);
        if (former != null) {
            held = held.minus(former.held());
            if (former.instanceId() != null) {
                staticMembers.remove(former.instanceId(), memberId);
            }
        }
    }

    @Override
    public void snapshot(Consumer<GroupRecord> writer) {
        if (durable == null) {
            return;
        }
        writer.accept(durable);
        members.values().forEach(member -> {
            writer.accept(new GroupRecord.ConsumerMemberState(groupId, member));
            writer.accept(new GroupRecord.ConsumerTarget(groupId, member.memberId(), target(member.memberId())));
        });
    }
}
