// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A share group (KIP-932), used on the owner loop of its coordinator partition only: who is in it and which partitions
 * each member reads. What its members do with records is the partitions' affair. All of it but the time-outs is
 * durable: commands compute records, {@code apply} takes them in, live as at recovery.
 *
 * <p>A change of members, subscriptions or topics raises the group's epoch and assigns anew in the same append. Several
 * members may read one partition, so nobody waits for another to give one up.
 */
final class ShareGroup implements Group {
    private static final Logger LOG = LoggerFactory.getLogger(ShareGroup.class);
    static final String PROTOCOL_TYPE = "share";

    private final String groupId;
    private final Supplier<ClusterView> topics;
    private final Assignor assignor = new ShareAssignor();
    private final MemberTimers timers;
    private final Map<String, ShareMember> members = new TreeMap<>();
    private final Map<String, PartitionSet> assigned = new HashMap<>();
    private GroupRecord.@Nullable ShareEpoch durable;

    /**
     * @param sessionTimeoutMs the silence after which a member is removed, milliseconds
     * @param topics the present picture of the cluster
     */
    ShareGroup(String groupId, IntSupplier sessionTimeoutMs, Supplier<ClusterView> topics) {
        this.groupId = groupId;
        this.topics = topics;
        this.timers = new MemberTimers(sessionTimeoutMs);
    }

    @Override
    public String groupId() {
        return groupId;
    }

    int epoch() {
        return durable == null ? 0 : durable.epoch();
    }

    MemberTimers timers() {
        return timers;
    }

    @Nullable
    ShareMember member(String memberId) {
        return members.get(memberId);
    }

    int size() {
        return members.size();
    }

