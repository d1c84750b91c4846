// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to a {@link ClassicGroup}: members in the order they came, static members by instance id, ids handed out
 * but not yet used, and the leader. Used on the group's owner loop only.
 */
final class Membership {
    private final Map<String, GroupMember> members = new LinkedHashMap<>();
    private final Map<String, String> staticMembers = new HashMap<>();
    private final Map<String, Long> pendingDeadlines = new HashMap<>();
    private @Nullable String leaderId;

    /** A fresh id, readable in logs: the instance or client id and a random part. */
    static String newMemberId(JoinRequest request) {
        String instanceId = request.instanceId();
        return (instanceId == null ? request.clientId() : instanceId) + "-" + UUID.randomUUID();
    }

    void add(GroupMember member) {
        pendingDeadlines.remove(member.memberId());
        members.put(member.memberId(), member);
        if (member.instanceId() != null) {
            staticMembers.put(member.instanceId(), member.memberId());
        }
        if (leaderId == null) {
            leaderId = member.memberId();
        }
    }

    @Nullable
    GroupMember remove(String memberId) {
        GroupMember member = members.remove(memberId);
        if (member != null && member.instanceId() != null) {
            staticMembers.remove(member.instanceId(), memberId);
        }
        if (memberId.equals(leaderId)) {
            leaderId = members.isEmpty() ? null : members.keySet().iterator().next();
        }
        return member;
    }

    /** Puts a static member that came back in the place of its former self, leadership included. */
    void replace(GroupMember former, GroupMember successor) {
        boolean led = former.memberId().equals(leaderId);
        members.remove(former.memberId());
        add(successor);
        if (led) {
            leaderId = successor.memberId();
        }
    }

    @Nullable
    GroupMember get(String memberId) {
        return members.get(memberId);
    }

    Collection<GroupMember> all() {
        return members.values();
    }

    /** A copy, for loops that remove. */
    List<GroupMember> snapshot() {
        return List.copyOf(members.values());
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    int size() {
        return members.size();
    }

    long awaitingJoin() {
        return members.values().stream().filter(GroupMember::isAwaitingJoin).count();
    }

    @Nullable
    String staticMemberId(String instanceId) {
        return staticMembers.get(instanceId);
    }

    // Pending ids (KIP-394)

    void addPending(String memberId, long deadlineMs) {
        pendingDeadlines.put(memberId, deadlineMs);
    }

    boolean isPending(String memberId) {
        return pendingDeadlines.containsKey(memberId);
    }

    boolean removePending(String memberId) {
        return pendingDeadlines.remove(memberId) != null;
    }

    boolean hasPending() {
        return !pendingDeadlines.isEmpty();
    }

    int pendingCount() {
        return pendingDeadlines.size();
    }

    /** Whether any went. */
    boolean expirePending(long nowMs) {
        return pendingDeadlines.values().removeIf(deadlineMs -> deadlineMs <= nowMs);
    }

    /** The next time-out of a member or of an id that was handed out. */
    long nextDeadlineMs() {
        long next = Long.MAX_VALUE;
        for (GroupMember member : members.values()) {
            next = Math.min(next, member.deadlineMs());
        }
        for (long deadlineMs : pendingDeadlines.values()) {
            next = Math.min(next, deadlineMs);
        }
        return next;
    }

    /** Checks who a request is from: a known member, not replaced by another with its instance id. */
    GroupError validate(String memberId, @Nullable String instanceId) {
        if (instanceId != null) {
            String current = staticMembers.get(instanceId);
            if (current == null) {
                return GroupError.UNKNOWN_MEMBER_ID;
            }
            return current.equals(memberId) ? GroupError.NONE : GroupError.FENCED_INSTANCE_ID;
        }
        return members.containsKey(memberId) ? GroupError.NONE : GroupError.UNKNOWN_MEMBER_ID;
    }

    // Leader and protocol

    @Nullable
    String leaderId() {
        return leaderId;
    }

    void leader(@Nullable String memberId) {
        leaderId = memberId;
    }

    boolean isLeader(String memberId) {
        return memberId.equals(leaderId);
    }

    /** Makes sure that the leader is one that has joined this time; false when nobody has. */
    boolean electJoinedLeader() {
        GroupMember leader = leaderId == null ? null : members.get(leaderId);
        if (leader != null && leader.isAwaitingJoin()) {
            return true;
        }
        for (GroupMember member : members.values()) {
            if (member.isAwaitingJoin()) {
                leaderId = member.memberId();
                return true;
            }
        }
        return false;
    }

    /** The most patient member's rebalance time-out, milliseconds. */
    int rebalanceTimeoutMs() {
        return members.values().stream()
                .mapToInt(GroupMember::rebalanceTimeoutMs)
                .max()
                .orElse(0);
    }

    /** The assignors that every member supports. */
    Set<String> commonProtocols() {
        Set<String> common = new HashSet<>();
        boolean first = true;
        for (GroupMember member : members.values()) {
            if (first) {
                member.protocols().forEach(protocol -> common.add(protocol.name()));
                first = false;
            } else {
                common.removeIf(name -> !member.supports(name));
            }
        }
        return common;
    }

    /** Each member votes for the first assignor it lists among the common ones; the most votes win. */
    @Nullable
    String selectProtocol() {
        Set<String> common = commonProtocols();
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (GroupMember member : members.values()) {
            for (MemberProtocol protocol : member.protocols()) {
                if (common.contains(protocol.name())) {
                    votes.merge(protocol.name(), 1, Integer::sum);
                    break;
                }
            }
        }
        String best = null;
        int most = 0;
        for (Map.Entry<String, Integer> entry : votes.entrySet()) {
            if (entry.getValue() > most) {
                best = entry.getKey();
                most = entry.getValue();
            }
        }
        return best;
    }
}
