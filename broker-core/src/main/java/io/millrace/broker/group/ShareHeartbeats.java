// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.config.GroupConfigKeys;
import io.millrace.broker.config.GroupSettings;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The rules of ShareGroupHeartbeat (KIP-932): who may come, stay and leave under which epoch, and what each is told.
 * Pure: computes records and an answer; the only thing it touches are the group's time-outs.
 */
final class ShareHeartbeats {
    private final ShareGroup group;
    private final GroupConfig config;
    private final GroupSettings settings;
    private final long nowMs;
    private final Outcome out;

    ShareHeartbeats(ShareGroup group, GroupConfig config, GroupSettings settings, long nowMs, Outcome out) {
        this.group = group;
        this.config = config;
        this.settings = settings;
        this.nowMs = nowMs;
        this.out = out;
    }

    void handle(ShareHeartbeat request, CompletableFuture<ShareHeartbeatResult> reply) {
        out.answer(reply, request.epoch() == ShareHeartbeat.LEAVE ? leave(request) : live(request));
    }

    private ShareHeartbeatResult live(ShareHeartbeat request) {
        ShareMember before = group.member(request.memberId());
        ShareHeartbeatResult refused = refuse(before, request);
        if (refused != null) {
            return refused;
        }
        ShareMember member = before == null ? ShareMember.joining(request) : before.updated(request);
        int epoch = group.epoch();
        PartitionSet assigned = group.assigned(member.memberId());
        if (before == null || !before.topicNames().equals(member.topicNames())) {
            Map<String, PartitionSet> next = group.reassign(group.membersWith(member), out);
            assigned = next.getOrDefault(member.memberId(), PartitionSet.EMPTY);
            epoch++;
        }
        ShareMember after = member.at(epoch);
        if (!after.equals(before)) {
            out.append(new GroupRecord.ShareMemberState(group.groupId(), after));
        }
        group.timers().heard(after.memberId(), nowMs);
        boolean tell = request.epoch() == ShareHeartbeat.JOIN || request.epoch() != after.epoch();
        return new ShareHeartbeatResult(
                GroupError.NONE,
                null,
                after.memberId(),
                after.epoch(),
                settings.get(GroupConfigKeys.SHARE_HEARTBEAT_INTERVAL_MS),
                tell ? assigned : null);
    }

    private @Nullable ShareHeartbeatResult refuse(@Nullable ShareMember member, ShareHeartbeat request) {
        if (member == null && request.epoch() != ShareHeartbeat.JOIN) {
            return unknown(request.memberId());
        }
        if (member == null && group.size() >= config.maxShareMembers()) {
            return ShareHeartbeatResult.failed(
                    GroupError.GROUP_MAX_SIZE_REACHED,
                    "The share group has reached its maximum capacity of " + config.maxShareMembers() + " members.");
        }
        if (member == null
                || request.epoch() == ShareHeartbeat.JOIN
                || request.epoch() == member.epoch()
                || (request.epoch() == member.previousEpoch() && request.epoch() < member.epoch())) {
            return null;
        }
        return ShareHeartbeatResult.failed(
                GroupError.FENCED_MEMBER_EPOCH,
                "The share group member has a " + (request.epoch() > member.epoch() ? "greater" : "smaller")
                        + " member epoch (" + request.epoch() + ") than the one known by the group coordinator ("
                        + member.epoch() + "). The member must abandon all its partitions and rejoin.");
    }

    private ShareHeartbeatResult leave(ShareHeartbeat request) {
        ShareMember member = group.member(request.memberId());
        if (member == null) {
            return unknown(request.memberId());
        }
        group.remove(List.of(member), out);
        return new ShareHeartbeatResult(GroupError.NONE, null, request.memberId(), ShareHeartbeat.LEAVE, 0, null);
    }

    private ShareHeartbeatResult unknown(String memberId) {
        return ShareHeartbeatResult.failed(
                GroupError.UNKNOWN_MEMBER_ID,
                "Member " + memberId + " is not a member of group " + group.groupId() + ".");
    }
}
