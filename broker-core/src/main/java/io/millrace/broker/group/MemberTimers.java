// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * When the members of a {@link ConsumerGroup} or {@link ShareGroup} time out: after silence, or when they do not give partitions up. Times are
 * milliseconds of the monotonic clock. Used on the group's owner loop only.
 */
final class MemberTimers {
    private final IntSupplier sessionTimeoutMs;
    /** In the order of their deadlines: all sessions have one time-out, so who was heard last comes last. */
    private final Map<String, Long> sessions = new LinkedHashMap<>();
    /** Few, and only during a rebalance. */
    private final Map<String, Long> revocations = new HashMap<>();

    MemberTimers(int sessionTimeoutMs) {
        this(() -> sessionTimeoutMs);
    }

    /** @param sessionTimeoutMs may change; then members that were heard before it are looked at in their old order */
    MemberTimers(IntSupplier sessionTimeoutMs) {
        this.sessionTimeoutMs = sessionTimeoutMs;
    }

    /** The member gave a sign of life, after which it stands as it is given here. */
    void heard(ConsumerMember member, long nowMs) {
        heard(member.memberId(), nowMs);
        if (member.revoking().isEmpty()) {
            revocations.remove(member.memberId());
        } else {
            revocations.putIfAbsent(member.memberId(), nowMs + member.rebalanceTimeoutMs());
        }
    }

    /** A member that never has partitions to give up gave a sign of life. */
    void heard(String memberId, long nowMs) {
        sessions.remove(memberId);
        sessions.put(memberId, nowMs + sessionTimeoutMs.getAsInt());
    }

    void forget(String memberId) {
        sessions.remove(memberId);
        revocations.remove(memberId);
    }

    long nextDeadlineMs() {
        long next = Long.MAX_VALUE;
        if (!sessions.isEmpty()) {
            next = sessions.values().iterator().next();
        }
        for (long deadlineMs : revocations.values()) {
            next = Math.min(next, deadlineMs);
        }
        return next;
    }

    /** The members whose time is over; they are no longer timed. */
    List<String> takeExpired(long nowMs) {
        List<String> expired = new ArrayList<>();
        revocations.forEach((memberId, deadlineMs) -> {
            if (deadlineMs <= nowMs) {
                expired.add(memberId);
            }
        });
        expired.forEach(this::forget);
        Iterator<Map.Entry<String, Long>> oldest = sessions.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<String, Long> session = oldest.next();
            if (session.getValue() > nowMs) {
                break;
            }
            oldest.remove();
            revocations.remove(session.getKey());
            expired.add(session.getKey());
        }
        return expired;
    }
}