    /** What the member reads. */
    PartitionSet assigned(String memberId) {
        return assigned.getOrDefault(memberId, PartitionSet.EMPTY);
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

    /** Makes the group without a member, as an administrator's change of its offsets does. */
    void create(Outcome out) {
        reassign(Map.of(), out);
    }

    /** The members with {@code changed} in them: a copy. */
    Map<String, ShareMember> membersWith(ShareMember changed) {
        Map<String, ShareMember> after = new TreeMap<>(members);
        after.put(changed.memberId(), changed);
        return after;
    }

    /**
     * Raises the epoch and assigns anew to {@code after}; appends what changed.
     *
     * @return the new assignment
     */
    Map<String, PartitionSet> reassign(Map<String, ShareMember> after, Outcome out) {
        SortedMap<String, TopicInfo> subscribed = subscribed(after.values());
        TreeMap<String, Assignor.Subscriber> subscribers = new TreeMap<>();
        after.forEach((memberId, member) -> {
            Map<UUID, Integer> counts = new HashMap<>();
            for (String name : member.topicNames()) {
                TopicInfo topic = subscribed.get(name);
                if (topic != null) {
                    counts.put(topic.id(), topic.partitions().size());
                }
            }
            subscribers.put(memberId, new Assignor.Subscriber(memberId, counts, assigned(memberId)));
        });
        Map<String, PartitionSet> next = assignor.assign(subscribers);
        out.append(new GroupRecord.ShareEpoch(groupId, epoch() + 1, TopicSubscriptions.hash(subscribed), out.wallMs()));
        next.forEach((memberId, share) -> {
            if (!share.equals(assigned(memberId)) || !members.containsKey(memberId)) {
                out.append(new GroupRecord.ShareTarget(groupId, memberId, share));
            }
        });
        LOG.info("share group {}: epoch {} with {} members", groupId, epoch() + 1, after.size());
        return next;
    }

    private SortedMap<String, TopicInfo> subscribed(Collection<ShareMember> of) {
        ClusterView view = topics.get();
        SortedMap<String, TopicInfo> found = new TreeMap<>();
        for (ShareMember member : of) {
            for (String name : member.topicNames()) {
                TopicInfo topic = view.topic(name);
                if (topic != null) {
                    found.put(name, topic);
                }
            }
        }
        return found;
    }

    /** Topics were created, deleted or extended: if these are of this group, it assigns anew. */
    void onTopicsChanged(Outcome out) {
        if (durable != null
                && !members.isEmpty()
                && TopicSubscriptions.hash(subscribed(members.values())) != durable.topicsHash()) {
            reassign(members, out);
        }
    }

    /** Removes members, with one new epoch for all. */
    void remove(Collection<ShareMember> leavers, Outcome out) {
        Map<String, ShareMember> after = new TreeMap<>(members);
        for (ShareMember member : leavers) {
            after.remove(member.memberId());
            out.append(new GroupRecord.ShareMemberRemoved(groupId, member.memberId()));
        }
        reassign(after, out);
    }

    /** LeaveGroup is not of this protocol: members leave by heartbeat. */
    @Override
    public List<GroupError> leave(List<MemberIdentity> leavers, long nowMs, Outcome out) {
        return leavers.stream().map(who -> GroupError.UNKNOWN_MEMBER_ID).toList();
    }

    @Override
    public GroupError delete(Outcome out) {
        if (!members.isEmpty()) {
            return GroupError.NON_EMPTY_GROUP;
        }
        out.append(new GroupRecord.Removed(groupId));
        return GroupError.NONE;
    }

    // Offsets: a share group commits none, its partitions know where it stands

    @Override
    public GroupError validateCommit(MemberIdentity who, int memberEpoch, long nowMs) {
        return GroupError.GROUP_ID_NOT_FOUND;
    }

    @Override
    public GroupError validateFetch(MemberIdentity who, int memberEpoch) {
        return GroupError.NONE; // there are none, which is no error
    }

    @Override
    public GroupError validateOffsetDelete() {
        return GroupError.GROUP_ID_NOT_FOUND;
    }

    @Override
    public Predicate<String> subscription() {
        Set<String> names = new HashSet<>();
        members.values().forEach(member -> names.addAll(member.topicNames()));
        return names::contains;
    }

    @Override
    public long unusedSinceMs(CommittedOffset offset) {
        return Long.MAX_VALUE;
    }

    // Pictures

    private String state() {
        return members.isEmpty() ? "Empty" : "Stable";
    }

    @Override
    public GroupListing listing() {
        return new GroupListing(groupId, GroupListing.Type.SHARE, PROTOCOL_TYPE, state());
    }

    ShareGroupDescription describe() {
        return new ShareGroupDescription(
                GroupError.NONE,
                groupId,
                state(),
                epoch(),
                assignor.name(),
                members.values().stream()
                        .map(member -> new ShareGroupDescription.Member(
                                member.memberId(),
                                member.rackId(),
                                member.epoch(),
                                member.clientId(),
                                member.clientHost(),
                                member.topicNames(),
                                assigned(member.memberId())))
                        .toList());
    }

    // Time

    @Override
    public long nextDeadlineMs() {
        return timers.nextDeadlineMs();
    }

    @Override
    public void tick(long nowMs, Outcome out) {
        List<ShareMember> gone = timers.takeExpired(nowMs).stream()
                .filter(members::containsKey)
                .map(members::get)
                .toList();
        if (!gone.isEmpty()) {
            gone.forEach(member -> LOG.info("share group {}: member {} timed out", groupId, member.memberId()));
            remove(gone, out);
        }
    }

    @Override
    public void startTimers(long nowMs) {
        members.keySet().forEach(memberId -> timers.heard(memberId, nowMs));
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

    void apply(GroupRecord.ShareEpoch record) {
        durable = record;
    }

    void apply(ShareMember member) {
        members.put(member.memberId(), member);
    }

    void apply(GroupRecord.ShareTarget record) {
        assigned.put(record.memberId(), record.assigned());
    }

    void apply(GroupRecord.ShareMemberRemoved record) {
        members.remove(record.memberId());
        assigned.remove(record.memberId());
        timers.forget(record.memberId());
    }

    @Override
    public void snapshot(Consumer<GroupRecord> writer) {
        if (durable == null) {
            return;
        }
        writer.accept(durable);
        members.values().forEach(member -> {
            writer.accept(new GroupRecord.ShareMemberState(groupId, member));
            writer.accept(new GroupRecord.ShareTarget(groupId, member.memberId(), assigned(member.memberId())));
        });
    }
}
