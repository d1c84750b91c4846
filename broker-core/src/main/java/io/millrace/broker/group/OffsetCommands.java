// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Commits, reads and deletes the offsets of a {@link GroupShard}'s groups. Owner loop only. */
final class OffsetCommands {
    private final GroupConfig config;
    private final GroupRuntime runtime;
    private final GroupTable table;
    private final GroupCommands commands;

    OffsetCommands(GroupConfig config, GroupRuntime runtime, GroupTable table, GroupCommands commands) {
        this.config = config;
        this.runtime = runtime;
        this.table = table;
        this.commands = commands;
    }

    /** One result for each offset, in order. */
    CompletableFuture<List<GroupError>> commit(String groupId, CommitRequest request) {
        GroupEntry known = table.find(groupId);
        if (known == null && request.generation() >= 0) {
            return commands.answer(same(GroupError.GROUP_ID_NOT_FOUND, request));
        }
        GroupEntry entry = known == null ? table.create(groupId) : known;
        return commands.run(entry, out -> {
            GroupError error = entry.group().validateCommit(request.who(), request.generation(), commands.nowMs());
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
            return commands.answer(same(GroupError.INVALID_TXN_STATE, request));
        }
        GroupEntry known = table.find(groupId);
        if (known == null && request.generation() >= 0) {
            return commands.answer(same(GroupError.ILLEGAL_GENERATION, request));
        }
        GroupEntry entry = known == null ? table.create(groupId) : known;
        return commands.run(entry, out -> {
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
        GroupError error = group.validateCommit(who, request.generation(), commands.nowMs());
        return switch (error) {
            case REBALANCE_IN_PROGRESS -> GroupError.NONE;
            case STALE_MEMBER_EPOCH -> GroupError.ILLEGAL_GENERATION;
            default -> error;
        };
    }

    /** See {@link GroupTransactions#ticket}. */
    long ticket(long producerId) {
        return table.transactions().ticket(producerId);
    }

    /** A producer's transaction was decided: its offsets in all groups here count, or are dropped. */
    CompletableFuture<Void> endTransaction(long producerId, boolean commit) {
        table.transactions().onEnd(producerId);
        CompletableFuture<Void> reply = new CompletableFuture<>();
        Outcome out = commands.outcome();
        List<GroupEntry> touched = table.transactions().groupsOf(producerId).stream()
                .map(table::find)
                .filter(Objects::nonNull)
                .toList();
        if (!touched.isEmpty()) {
            out.append(new GroupRecord.TransactionEnded(producerId, commit));
        }
        out.answerDone(reply);
        commands.perform(out);
        touched.forEach(table::removeIfBlank);
        return reply;
    }

    private static List<GroupError> same(GroupError error, CommitRequest request) {
        return request.offsets().stream().map(offset -> error).toList();
    }

    /**
     * The committed offsets of a group; none for one that does not exist.
     *
     * @param epoch the member's, or below 0 when a stranger asks
     */
    CompletableFuture<Map<OffsetKey, CommittedOffset>> committed(String groupId, MemberIdentity who, int epoch) {
        GroupEntry entry = table.find(groupId);
        if (entry == null) {
            return commands.answer(Map.of());
        }
        GroupError error = entry.group().validateFetch(who, epoch);
        if (error != GroupError.NONE) {
            return CompletableFuture.failedFuture(new GroupException(
                    error, "group " + groupId + ": member " + who.memberId() + " with epoch " + epoch));
        }
        return commands.answer(Map.copyOf(entry.offsets().all()));
    }

    /** As {@link #committed}, with the partitions of which an undecided transaction has a later one. */
    CompletableFuture<StableOffsets> stable(String groupId, MemberIdentity who, int epoch) {
        GroupEntry entry = table.find(groupId);
        Set<OffsetKey> unstable = entry == null ? Set.of() : entry.offsets().unstable();
        return committed(groupId, who, epoch).thenApply(all -> new StableOffsets(all, unstable));
    }

    /** Deletes offsets of topics that the group does not subscribe to; one result for each key, in order. */
    CompletableFuture<List<GroupError>> delete(String groupId, List<OffsetKey> keys) {
        GroupEntry entry = table.find(groupId);
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
        return commands.run(entry, out -> {
            entry.offsets().remove(groupId, free, out);
            return errors;
        });
    }
}
