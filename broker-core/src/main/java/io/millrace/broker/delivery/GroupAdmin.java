// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListGroups;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.ManageGroup.Action;
import io.millrace.protocol.message.SubscriptionKind;
import io.millrace.protocol.record.RecordView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** What operators see of queues and subscriptions and do with them, on this broker. Safe for any thread. */
public final class GroupAdmin {
    private final Partitions partitions;
    private final DeadLetters letters;
    private final Subscriptions subscriptions;

    GroupAdmin(Partitions partitions, DeadLetters letters, Subscriptions subscriptions) {
        this.partitions = partitions;
        this.letters = letters;
        this.subscriptions = subscriptions;
    }

    /** The groups of a destination, or of all for an empty name, by destination, group and partition. */
    public CompletableFuture<List<ListGroups.Group>> list(ListGroups request) {
        List<CompletableFuture<List<ListGroups.Group>>> parts = new ArrayList<>();
        List<Partition> all = new ArrayList<>(partitions.all());
        for (Partition partition : all) {
            boolean wanted = request.destination().isEmpty()
                    || request.destination().equals(partition.id().topic());
            if (wanted && partition.isServing() && DeliveryMachines.isIn(partition)) {
                parts.add(Calls.on(partition::execute, () -> list(partition)));
            }
        }
        return Calls.all(parts).thenApply(done -> {
            List<ListGroups.Group> groups = new ArrayList<>();
            parts.forEach(part -> groups.addAll(part.join()));
            groups.sort(Comparator.comparing(ListGroups.Group::destination)
                    .thenComparing(ListGroups.Group::kind)
                    .thenComparing(ListGroups.Group::name)
                    .thenComparingInt(ListGroups.Group::partition));
            return groups;
        });
    }

    private static CompletableFuture<List<ListGroups.Group>> list(Partition partition) {
        List<CompletableFuture<ListGroups.Group>> described = new ArrayList<>();
        for (DeliveryGroup group : DeliveryMachines.of(partition).groups()) {
            described.add(describe(partition, group));
        }
        return Calls.all(described)
                .thenApply(
                        done -> described.stream().map(CompletableFuture::join).toList());
    }

    private static CompletableFuture<ListGroups.Group> describe(Partition partition, DeliveryGroup group) {
        GroupPartition engine = group.engine();
        long low = Math.max(engine.lowWatermark(), partition.startOffset());
        long end = partition.lastStableOffset();
        ListGroups.Group found = new ListGroups.Group(
                partition.id().topic(),
                group.key().kind(),
                group.key().name(),
                partition.id().partition(),
                Math.max(0, end - low - engine.finals().countAbove()),
                engine.inFlight().count(),
                engine.delays().count(),
                engine.doomed().size(),
                group.memberCount(),
                group.isPaused(),
                -1);
        if (low >= end) {
            return CompletableFuture.completedFuture(found);
        }
        AtomicLong oldestMs = new AtomicLong(-1);
        return RecordsByOffset.read(
                        partition, List.of(new OffsetRange(low, low)), 1, record -> oldestMs.set(record.timestampMs()))
                .handle((to, failure) -> withOldest(found, oldestMs.get()));
    }

    private static ListGroups.Group withOldest(ListGroups.Group group, long oldestMs) {
        return new ListGroups.Group(
                group.destination(),
                group.kind(),
                group.name(),
                group.partition(),
                group.depth(),
                group.inFlight(),
                group.delayed(),
                group.dead(),
                group.consumers(),
                group.paused(),
                oldestMs);
    }

