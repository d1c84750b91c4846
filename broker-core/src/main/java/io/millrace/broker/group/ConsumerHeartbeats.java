// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The rules of ConsumerGroupHeartbeat (KIP-848): who may come, stay and leave under which epoch, and what each is told.
 * Pure: computes records and an answer; the only thing it touches are the group's time-outs.
 */
final class ConsumerHeartbeats {
    private final ConsumerGroup group;
    private final GroupConfig config;
    private final long nowMs;
    private final Outcome out;

    ConsumerHeartbeats(ConsumerGroup group, GroupConfig config, long nowMs, Outcome out) {
        this.group = group;
        this.config = config;
        this.nowMs = nowMs;
        this.out = out;
    }

    void handle(ConsumerHeartbeat request, CompletableFuture<ConsumerHeartbeatResult> reply) {
        out.answer(reply, request.isLeave() ? leave(request) : live(request));
    }

    private ConsumerHeartbeatResult live(ConsumerHeartbeat request) {
        ConsumerHeartbeatResult refused = refuse(request);
        if (refused != null) {
            return refused;
        }
        ConsumerMember before = former(request);
        if (before == null && request.epoch() != ConsumerHeartbeat.JOIN) {
            return unknown(request.memberId());
        }
        return before == null ? join(request) : follow(before, request);
    }

    private @Nullable ConsumerHeartbeatResult refuse(ConsumerHeartbeat request) {
        String assignor = request.assignor();
        if (assignor != null && !assignor.isEmpty() && !Assignors.knows(assignor)) {
            return ConsumerHeartbeatResult.failed(
                    GroupError.UNSUPPORTED_ASSIGNOR,
                    "ServerAssignor " + assignor + " is not supported. Supported assignors: " + Assignors.names()
                            + ".");
        }
        String problem = request.topicRegex() == null ? null : TopicSubscriptions.problemOf(request.topicRegex());
        if (problem != null) {
            return ConsumerHeartbeatResult.failed(GroupError.INVALID_REGULAR_EXPRESSION, problem);
        }
        ConsumerMember member = former(request);
        if (member == null) {
            return request.epoch() != ConsumerHeartbeat.JOIN || group.size() < config.maxMembers()
                    ? null
                    : ConsumerHeartbeatResult.failed(
                            GroupError.GROUP_MAX_SIZE_REACHED,
                            "The group has reached its maximum of " + config.maxMembers() + " members.");
        }
        boolean comesBack = member.isAway() && request.epoch() == ConsumerHeartbeat.JOIN;
        if (!member.memberId().equals(request.memberId()) && !comesBack) {
            return otherHasInstanceId(request);
        }
        return request.epoch() == ConsumerHeartbeat.JOIN || isCurrent(member, request)
                ? null
                : ConsumerHeartbeatResult.failed(
                        GroupError.FENCED_MEMBER_EPOCH,
                        "The member " + member.memberId() + " sent the epoch " + request.epoch() + ", it has "
                                + member.epoch() + ": it must give up its partitions and join again.");
    }

    /** A member that missed the last answer may go on from the epoch before it, if it uses nothing it no longer has. */
    private static boolean isCurrent(ConsumerMember member, ConsumerHeartbeat request) {
        Map<UUID, List<Integer>> owned = request.owned();
        return request.epoch() == member.epoch()
                || (request.epoch() == member.previousEpoch()
                        && request.epoch() < member.epoch()
                        && owned != null
                        && member.assigned().containsAll(owned));
    }

    private ConsumerHeartbeatResult otherHasInstanceId(ConsumerHeartbeat request) {
        return request.epoch() == ConsumerHeartbeat.JOIN
                ? ConsumerHeartbeatResult.failed(
                        GroupError.UNRELEASED_INSTANCE_ID,
                        "The instance id " + request.instanceId()
                                + " is used by another member that has not left or timed out.")
                : ConsumerHeartbeatResult.failed(
                        GroupError.FENCED_INSTANCE_ID,
                        "Another member has joined with the instance id " + request.instanceId() + ".");
    }

