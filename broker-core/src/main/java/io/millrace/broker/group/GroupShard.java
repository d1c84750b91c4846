// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.GroupConfigKeys;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of one partition of the coordinator's topic; everything runs on that partition's owner loop. Runs each
 * command as compute, append, replay, answer: an answer leaves once all that was appended before it is durable.
 *
 * <p>All of it lives in the partition's STATE stream; its DATA stream stays empty. Snapshots bound the STATE stream, so
 * there is nothing to compact, and a restart reads one snapshot and what follows it.
 */
final class GroupShard implements StateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(GroupShard.class);
    /** The tag of this machine's records. */
    static final byte TAG = 'G';

    private final String name;
    private final GroupConfig config;
    private final BrokerClock clock;
    private final GroupRuntime runtime;
    private final TopicVisibility visibility;
    private final StateAppender appender;
    private final Map<String, GroupEntry> entries = new HashMap<>();
    private final GroupTransactions transactions = new GroupTransactions();
    private boolean serving;
    private OwnerLoop.@Nullable Timer expiryTimer;

    /** @param name the partition's, for messages */
    GroupShard(String name, GroupConfig config, BrokerClock clock, GroupRuntime runtime, TopicVisibility visibility) {
        this.name = name;
        this.config = config;
        this.clock = clock;
        this.runtime = runtime;
        this.visibility = visibility;
        this.appender = new StateAppender(name, runtime);
    }

    // Members of classic groups

    CompletableFuture<JoinResult> join(String groupId, JoinRequest request) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null) {
            if (!request.memberId().isEmpty()) {
                return answer(JoinResult.failed(GroupError.UNKNOWN_MEMBER_ID, request.memberId()));
            }
            entry = create(groupId);
        } else if (entry.group() instanceof ConsumerGroup former) {
            if (!former.isEmpty()) {
                return answer(JoinResult.failed(GroupError.INCONSISTENT_GROUP_PROTOCOL, request.memberId()));
            }
            entry.group(new ClassicGroup(groupId, config)); // nobody is left who speaks the other protocol
        }
        if (!(entry.group() instanceof ClassicGroup group)) {
            // A share group stays one, also without members: its partitions remember where it stands.
            return answer(JoinResult.failed(GroupError.INCONSISTENT_GROUP_PROTOCOL, request.memberId()));
        }
        CompletableFuture<JoinResult> reply = new CompletableFuture<>();
        Outcome out = outcome();
        group.join(request, reply, nowMs(), out);
        finish(entry, out);
        return reply;
    }

    CompletableFuture<SyncResult> sync(String groupId, SyncRequest request) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null || !(entry.group() instanceof ClassicGroup group)) {
            return answer(SyncResult.failed(GroupError.UNKNOWN_MEMBER_ID));
        }
        CompletableFuture<SyncResult> reply = new CompletableFuture<>();
        Outcome out = outcome();
        group.sync(request, reply, nowMs(), out);
        finish(entry, out);
        return reply;
    }

    CompletableFuture<GroupError> heartbeat(String groupId, MemberIdentity who, int generation) {
        GroupEntry entry = entries.get(groupId);
        return answer(
                entry != null && entry.group() instanceof ClassicGroup group
                        ? group.heartbeat(who, generation, nowMs())
                        : GroupError.UNKNOWN_MEMBER_ID);
    }

    CompletableFuture<List<GroupError>> leave(String groupId, List<MemberIdentity> leavers) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null) {
            return answer(
                    leavers.stream().map(who -> GroupError.UNKNOWN_MEMBER_ID).toList());
        }
        return run(entry, out -> entry.group().leave(leavers, nowMs(), out));
    }

    // Members of consumer groups

    CompletableFuture<ConsumerHeartbeatResult> consumerHeartbeat(String groupId, ConsumerHeartbeat request) {
        GroupEntry entry = entries.get(groupId);
        ConsumerGroup group = entry != null && entry.group() instanceof ConsumerGroup present ? present : null;
        if (group == null) {
            if (request.epoch() != ConsumerHeartbeat.JOIN) {
                return answer(notConsumerGroup("Group " + groupId + " not found."));
            }
            if (entry != null && entry.group() instanceof ShareGroup) {
                return answer(notConsumerGroup("Group " + groupId + " is not a consumer group."));
            }
            if (entry != null && !entry.group().isEmpty()) {
                return answer(notConsumerGroup("Group " + groupId
                        + " is not a consumer group: it has members that use the classic protocol."));
            }
            group = newConsumerGroup(groupId);
        }
        CompletableFuture<ConsumerHeartbeatResult> reply = new CompletableFuture<>();
        Outcome out = outcome();
        new ConsumerHeartbeats(group, config, nowMs(), out).handle(request, reply);
        if (entry == null && out.records().isEmpty()) {
            appender.perform(out); // refused: nothing came into being
            return reply;
        }
        if (entry == null) {
            entry = create(groupId);
        }
        if (!out.records().isEmpty()) {
            entry.group(group);
        }
        finish(entry, out);
        return reply;
    }

    private static ConsumerHeartbeatResult notConsumerGroup(String message) {
        return ConsumerHeartbeatResult.failed(GroupError.GROUP_ID_NOT_FOUND, message);
    }

    // Members of share groups

    CompletableFuture<ShareHeartbeatResult> shareHeartbeat(String groupId, ShareHeartbeat request) {
        GroupEntry entry = entries.get(groupId);
        ShareGroup group = entry != null && entry.group() instanceof ShareGroup present ? present : null;
        if (group == null) {
            if (entry != null || request.epoch() != ShareHeartbeat.JOIN) {
                return answer(
                        ShareHeartbeatResult.failed(GroupError.GROUP_ID_NOT_FOUND, notShareGroup(groupId, entry)));
            }
            group = newShareGroup(groupId);
        }
        CompletableFuture<ShareHeartbeatResult> reply = new CompletableFuture<>();
        Outcome out = outcome();
        new ShareHeartbeats(group, config, runtime.settings(groupId), nowMs(), out).handle(request, reply);
        finish(entry == null ? create(group) : entry, out);
        return reply;
    }

    private static String notShareGroup(String groupId, @Nullable GroupEntry entry) {
        return entry == null ? "Share group " + groupId + " not found." : "Group " + groupId + " is not a share group.";
    }

    /**
     * Whether an administrator may change where the group stands; answers when what was appended before is durable.
     *
     * @param create whether a group that does not exist is made
     */
    CompletableFuture<GroupError> prepareShareGroupChange(String groupId, boolean create) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null && create) {
            ShareGroup group = newShareGroup(groupId);
            return run(create(group), out -> {
                group.create(out);
                return GroupError.NONE;
            });
        }
        if (entry == null || !(entry.group() instanceof ShareGroup group)) {
            return answer(GroupError.GROUP_ID_NOT_FOUND);
        }
        return answer(group.isEmpty() ? GroupError.NONE : GroupError.NON_EMPTY_GROUP);
    }

    CompletableFuture<ShareGroupDescription> describeShareGroup(String groupId) {
        GroupEntry entry = entries.get(groupId);
        return answer(
                entry != null && entry.group() instanceof ShareGroup group
                        ? group.describe()
                        : ShareGroupDescription.notFound(groupId));
    }

    // Offsets

    /** One result for each offset, in order. */
    CompletableFuture<List<GroupError>> commit(String groupId, CommitRequest request) {
        GroupEntry known = entries.get(groupId);
        if (known == null && request.generation() >= 0) {
            return answer(same(GroupError.GROUP_ID_NOT_FOUND, request));
        }
        GroupEntry entry = known == null ? create(groupId) : known;
        return run(entry, out -> {
            GroupError error = entry.group().validateCommit(request.who(), request.generation(), nowMs());
            return error == GroupError.NONE
                    ? GroupOffsets.commit(groupId, request, config.maxOffsetMetadataBytes(), out)
                    : same(error, request);
        });
    }

    /**
     * As {@link #commit}, within a transaction of a producer, whose coordinator has admitted it.
     *
     * @param ticket what {@link #ticket} gave before the coordinator was asked: a transaction that ended since then is
     *     not the one that was admitted
     */
    CompletableFuture<List<GroupError>> commitPending(
            String groupId, long producerId, long ticket, CommitRequest request) {
        if (ticket(producerId) != ticket) {
            return answer(same(GroupError.INVALID_TXN_STATE, request));
        }
        GroupEntry known = entries.get(groupId);
        if (known == null && request.generation() >= 0) {
            return answer(same(GroupError.ILLEGAL_GENERATION, request));
        }
        GroupEntry entry = known == null ? create(groupId) : known;
        return run(entry, out -> {
            GroupError error = validatePending(entry.group(), request);
            return error == GroupError.NONE
                    ? GroupOffsets.commitPending(groupId, producerId, request, config.maxOffsetMetadataBytes(), out)
                    : same(error, request);
        });
    }

    /** A producer that does not name its consumer's member is trusted, as are commits while members rejoin (KIP-447). */
    private GroupError validatePending(Group group, CommitRequest request) {
        MemberIdentity who = request.who();
        if (request.generation() < 0 && who.memberId().isEmpty() && who.instanceId() == null) {
            return GroupError.NONE;
        }
        GroupError error = group.validateCommit(who, request.generation(), nowMs());
        return switch (error) {
            case REBALANCE_IN_PROGRESS -> GroupError.NONE;
            case STALE_MEMBER_EPOCH -> GroupError.ILLEGAL_GENERATION;
            default -> error;
        };
    }

    /** See {@link GroupTransactions#ticket}. */
    long ticket(long producerId) {
        return transactions.ticket(producerId);
    }

    /** A producer's transaction was decided: its offsets in all groups here count, or are dropped. */
    CompletableFuture<Void> endTransaction(long producerId, boolean commit) {
        transactions.onEnd(producerId);
        CompletableFuture<Void> reply = new CompletableFuture<>();
        Outcome out = outcome();
        List<GroupEntry> touched = transactions.groupsOf(producerId).stream()
                .map(entries::get)
                .filter(Objects::nonNull)
                .toList();
        if (!touched.isEmpty()) {
            out.append(new GroupRecord.TransactionEnded(producerId, commit));
        }
        out.answerDone(reply);
        appender.perform(out);
        touched.forEach(this::removeIfBlank);
        return reply;
    }

    private boolean removeIfBlank(GroupEntry entry) {
        boolean blank = entry.isBlank();
        if (blank) {
            entry.disarm();
            entries.remove(entry.group().groupId(), entry);
        }
        return blank;
    }

    private static List<GroupError> same(GroupError error, CommitRequest request) {
        return request.offsets().stream().map(offset -> error).toList();
    }

    /**
     * The committed offsets of a group; none for one that does not exist.
     *
     * @param epoch the member's, or below 0 when a stranger asks
     */
    CompletableFuture<Map<OffsetKey, CommittedOffset>> offsets(String groupId, MemberIdentity who, int epoch) {
        GroupEntry entry = entries.get(groupId);
        if (entry == null) {
            return answer(Map.of());
        }
        GroupError error = entry.group().validateFetch(who, epoch);
        if (error != GroupError.NONE) {
            return CompletableFuture.failedFuture(new GroupException(
                    error, "group " + groupId + ": member " + who.memberId() + " with epoch " + epoch));
        }
        return answer(Map.copyOf(entry.offsets().all()));
    }

    /** As {@link #offsets}, with the partitions of which an undecided transaction has a later one. */
    CompletableFuture<StableOffsets> stableOffsets(String groupId, MemberIdentity who, int epoch) {
        GroupEntry entry = entries.get(groupId);
        Set<OffsetKey> unstable = entry == null ? Set.of() : entry.offsets().unstable();
        return offsets(groupId, who, epoch).thenApply(all -> new StableOffsets(all, unstable));
    }

    /** Deletes offsets of topics that the group does not subscribe to; one result for each key, in order. */
    CompletableFuture<List<GroupError>> deleteOffsets(String groupId, List<OffsetKey> keys) {
        GroupEntry entry = entries.get(groupId);
        GroupError error =
                entry == null ? GroupError.GROUP_ID_NOT_FOUND : entry.group().validateOffsetDelete();
        if (entry == null || error != GroupError.NONE) {
            return CompletableFuture.failedFuture(
                    new GroupException(error, "the offsets of group " + groupId + " cannot be deleted"));
        }
        Predicate<String> subscription = entry.group().subscription();
        ClusterView view = runtime.topics();
        Set<OffsetKey> free = new HashSet<>();
        List<GroupError> errors = keys.stream()
                .map(key -> {
                    TopicInfo topic = view.topic(key.topicId());
                    if (topic != null && subscription.test(topic.name())) {
                        return GroupError.GROUP_SUBSCRIBED_TO_TOPIC;
                    }
                    free.add(key);
                    return GroupError.NONE;
                })
                .toList();
        return run(entry, out -> {
            entry.offsets().remove(groupId, free, out);
            return errors;
        });
    }

    // Administration

    CompletableFuture<GroupDescription> describe(String groupId) {
        GroupEntry entry = entries.get(groupId);
        return answer(
                entry != null && entry.group() instanceof ClassicGroup group
                        ? group.describe()
                        : GroupDescription.notFound(groupId));
    }

    CompletableFuture<ConsumerGroupDescription> describeConsumerGroup(String groupId) {
        GroupEntry entry = entries.get(groupId);
        return answer(
                entry != null && entry.group() instanceof ConsumerGroup group
                        ? group.describe()
                        : ConsumerGroupDescription.notFound(groupId));
    }

    CompletableFuture<List<GroupListing>> list() {
        return answer(
                entries.values().stream().map(entry -> entry.group().listing()).toList());
    }

    CompletableFuture<GroupError> delete(String groupId) {
        GroupEntry entry = entries.get(groupId);
        return entry == null
                ? answer(GroupError.GROUP_ID_NOT_FOUND)
                : run(entry, out -> entry.group().delete(out));
    }

    // What happens by itself

    /** Topics came, went or got more partitions: offsets of deleted ones go, consumer groups share out anew. */
    void onTopicsChanged() {
        ClusterView view = runtime.topics();
        if (appender.isLost() || view.topics().isEmpty()) {
            return;
        }
        for (GroupEntry entry : List.copyOf(entries.values())) {
            if (entry.group() instanceof ConsumerGroup group) {
                Outcome out = outcome();
                group.onTopicsChanged(out);
                finish(entry, out);
            } else if (entry.group() instanceof ShareGroup group) {
                Outcome out = outcome();
                group.onTopicsChanged(out);
                finish(entry, out);
            }
        }
        dropDeletedTopics(view.topicNames().keySet());
    }

    private void dropDeletedTopics(Set<UUID> existing) {
        Set<UUID> gone = new HashSet<>();
        entries.values().forEach(entry -> entry.offsets().addTopicsTo(gone));
        gone.removeAll(existing);
        if (gone.isEmpty()) {
            return;
        }
        Outcome out = outcome();
        gone.forEach(topicId -> out.append(new GroupRecord.TopicRemoved(topicId)));
        appender.perform(out);
        entries.values().removeIf(GroupEntry::isBlank);
        LOG.info("{}: removed the groups' offsets of {} deleted topics", name, gone.size());
    }

    private void expireOffsets() {
        if (appender.isLost()) {
            return;
        }
        ClusterView view = runtime.topics();
        OffsetExpiry expiry = new OffsetExpiry(config.offsetsRetentionMs());
        int expired = 0;
        for (GroupEntry entry : List.copyOf(entries.values())) {
            Outcome out = outcome();
            expired += expiry.expire(entry, view, out);
            if (!out.records().isEmpty()) {
                finish(entry, out);
            }
        }
        if (expired > 0) {
            LOG.info("{}: {} offsets expired", name, expired);
        }
        expiryTimer = runtime.schedule(this::expireOffsets, config.offsetsCheckIntervalMs());
    }

    private void onTimer(GroupEntry entry) {
        entry.onTimer();
        if (appender.isLost()) {
            return;
        }
        Outcome out = outcome();
        entry.group().tick(nowMs(), out);
        finish(entry, out);
    }

    // Compute, append, replay, answer

    private GroupEntry create(String groupId) {
        return create(new ClassicGroup(groupId, config));
    }

    private GroupEntry create(Group group) {
        GroupEntry entry = new GroupEntry(group);
        entries.put(group.groupId(), entry);
        return entry;
    }

    private ShareGroup newShareGroup(String groupId) {
        return new ShareGroup(
                groupId,
                () -> runtime.settings(groupId).get(GroupConfigKeys.SHARE_SESSION_TIMEOUT_MS),
                runtime::topics);
    }

    private ConsumerGroup newConsumerGroup(String groupId) {
        return new ConsumerGroup(groupId, config, () -> new TopicSubscriptions(runtime.topics(), visibility));
    }

    private <T> CompletableFuture<T> run(GroupEntry entry, Function<Outcome, T> command) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        Outcome out = outcome();
        out.answer(reply, command.apply(out));
        finish(entry, out);
        return reply;
    }

    private <T> CompletableFuture<T> answer(T value) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        Outcome out = outcome();
        out.answer(reply, value);
        appender.perform(out);
        return reply;
    }

    private void finish(GroupEntry entry, Outcome out) {
        appender.perform(out);
        if (entries.get(entry.group().groupId()) != entry) {
            entry.disarm(); // removed by what was just replayed
        } else if (!removeIfBlank(entry)) {
            entry.arm(nowMs(), runtime, () -> onTimer(entry));
        }
    }

    private Outcome outcome() {
        return new Outcome(clock.wallMs());
    }

    private long nowMs() {
        return clock.nanos() / 1_000_000;
    }

    // State machine

    @Override
    public byte tag() {
        return TAG;
    }

    @Override
    public void replay(ByteBuf record) {
        GroupRecord decoded = GroupRecordCodec.decode(record);
        if (decoded instanceof GroupRecord.Metadata metadata) {
            replay(metadata);
        } else if (decoded instanceof GroupRecord.Offsets offsets) {
            entry(offsets.groupId()).offsets().apply(offsets.offsets());
        } else if (decoded instanceof GroupRecord.PendingOffsets pending) {
            transactions.onPending(pending.producerId(), pending.groupId());
            entry(pending.groupId()).offsets().apply(pending);
        } else if (decoded instanceof GroupRecord.TransactionEnded ended) {
            replay(ended);
        } else if (decoded instanceof GroupRecord.OffsetsRemoved removed) {
            entry(removed.groupId()).offsets().apply(removed);
        } else if (decoded instanceof GroupRecord.ConsumerEpoch epoch) {
            consumerGroup(epoch.groupId()).apply(epoch);
        } else if (decoded instanceof GroupRecord.ConsumerMemberState member) {
            consumerGroup(member.groupId()).apply(member.member());
        } else if (decoded instanceof GroupRecord.ConsumerTarget target) {
            consumerGroup(target.groupId()).apply(target);
        } else if (decoded instanceof GroupRecord.ConsumerMemberRemoved removed) {
            consumerGroup(removed.groupId()).apply(removed);
        } else if (decoded instanceof GroupRecord.ShareEpoch epoch) {
            shareGroup(epoch.groupId()).apply(epoch);
        } else if (decoded instanceof GroupRecord.ShareMemberState member) {
            shareGroup(member.groupId()).apply(member.member());
        } else if (decoded instanceof GroupRecord.ShareTarget target) {
            shareGroup(target.groupId()).apply(target);
        } else if (decoded instanceof GroupRecord.ShareMemberRemoved removed) {
            shareGroup(removed.groupId()).apply(removed);
        } else if (decoded instanceof GroupRecord.Removed removed) {
            GroupEntry entry = entries.remove(removed.groupId());
            if (entry != null) {
                entry.disarm();
                entry.group().onRemoved();
            }
        } else if (decoded instanceof GroupRecord.TopicRemoved removed) {
            entries.values().forEach(entry -> entry.offsets().removeTopic(removed.topicId()));
        }
    }

    private void replay(GroupRecord.TransactionEnded ended) {
        for (String groupId : transactions.groupsOf(ended.producerId())) {
            GroupEntry entry = entries.get(groupId);
            if (entry != null) {
                entry.offsets().apply(ended);
            }
        }
        transactions.remove(ended.producerId());
    }

    private void replay(GroupRecord.Metadata metadata) {
        GroupEntry entry = entry(metadata.groupId());
        ClassicGroup group =
                serving && entry.group() instanceof ClassicGroup live // else the record says all: what was is past
                        ? live
                        : new ClassicGroup(metadata.groupId(), config);
        entry.group(group);
        group.apply(metadata);
    }

    /** The group, which from now on is a consumer group, whatever it was. */
    private ConsumerGroup consumerGroup(String groupId) {
        GroupEntry entry = entry(groupId);
        if (entry.group() instanceof ConsumerGroup group) {
            return group;
        }
        ConsumerGroup group = newConsumerGroup(groupId);
        entry.group(group);
        return group;
    }

    /** The group, which from now on is a share group. */
    private ShareGroup shareGroup(String groupId) {
        GroupEntry entry = entry(groupId);
        if (entry.group() instanceof ShareGroup group) {
            return group;
        }
        ShareGroup group = newShareGroup(groupId);
        entry.group(group);
        return group;
    }

    private GroupEntry entry(String groupId) {
        GroupEntry entry = entries.get(groupId);
        return entry == null ? create(groupId) : entry;
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        Consumer<GroupRecord> records = record -> writer.accept(StateAppender.encode(record));
        for (GroupEntry entry : entries.values()) {
            entry.group().snapshot(records);
            entry.offsets().snapshot(entry.group().groupId(), records);
        }
    }

    @Override
    public void onServing() {
        serving = true;
        for (GroupEntry entry : entries.values()) {
            entry.group().startTimers(nowMs());
            entry.arm(nowMs(), runtime, () -> onTimer(entry));
        }
        LOG.info("{}: coordinates {} groups", name, entries.size());
        onTopicsChanged();
        expiryTimer = runtime.schedule(this::expireOffsets, config.offsetsCheckIntervalMs());
    }

    @Override
    public void onLost() {
        if (expiryTimer != null) {
            expiryTimer.cancel();
        }
        Outcome out = outcome();
        for (GroupEntry entry : entries.values()) {
            entry.disarm();
            entry.group().onLost(out);
        }
        entries.clear();
        appender.onLost();
        out.publish();
    }
}
