// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.ListBranches.State;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts that branches have on one partition, owned by its loop. A branch's records are pinned in the groups' engines:
 * in flight with a holder of the branch's own, which no link is.
 */
final class PartitionBranches {
    private final PartitionId partition;
    private final BranchIndex index;
    private final Map<BranchId, PreparedBranch> parts = new LinkedHashMap<>();
    private final Map<BranchId, Long> numbers = new LinkedHashMap<>();
    private long lastNumber;
    /** Until then others must not see what the replay makes: a later record may undo it. */
    private boolean serving;

    PartitionBranches(PartitionId partition, BranchIndex index) {
        this.partition = partition;
        this.index = index;
    }

    @Nullable
    PreparedBranch find(BranchId id) {
        return parts.get(id);
    }

    Collection<PreparedBranch> all() {
        return List.copyOf(parts.values());
    }

    /** Who holds what a branch accepts or rejects. */
    Holder holder(BranchId id, AckType type) {
        return Holder.ofBranch(numbers.computeIfAbsent(id, any -> ++lastNumber), type == AckType.REJECT);
    }

    void put(PreparedBranch part) {
        parts.put(part.id(), part);
        if (serving) {
            index.put(partition, part);
        }
    }

    /** What a branch still has pinned in these groups is available again. */
    void unpin(BranchId id, Collection<GroupPartition> engines) {
        for (AckType type : List.of(AckType.ACCEPT, AckType.REJECT)) {
            Holder holder = holder(id, type);
            engines.forEach(engine -> engine.replayUnpinned(holder));
        }
    }

    /** @param heuristic what is remembered; {@code null} for nothing */
    void end(BranchId id, @Nullable State heuristic) {
        PreparedBranch part = parts.get(id);
        if (part != null && heuristic != null) {
            put(part.ended(heuristic));
        } else {
            parts.remove(id);
            if (serving) {
                index.remove(partition, id);
            }
        }
        numbers.remove(id);
    }

    void onServing() {
        serving = true;
        parts.values().forEach(part -> index.put(partition, part));
    }

    void clear() {
        if (serving) {
            parts.keySet().forEach(id -> index.remove(partition, id));
        }
        parts.clear();
        numbers.clear();
    }
}
