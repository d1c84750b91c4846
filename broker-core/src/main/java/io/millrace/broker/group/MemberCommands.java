// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What members of groups ask of a {@link GroupShard}. Owner loop only. */
final class MemberCommands {
    private final GroupConfig config;
    private final GroupRuntime runtime;
    private final GroupTable table;
    private final GroupCommands commands;

    MemberCommands(GroupConfig config, GroupRuntime runtime, GroupTable table, GroupCommands commands) {
        this.config = config;
        this.runtime = runtime;
        this.table = table;
        this.commands = commands;
    }

    // Members of classic groups

    CompletableFuture<JoinResult> join(String groupId, JoinRequest request) {
        GroupEntry entry = table.find(groupId);
        if (entry == null) {
            if (!request.memberId().isEmpty()) {
                return commands.answer(JoinResult.failed(GroupError.UNKNOWN_MEMBER_ID, request.memberId()));
            }
            entry = table.create(groupId);
        } else if (entry.group() instanceof ConsumerGroup former) {
            if (!former.isEmpty()) {
                return commands.answer(JoinResult.failed(GroupError.INCONSISTENT_GROUP_PROTOCOL, request.memberId()));
            }
            entry.group(new ClassicGroup(groupId, config)); // nobody is left who speaks the other protocol
        }
        if (!(entry.group() instanceof ClassicGroup group)) {
            // A share group stays one, also without members: its partitions remember where it stands.
            return commands.answer(JoinResult.failed(GroupError.INCONSISTENT_GROUP_PROTOCOL, request.memberId()));
        }
        CompletableFuture<JoinResult> reply = new CompletableFuture<>();
        Outcome out = commands.outcome();
        group.join(request, reply, commands.nowMs(), out);
        commands.finish(entry, out);
        return reply;
    }

    CompletableFuture<SyncResult> sync(String groupId, SyncRequest request) {
        GroupEntry entry = table.find(groupId);
        if (entry == null || !(entry.group() instanceof ClassicGroup group)) {
            return commands.answer(SyncResult.failed(GroupError.UNKNOWN_MEMBER_ID));
        }
        CompletableFuture<SyncResult> reply = new CompletableFuture<>();
        Outcome out = commands.outcome();
        group.sync(request, reply, commands.nowMs(), out);
        commands.finish(entry, out);
        return reply;
    }

    CompletableFuture<GroupError> heartbeat(String groupId, MemberIdentity who, int generation) {
        GroupEntry entry = table.find(groupId);
        return commands.answer(
                entry != null && entry.group() instanceof ClassicGroup group
                        ? group.heartbeat(who, generation, commands.nowMs())
                        : GroupError.UNKNOWN_MEMBER_ID);
    }

    CompletableFuture<List<GroupError>> leave(String groupId, List<MemberIdentity> leavers) {
        GroupEntry entry = table.find(groupId);
        if (entry == null) {
            return commands.answer(
                    leavers.stream().map(who -> GroupError.UNKNOWN_MEMBER_ID).toList());
        }
        return commands.run(entry, out -> entry.group().leave(leavers, commands.nowMs(), out));
    }

    // Members of consumer groups

    CompletableFuture<ConsumerHeartbeatResult> consumerHeartbeat(String groupId, ConsumerHeartbeat request) {
        GroupEntry entry = table.find(groupId);
        ConsumerGroup group = entry != null && entry.group() instanceof ConsumerGroup present ? present : null;
        if (group == null) {
            if (request.epoch() != ConsumerHeartbeat.JOIN) {
                return commands.answer(notConsumerGroup("Group " + groupId + " not found."));
            }
            if (entry != null && entry.group() instanceof ShareGroup) {
                return commands.answer(notConsumerGroup("Group " + groupId + " is not a consumer group."));
            }
            if (entry != null && !entry.group().isEmpty()) {
                return commands.answer(notConsumerGroup("Group " + groupId
                        + " is not a consumer group: it has members that use the classic protocol."));
            }
            group = table.newConsumerGroup(groupId);
        }
        CompletableFuture<ConsumerHeartbeatResult> reply = new CompletableFuture<>();
        Outcome out = commands.outcome();
        new ConsumerHeartbeats(group, config, commands.nowMs(), out).handle(request, reply);
        if (entry == null && out.records().isEmpty()) {
            commands.perform(out); // refused: nothing came into being
            return reply;
        }
        if (entry == null) {
            entry = table.create(groupId);
        }
        if (!out.records().isEmpty()) {
            entry.group(group);
        }
        commands.finish(entry, out);
        return reply;
    }

    private static ConsumerHeartbeatResult notConsumerGroup(String message) {
        return ConsumerHeartbeatResult.failed(GroupError.GROUP_ID_NOT_FOUND, message);
    }

    // Members of share groups

    CompletableFuture<ShareHeartbeatResult> shareHeartbeat(String groupId, ShareHeartbeat request) {
        GroupEntry entry = table.find(groupId);
        ShareGroup group = entry != null && entry.group() instanceof ShareGroup present ? present : null;
        if (group == null) {
            if (entry != null || request.epoch() != ShareHeartbeat.JOIN) {
                return commands.answer(
                        ShareHeartbeatResult.failed(GroupError.GROUP_ID_NOT_FOUND, notShareGroup(groupId, entry)));
            }
            group = table.newShareGroup(groupId);
        }
        CompletableFuture<ShareHeartbeatResult> reply = new CompletableFuture<>();
        Outcome out = commands.outcome();
        new ShareHeartbeats(group, config, runtime.settings(groupId), commands.nowMs(), out).handle(request, reply);
        commands.finish(entry == null ? table.create(group) : entry, out);
        return reply;
    }

    private static String notShareGroup(String groupId, @Nullable GroupEntry entry) {
        return entry == null ? "Share group " + groupId + " not found." : "Group " + groupId + " is not a share group.";
    }
}