    private @Nullable ConsumerMember former(ConsumerHeartbeat request) {
        return request.instanceId() == null
                ? group.member(request.memberId())
                : group.staticMember(request.instanceId());
    }

    private ConsumerHeartbeatResult join(ConsumerHeartbeat request) {
        String memberId = request.memberId().isEmpty() ? UUID.randomUUID().toString() : request.memberId();
        ConsumerMember member = ConsumerMember.joining(memberId, request);
        Map<String, PartitionSet> targets = group.reassign(group.membersWith(member), out);
        PartitionSet target = targets.getOrDefault(memberId, PartitionSet.EMPTY);
        ConsumerMember next = Reconciliation.next(member, group.epoch() + 1, target, group.held(), request.owned());
        return keep(next, next.assigned());
    }

    private ConsumerHeartbeatResult follow(ConsumerMember former, ConsumerHeartbeat request) {
        boolean replaced = !former.memberId().equals(request.memberId());
        ConsumerMember member = former;
        PartitionSet target = group.target(former.memberId());
        if (replaced) {
            member = former.replacedBy(request.memberId());
            out.append(new GroupRecord.ConsumerMemberRemoved(group.groupId(), former.memberId()));
            out.append(new GroupRecord.ConsumerTarget(group.groupId(), member.memberId(), target));
        } else if (former.isAway()) {
            member = former.replacedBy(former.memberId());
        }
        ConsumerMember updated = member.updated(request);
        int epoch = group.epoch();
        if (subscribesOtherwise(member, updated)) {
            Map<String, ConsumerMember> after = group.membersWith(updated);
            if (replaced) {
                after.remove(former.memberId());
            }
            target = group.reassign(after, out).getOrDefault(updated.memberId(), PartitionSet.EMPTY);
            epoch++;
        }
        ConsumerMember next = Reconciliation.next(updated, epoch, target, group.held(), request.owned());
        boolean tellAssignment = request.isFull() || !next.assigned().equals(former.assigned());
        if (next.equals(former)) {
            group.timers().heard(former, nowMs);
            return answer(former, tellAssignment ? former.assigned() : null);
        }
        return keep(next, tellAssignment ? next.assigned() : null);
    }

    private static boolean subscribesOtherwise(ConsumerMember before, ConsumerMember after) {
        return !before.topicNames().equals(after.topicNames())
                || !Objects.equals(before.topicRegex(), after.topicRegex())
                || (after.topicRegex() != null && !before.principal().equals(after.principal()))
                || !Objects.equals(before.assignor(), after.assignor());
    }

    private ConsumerHeartbeatResult keep(ConsumerMember next, @Nullable PartitionSet assignment) {
        out.append(new GroupRecord.ConsumerMemberState(group.groupId(), next));
        group.timers().heard(next, nowMs);
        return answer(next, assignment);
    }

    private ConsumerHeartbeatResult answer(ConsumerMember member, @Nullable PartitionSet assignment) {
        return new ConsumerHeartbeatResult(
                GroupError.NONE,
                null,
                member.memberId(),
                member.epoch(),
                config.consumerHeartbeatIntervalMs(),
                assignment);
    }

    private ConsumerHeartbeatResult leave(ConsumerHeartbeat request) {
        ConsumerMember member = former(request);
        if (member == null) {
            return unknown(request.memberId());
        }
        if (!member.memberId().equals(request.memberId())) {
            return otherHasInstanceId(request);
        }
        if (request.epoch() == ConsumerMember.AWAY) {
            ConsumerMember away = member.away();
            out.append(new GroupRecord.ConsumerMemberState(group.groupId(), away));
            group.timers().heard(away, nowMs);
        } else {
            group.remove(List.of(member), out);
        }
        return new ConsumerHeartbeatResult(GroupError.NONE, null, request.memberId(), request.epoch(), 0, null);
    }

    private static ConsumerHeartbeatResult unknown(String memberId) {
        return ConsumerHeartbeatResult.failed(
                GroupError.UNKNOWN_MEMBER_ID, "Member " + memberId + " is not a member of the group.");
    }
}
