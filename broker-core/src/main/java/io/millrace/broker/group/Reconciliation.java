// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a member comes from what it has to its target (KIP-848): it gives up first, and is given only what nobody else
 * holds. So no partition is ever with two members.
 *
 * <pre>
 *              has what is not its target                gave it up
 *   up to date ---------------------------&gt; giving up ---------------+
 *        ^  |                                                         v
 *        |  +--------- at the group's epoch, with what is free of its target
 *        |                             |
 *        +--- others gave up the rest -+
 * </pre>
 */
final class Reconciliation {
    private Reconciliation() {}

    /**
     * The member's next step; the same object where there is none.
     *
     * @param groupEpoch the epoch of {@code target}
     * @param target what the member shall have in the end
     * @param held what all members hold, this one included
     * @param owned what the member says it uses, or {@code null} where that is as it was
     */
    static ConsumerMember next(
            ConsumerMember member,
            int groupEpoch,
            PartitionSet target,
            PartitionSet held,
            @Nullable Map<UUID, List<Integer>> owned) {
        if (uses(member.revoking(), owned)) {
            return member;
        }
        if (member.epoch() == groupEpoch
                && member.revoking().isEmpty()
                && member.assigned().equals(target)) {
            return member;
        }
        PartitionSet kept = member.assigned().and(target);
        PartitionSet surplus = member.assigned().minus(target);
        if (uses(surplus, owned)) {
            return member.revoking(kept, surplus);
        }
        PartitionSet heldByOthers = held.minus(member.held());
        ConsumerMember next = member.advanced(groupEpoch, kept.plus(target.minus(heldByOthers)));
        boolean same = member.epoch() == groupEpoch
                && member.revoking().isEmpty()
                && next.assigned().equals(member.assigned());
        return same ? member : next;
    }

    private static boolean uses(PartitionSet partitions, @Nullable Map<UUID, List<Integer>> owned) {
        return !partitions.isEmpty() && (owned == null || partitions.containsAny(owned));
    }
}