    /**
     * Does what an operator asks for; completes when it is durable on all partitions, with how many messages it
     * concerned. Fails with {@code INVALID_DESTINATION} when there is no such destination or group here.
     */
    public CompletableFuture<Long> manage(ManageGroup request) {
        TopicInfo topic = partitions.destination(request.destination());
        if (topic == null) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.INVALID_DESTINATION, "There is no destination " + request.destination()));
        }
        if (request.kind() == SubscriptionKind.QUEUE) {
            if (!request.name().equals(topic.name())) {
                return CompletableFuture.failedFuture(new DeliveryException(
                        ErrorCode.BAD_REQUEST,
                        "Queue " + topic.name() + " has no group of the name " + request.name()));
            }
            try {
                JmsKind.check(topic, DestinationKind.QUEUE);
            } catch (DeliveryException wrongKind) {
                return CompletableFuture.failedFuture(wrongKind);
            }
        }
        if (request.action() == Action.MOVE && request.target().equals(request.destination())) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "The messages of " + request.destination() + " cannot be moved to itself; name another queue"));
        }
        GroupKey key = new GroupKey(request.kind(), request.name());
        if (request.action() == Action.DELETE) {
            return subscriptions.delete(topic, key).thenApply(done -> 0L);
        }
        List<CompletableFuture<Long>> done = new ArrayList<>();
        for (int i = 0; i < topic.partitions().size(); i++) {
            Partition partition = partitions.find(new PartitionId(topic.id(), topic.name(), i));
            if (partition != null && partition.isServing()) {
                done.add(Calls.on(partition::execute, () -> manage(partition, key, request)));
            }
        }
        if (done.isEmpty()) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.NOT_LEADER, "No partition of " + topic.name() + " is served by this broker now"));
        }
        return Calls.all(done)
                .thenApply(
                        all -> done.stream().mapToLong(CompletableFuture::join).sum());
    }

    private CompletableFuture<Long> manage(Partition partition, GroupKey key, ManageGroup request) {
        DeliveryGroup group = DeliveryMachines.of(partition).find(key);
        if (group == null && key.kind() == SubscriptionKind.QUEUE && request.action() != Action.RESET) {
            return Subscriptions.ensureQueue(partition, key.name())
                    .thenCompose(made -> Calls.on(partition::execute, () -> act(partition, key, request)));
        }
        return act(partition, key, request);
    }

    private CompletableFuture<Long> act(Partition partition, GroupKey key, ManageGroup request) {
        DeliveryGroup group = DeliveryMachines.of(partition).find(key);
        if (group == null) {
            throw new DeliveryException(
                    ErrorCode.INVALID_DESTINATION,
                    "Destination " + request.destination() + " has no group " + key.name() + " of kind " + key.kind());
        }
        return switch (request.action()) {
            case PAUSE -> group.pause(true).thenApply(done -> 0L);
            case RESUME -> group.pause(false).thenApply(done -> 0L);
            case PURGE -> group.purge();
            case MOVE -> new MoveWork(partition, group, letters, record -> request.target(), false).start();
            case RETRY -> new MoveWork(partition, group, letters, GroupAdmin::originOf, true).start();
            case RESET -> reset(partition, key, request.startAtMs());
            case DELETE -> throw new IllegalStateException("a group is deleted on all partitions at once");
        };
    }

    /** Where a dead letter came from; {@code ""} for none, and for a subscription's: its topic would send it to all. */
    private static String originOf(RecordView record) {
        String destination = DeadLetter.text(record, DeadLetter.DESTINATION);
        return destination == null || DeadLetter.text(record, DeadLetter.SUBSCRIPTION) != null ? "" : destination;
    }

    private static CompletableFuture<Long> reset(DeliveryGroup group, long startOffset) {
        if (group.engine().inFlight().pinned() > 0) {
            throw new DeliveryException(
                    ErrorCode.IN_USE,
                    "Group " + group.key().name() + " has "
                            + group.engine().inFlight().pinned()
                            + " messages in prepared transaction branches; end these first (./millrace tx list)");
        }
        return group.reset(startOffset).thenApply(done -> 0L);
    }

    private static CompletableFuture<Long> reset(Partition partition, GroupKey key, long startAtMs) {
        CompletableFuture<Long> start;
        if (startAtMs == ManageGroup.EARLIEST) {
            start = CompletableFuture.completedFuture(partition.startOffset());
        } else if (startAtMs == ManageGroup.LATEST) {
            start = CompletableFuture.completedFuture(partition.stableEnd());
        } else if (startAtMs >= 0) {
            start = partition
                    .offsetForTimestamp(startAtMs)
                    .thenApply(found -> found.isPresent() ? found.get().offset() : partition.highWatermark());
        } else {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "A group cannot be reset to time " + startAtMs + "; give milliseconds since the epoch");
        }
        return start.thenCompose(offset -> Calls.on(
                partition::execute, () -> reset(DeliveryMachines.of(partition).group(key), offset)));
    }
}
