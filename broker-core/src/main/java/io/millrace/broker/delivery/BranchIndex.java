// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.BranchId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The prepared and heuristically ended branches of this broker, as far as their partitions serve, and the room they take.
 * Safe for any thread.
 */
final class BranchIndex {
    private final Map<BranchId, Map<PartitionId, PreparedBranch>> branches = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong spilledBytes = new AtomicLong();

    /** The parts of a branch; empty when there is none. */
    Collection<PreparedBranch> find(BranchId id) {
        Map<PartitionId, PreparedBranch> parts = branches.get(id);
        return parts == null ? List.of() : parts.values();
    }

    /** All branches, with their parts by partition. */
    Map<BranchId, Map<PartitionId, PreparedBranch>> all() {
        return Map.copyOf(branches);
    }

    /** Whether a branch, ended heuristically or not, names a topic. */
    boolean names(UUID topicId) {
        return branches.values().stream()
                .flatMap(parts -> parts.values().stream())
                .flatMap(part -> part.partitions().stream())
                .anyMatch(partition -> partition.topicId().equals(topicId));
    }

    /** Whether parts of bundles are here that are decided in a topic. */
    boolean isCoordinator(UUID topicId) {
        return branches.keySet().stream()
                .anyMatch(branch ->
                        branch.isOfBundle() && branch.bundle().topicId().equals(topicId));
    }

    /** What all of them take in memory, bytes. */
    long bytes() {
        return bytes.get();
    }

    /** What all of them have on the disk apart from that, bytes. */
    long spilledBytes() {
        return spilledBytes.get();
    }

    /** Whether a branch has sends in a log. */
    boolean needs(UUID log) {
        return branches.values().stream()
                .flatMap(parts -> parts.values().stream())
                .map(PreparedBranch::spilled)
                .anyMatch(spilled -> spilled != null && spilled.log().equals(log));
    }

    void put(PartitionId partition, PreparedBranch part) {
        branches.compute(part.id(), (id, present) -> {
            Map<PartitionId, PreparedBranch> parts = present == null ? new TreeMap<>() : new TreeMap<>(present);
            PreparedBranch before = parts.put(partition, part);
            count(part, 1);
            if (before != null) {
                count(before, -1);
            }
            return parts;
        });
    }

    void remove(PartitionId partition, BranchId branch) {
        branches.computeIfPresent(branch, (id, present) -> {
            Map<PartitionId, PreparedBranch> parts = new TreeMap<>(present);
            PreparedBranch before = parts.remove(partition);
            if (before != null) {
                count(before, -1);
            }
            return parts.isEmpty() ? null : parts;
        });
    }

    private void count(PreparedBranch part, int sign) {
        bytes.addAndGet(sign * size(part));
        spilledBytes.addAndGet(sign * part.spilledBytes());
    }

    private static long size(PreparedBranch part) {
        return PreparedBranch.FIXED_BYTES + part.bytesInMemory() + part.pinned() * PreparedBranch.PIN_BYTES;
    }
}
