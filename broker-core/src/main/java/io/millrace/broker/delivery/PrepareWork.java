// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.ListBranches.State;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Computes the appends of a prepare, holding all its partitions. */
final class PrepareWork {
    private final BundlePlan plan;
    private final Prepare request;
    private final long nowMs;
    private final AtomicBoolean appending;

    /** @param appending set when nothing refuses it any more */
    PrepareWork(BundlePlan plan, Prepare request, long nowMs, AtomicBoolean appending) {
        this.appending = appending;
        this.plan = plan;
        this.request = request;
        this.nowMs = nowMs;
    }

    /** Fails when a lease is stale or a batch is one that the commit could not append. */
    Map<PartitionId, Append> compute() {
        Map<PartitionId, List<StateRecord>> state = new LinkedHashMap<>();
        try {
            plan.work().forEach((id, work) -> compute(work, state.computeIfAbsent(id, any -> new ArrayList<>())));
        } catch (RuntimeException refused) {
            Bundles.release(state.values());
            throw refused;
        }
        List<StateRecord> first = state.get(plan.decisive());
        if (first != null) {
            first.add(DeliveryRecords.bundle(request.bundleId(), List.of()));
        }
        Map<PartitionId, Append> appends = new LinkedHashMap<>();
        state.forEach((id, records) -> appends.put(id, Append.ofState(records)));
        appending.set(true);
        return appends;
    }

    private void compute(BundlePlan.Work work, List<StateRecord> records) {
        List<ByteBuf> batches = work.batches();
        if (!batches.isEmpty()) {
            // All that may be refused is refused now: the commit must not be.
            work.partition().check(new Append(batches, List.of(), Origin.CLIENT));
        }
        List<StateRecord> pins = new ArrayList<>();
        long[] pinned = new long[1];
        work.forEachHeld((group, type, held) -> {
            pins.add(BranchSettlement.pin(group.id(), request.branch(), type, held));
            pinned[0] += held.stream().mapToLong(Span::count).sum();
        });
        Spilled spilled = work.spilled();
        records.add(BranchRecords.prepared(new PreparedBranch(
                request.branch(),
                request.bundleId(),
                nowMs,
                List.copyOf(plan.work().keySet()),
                batches,
                spilled,
                batches.stream().mapToInt(PrepareWork::messages).sum() + (spilled == null ? 0 : spilled.messages()),
                pinned[0],
                State.PREPARED)));
        records.addAll(pins);
    }

    private static int messages(ByteBuf batches) {
        int messages = 0;
        var indexes = Batches.indexes(batches);
        while (indexes.hasNext()) {
            messages += BatchHeader.recordCount(batches, indexes.nextInt());
        }
        return messages;
    }
}
