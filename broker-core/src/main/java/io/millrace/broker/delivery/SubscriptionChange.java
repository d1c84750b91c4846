// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.AtomicWork;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Removes a durable subscription from partitions and makes it on partitions, all of it or nothing: a crash leaves the old
 * or the new one, on all of them (docs/decisions/0013-subscriptions.md).
 *
 * @param key the subscription
 * @param removed where it goes; refused with {@code IN_USE} while a message that came through it there is not settled
 * @param created what is made, or {@code null}
 * @param starts where it is made, unless it is there and not removed
 */
record SubscriptionChange(
        GroupKey key, Set<PartitionId> removed, @Nullable SubscriptionSpec created, Map<PartitionId, Start> starts)
        implements AtomicWork {

    @Override
    public Map<PartitionId, Append> compute(Map<PartitionId, Partition> held) {
        for (Partition partition : held.values()) {
            refuseWhileUnsettled(partition);
        }
        Map<PartitionId, Append> appends = new LinkedHashMap<>();
        held.forEach((id, partition) -> {
            List<StateRecord> records = records(id, partition);
            if (!records.isEmpty()) {
                appends.put(id, Append.ofState(records));
            }
        });
        return appends;
    }

    private void refuseWhileUnsettled(Partition partition) {
        DeliveryGroup present = DeliveryMachines.of(partition).find(key);
        if (present != null
                && removed.contains(partition.id())
                && present.engine().inFlight().count() > 0) {
            throw ActiveSubscriptions.inUse(
                    key,
                    "has messages that were received and are neither acknowledged nor committed; settle them, or close"
                            + " their session, first");
        }
    }

    private List<StateRecord> records(PartitionId id, Partition partition) {
        DeliveryMachine machine = DeliveryMachines.of(partition);
        DeliveryGroup present = machine.find(key);
        List<StateRecord> records = new ArrayList<>();
        boolean goes = present != null && removed.contains(id);
        if (present != null && goes) {
            records.add(DeliveryRecords.groupRemoved(present.id()));
        }
        Start start = starts.get(id);
        if (created != null && start != null && (present == null || goes)) {
            records.addAll(machine.creation(created, start.offset(partition)));
        }
        return records;
    }
}
