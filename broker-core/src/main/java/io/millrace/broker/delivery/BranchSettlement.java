// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.StateRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.ListBranches.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The state records by which a branch pins records of a partition's groups and lets them go. Pure. */
final class BranchSettlement {
    private BranchSettlement() {}

    /** What is known of a group. */
    record Settling(int id, DeliveryRules rules, GroupPartition engine) {
        static Settling of(DeliveryGroup group) {
            return new Settling(group.id(), group.rules(), group.engine());
        }
    }

    /** Pins what an acknowledgement holds; the pin says how often it was received, this time included. */
    static StateRecord pin(int group, BranchId branch, AckType type, List<Span<Acquired>> held) {
        List<Span<Acquired>> received = new ArrayList<>();
        for (Span<Acquired> span : held) {
            Acquired was = span.value();
            received.add(new Span<>(
                    span.first(),
                    span.last(),
                    was.received() ? was : was.received(Math.addExact(was.deliveryCount(), 1))));
        }
        return BranchRecords.pinned(group, branch, type, received);
    }

    /** Ends a branch on a partition: its records become final or dead, or go back as the rules say. */
    static List<StateRecord> end(
            EndBranch request, PartitionBranches branches, Collection<Settling> groups, long nowMs) {
        List<StateRecord> records = new ArrayList<>();
        if (request.action() != Action.FORGET) {
            for (Settling group : groups) {
                records.addAll(settle(request, branches, group, AckType.ACCEPT, nowMs));
                records.addAll(settle(request, branches, group, AckType.REJECT, nowMs));
            }
        }
        State remembered = !request.heuristic() || request.action() == Action.FORGET
                ? null
                : request.action() == Action.COMMIT ? State.HEURISTICALLY_COMMITTED : State.HEURISTICALLY_ROLLED_BACK;
        records.add(BranchRecords.ended(request.branch(), remembered));
        return records;
    }

    private static List<StateRecord> settle(
            EndBranch request, PartitionBranches branches, Settling group, AckType type, long nowMs) {
        Holder holder = branches.holder(request.branch(), type);
        List<Span<Acquired>> pinned =
                group.engine().inFlight().where(acquired -> acquired.holder().equals(holder));
        if (pinned.isEmpty()) {
            return List.of();
        }
        return request.action() == Action.COMMIT
                ? Settlement.records(group.id(), group.rules(), type, pinned)
                : Settlement.fates(group.id(), group.rules(), nowMs, pinned);
    }
}
