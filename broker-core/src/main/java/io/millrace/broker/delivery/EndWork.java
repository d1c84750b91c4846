// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.Urgency;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Computes the appends that end a branch, holding all its partitions. */
final class EndWork {
    private final EndBranch request;
    private final long nowMs;
    private final ConcurrentLinkedQueue<Partition> touched = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Partition> spilledTo = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Spilled> unwanted = new ConcurrentLinkedQueue<>();

    EndWork(EndBranch request, long nowMs) {
        this.request = request;
        this.nowMs = nowMs;
    }

    /**
     * What an operator made of a branch before, when that answers the request; {@code null} when it is to be carried out.
     * Fails when it cannot be.
     */
    static @Nullable Outcome heuristicOutcome(EndBranch request, PreparedBranch part) {
        boolean forget = request.action() == Action.FORGET;
        boolean impossible = forget ? part.isPrepared() : request.heuristic() && !part.isPrepared();
        if (impossible) {
            throw new DeliveryException(
                    ErrorCode.WRONG_BRANCH_STATE,
                    "Branch " + part.id() + " is " + part.state() + "; " + request.action()
                            + (forget ? " is for branches that an operator has ended" : " cannot be done twice"));
        }
        return switch (part.state()) {
            case PREPARED -> null;
            case HEURISTICALLY_COMMITTED -> forget ? null : Outcome.HEURISTICALLY_COMMITTED;
            case HEURISTICALLY_ROLLED_BACK -> forget ? null : Outcome.HEURISTICALLY_ROLLED_BACK;
        };
    }

    Map<PartitionId, Append> compute(Map<PartitionId, Partition> held) {
        Bundles.refuseRepeated(held.values(), request.requestId());
        Map<PartitionId, PreparedBranch> parts = new LinkedHashMap<>();
        held.forEach((id, partition) -> {
            PreparedBranch part = DeliveryMachines.of(partition).branches().find(request.branch());
            if (part != null) {
                parts.put(id, part);
                if (heuristicOutcome(request, part) != null) {
                    throw new DeliveryException(
                            ErrorCode.UNAVAILABLE, "Branch " + part.id() + " was just ended; ask again");
                }
            }
        });
        if (parts.isEmpty()) {
            throw Branches.unknown(request.branch());
        }
        Map<PartitionId, Append> appends = new LinkedHashMap<>();
        PartitionId decisive = BundlePlan.decisive(parts.keySet());
        parts.forEach((id, part) -> {
            Partition partition = held.get(id);
            if (partition != null) {
                touched.add(partition);
                DeliveryMachine machine = DeliveryMachines.of(partition);
                List<StateRecord> records = BranchSettlement.end(
                        request,
                        machine.branches(),
                        machine.groups().stream()
                                .map(BranchSettlement.Settling::of)
                                .toList(),
                        nowMs);
                if (id.equals(decisive)) {
                    records.add(DeliveryRecords.bundle(request.requestId(), List.of()));
                }
                List<ByteBuf> batches = request.action() == Action.COMMIT ? copies(part) : List.of();
                Spilled spilled = part.spilled();
                if (spilled != null && request.action() == Action.COMMIT) {
                    records.add(BranchRecords.applying(PartitionSpills.Applying.of(request.requestId(), spilled)));
                    spilledTo.add(partition);
                } else if (spilled != null) {
                    unwanted.add(spilled);
                }
                appends.put(id, new Append(batches, records, Origin.BROKER, Urgency.AWAITED));
            }
        });
        return appends;
    }

    /** An append writes offsets into its batches; the branch's own may be needed once more if it fails. */
    private static List<ByteBuf> copies(PreparedBranch part) {
        return part.sends().stream()
                .map(batch -> PooledByteBufAllocator.DEFAULT
                        .directBuffer(batch.readableBytes())
                        .writeBytes(batch, batch.readerIndex(), batch.readableBytes()))
                .toList();
    }

    /** Where a commit has sends on the disk, to be applied now. */
    List<Partition> spilledTo() {
        return List.copyOf(spilledTo);
    }

    /** What was on the disk and is rolled back. */
    List<Spilled> unwanted() {
        return List.copyOf(unwanted);
    }

    /** What was pinned is available, or made room for more. */
    void wake() {
        for (Partition partition : touched) {
            partition.execute(() -> {
                if (partition.isServing()) {
                    DeliveryMachine machine = DeliveryMachines.of(partition);
                    for (DeliveryGroup group : machine.groups()) {
                        group.dispatch();
                        machine.dropIfOver(group);
                    }
                }
            });
        }
    }
}
