// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.AskDecision.Decision;
import io.millrace.protocol.message.Commit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The decisions on bundles of several brokers that one partition has recorded, until every participant has applied
 * them. Owned by the partition's loop.
 */
final class PartitionDecisions {
    private final PartitionId partition;
    private final DecisionIndex index;
    private final Map<UUID, List<Commit.Participant>> decided = new LinkedHashMap<>();
    /** Until then others must not see what the replay makes: a later record may undo it. */
    private boolean serving;

    PartitionDecisions(PartitionId partition, DecisionIndex index) {
        this.partition = partition;
        this.index = index;
    }

    /** Who has to apply a committed bundle; {@code null} when there is no decision. */
    @Nullable
    List<Commit.Participant> find(UUID bundle) {
        return decided.get(bundle);
    }

    /**
     * What becomes of a bundle. Committed is not yet durable perhaps. A bundle that is being decided counts as open until
     * its record is durable, so what is neither open nor recorded never will be.
     */
    Decision verdict(OpenBundles open, UUID bundle) {
        if (open.isOpen(bundle)) {
            return Decision.OPEN;
        }
        return decided.containsKey(bundle) ? Decision.COMMITTED : Decision.ABORTED;
    }

    Map<UUID, List<Commit.Participant>> all() {
        return decided;
    }

    void put(UUID bundle, List<Commit.Participant> participants) {
        decided.put(bundle, participants);
        if (serving) {
            index.put(bundle, new DecisionIndex.Decision(partition, participants));
        }
    }

    void remove(UUID bundle) {
        decided.remove(bundle);
        if (serving) {
            index.remove(bundle);
        }
    }

    void onServing() {
        serving = true;
        decided.forEach(
                (bundle, participants) -> index.put(bundle, new DecisionIndex.Decision(partition, participants)));
    }

    void clear() {
        if (serving) {
            decided.keySet().forEach(index::remove);
        }
        decided.clear();
    }
}
