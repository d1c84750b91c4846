// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.storage.Urgency;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Deals the acknowledgements of a session out to the groups they belong to. Built and started on the link's loop. */
final class SettleWork {

    /** A group on a partition. */
    record Target(Partition partition, GroupKey key) {}

    private final LinkSession session;
    private final List<Acknowledgement> acks;
    private final Urgency urgency;
    private final Map<Target, List<Integer>> positions = new LinkedHashMap<>();
    private final ConcurrentLinkedQueue<Refusal> refusals = new ConcurrentLinkedQueue<>();

    private record Refusal(int position, Throwable cause) {}

    /** @param urgency whether somebody waits for the outcome */
    SettleWork(LinkSession session, List<Acknowledgement> acks, Urgency urgency) {
        this.urgency = urgency;
        this.session = session;
        this.acks = acks;
        for (int i = 0; i < acks.size(); i++) {
            Target target = target(session, acks.get(i));
            if (target == null) {
                refusals.add(new Refusal(i, stale(acks.get(i))));
            } else {
                positions.computeIfAbsent(target, any -> new ArrayList<>()).add(i);
            }
        }
    }

    /** Where an acknowledgement belongs; {@code null} when the session has no such consumer or partition. */
    static @Nullable Target target(LinkSession session, Acknowledgement ack) {
        if (ack.firstOffset() < 0 || ack.lastOffset() < ack.firstOffset() || ack.lastOffset() == Long.MAX_VALUE) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "An acknowledgement of consumer " + ack.consumerId() + " names offsets " + ack.firstOffset()
                            + " to " + ack.lastOffset() + ", which are not a range");
        }
        LinkConsumer consumer = session.find(ack.consumerId());
        Partition partition = consumer == null ? null : consumer.partition(ack.partition());
        return consumer == null || partition == null ? null : new Target(partition, consumer.key());
    }

    static DeliveryException stale(Acknowledgement ack) {
        return new DeliveryException(
                ErrorCode.STALE_LEASE,
                "Lease " + ack.lease() + " of consumer " + ack.consumerId() + " on partition " + ack.partition()
                        + " does not hold offsets " + ack.firstOffset() + " to " + ack.lastOffset()
                        + " any more; they went back and may be with another consumer");
    }

    /** Completes on an unspecified thread when what took effect is durable, at once when nobody waits; does not fail. */
    CompletableFuture<Settled> start() {
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        positions.forEach((target, at) -> {
            CompletableFuture<Void> settled = new CompletableFuture<>();
            calls.add(settled);
            Completions.whenDone(
                    Calls.on(target.partition()::execute, () -> settle(target, at)), (refused, failure) -> {
                        if (refused == null) {
                            Throwable cause = failure == null ? new IllegalStateException("no outcome") : failure;
                            at.forEach(position -> refusals.add(new Refusal(position, cause)));
                        } else {
                            refused.forEach(i -> refusals.add(new Refusal(at.get(i), stale(acks.get(at.get(i))))));
                        }
                        settled.complete(null);
                    });
        });
        return Calls.all(calls).thenApply(done -> outcome());
    }

    private CompletableFuture<List<Integer>> settle(Target target, List<Integer> at) {
        DeliveryMachine machine = DeliveryMachines.of(target.partition());
        DeliveryGroup group = machine.group(target.key());
        CompletableFuture<List<Integer>> refused =
                group.settle(session.holder(), at.stream().map(acks::get).toList(), urgency);
        machine.dropIfOver(group);
        return refused;
    }

    private Settled outcome() {
        List<Refusal> all = new ArrayList<>(refusals);
        all.sort((a, b) -> Integer.compare(a.position(), b.position()));
        List<Integer> refused = all.isEmpty()
                ? Collections.emptyList()
                : all.stream().map(Refusal::position).toList();
        return new Settled(refused, all.isEmpty() ? null : all.get(0).cause());
    }
}
