// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sends on the disk that are committed and being applied by partitions of this broker that serve. Safe for any
 * thread.
 */
final class SpillIndex {
    private final Map<UUID, Entry> applying = new ConcurrentHashMap<>();

    private record Entry(PartitionId partition, UUID committedBy, Spilled spilled, CompletableFuture<Void> applied) {}

    /** @param committedBy the id under which the commit's outcome is remembered */
    void put(PartitionId partition, UUID committedBy, Spilled spilled) {
        applying.putIfAbsent(spilled.log(), new Entry(partition, committedBy, spilled, new CompletableFuture<>()));
    }

    /** All of it is in the partition, durably. */
    void onApplied(UUID log) {
        Entry entry = applying.remove(log);
        if (entry != null) {
            entry.applied.complete(null);
        }
    }

    /** The partition serves no more; it goes on when it does again. */
    void onLost(PartitionId partition) {
        for (Entry entry : List.copyOf(applying.values())) {
            if (entry.partition.equals(partition)) {
                applying.remove(entry.spilled.log(), entry);
                entry.applied.completeExceptionally(new DeliveryException(
                        ErrorCode.UNAVAILABLE,
                        "Partition " + partition + " was lost while a committed transaction was written to it, which"
                                + " goes on when it is recovered; ask again"));
            }
        }
    }

    /** Completes when all that a commit has on the disk is applied; at once when there is nothing of the kind. */
    CompletableFuture<Void> whenApplied(UUID committedBy) {
        return Calls.all(applying.values().stream()
                .filter(entry -> entry.committedBy.equals(committedBy))
                .map(Entry::applied)
                .toList());
    }

    boolean needs(UUID log) {
        return applying.containsKey(log);
    }

    /** Whether one is being applied in a topic. */
    boolean names(UUID topicId) {
        return applying.values().stream()
                .anyMatch(entry -> entry.partition.topicId().equals(topicId));
    }

    /** What is being applied, bytes. */
    long bytes() {
        return applying.values().stream()
                .mapToLong(entry -> entry.spilled.bytes())
                .sum();
    }
}
