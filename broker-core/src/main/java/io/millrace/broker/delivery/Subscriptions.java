// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens and closes what consumers read through. Stateless; safe for any thread. */
final class Subscriptions {
    private final Partitions partitions;

    Subscriptions(Partitions partitions) {
        this.partitions = partitions;
    }

    /** Checks a request; changes nothing. */
    LinkConsumer prepare(Holder holder, @Nullable String clientId, Subscribe request) {
        refuseUnsupported(request);
        TopicInfo topic = partitions.destination(request.destination());
        if (topic == null) {
            throw new DeliveryException(
                    ErrorCode.INVALID_DESTINATION,
                    "There is no destination " + request.destination() + "; open it first");
        }
        DestinationKind wanted =
                request.kind() == SubscriptionKind.QUEUE ? DestinationKind.QUEUE : DestinationKind.TOPIC;
        JmsKind.check(topic, wanted);
        if (request.partitions().isEmpty()
                || new HashSet<>(request.partitions()).size()
                        != request.partitions().size()) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "Consumer " + request.consumerId() + " names no partition of " + request.destination()
                            + " or one twice");
        }
        List<Partition> found = new ArrayList<>();
        for (int index : request.partitions()) {
            found.add(partitions.get(topic, index));
        }
        return new LinkConsumer(holder, key(holder, clientId, request), new ConsumerFilter(request.selector(), null), found);
    }

    private static void refuseUnsupported(Subscribe request) {
        String feature = null;
        if (request.noLocal() && request.kind() != SubscriptionKind.QUEUE) {
            feature = "noLocal";
        } else if (request.kind() == SubscriptionKind.DURABLE || request.kind() == SubscriptionKind.SHARED_DURABLE) {
            feature = "durable subscriptions";
        }
        if (feature != null) {
            throw new DeliveryException(
                    ErrorCode.UNSUPPORTED_FEATURE,
                    "This broker does not support " + feature + " yet, which the consumer of " + request.destination()
                            + " asks for");
        }
    }

    private static GroupKey key(Holder holder, @Nullable String clientId, Subscribe request) {
        String owner = clientId == null ? "" : clientId;
        return switch (request.kind()) {
            case QUEUE -> GroupKey.ofQueue(request.destination());
            case NON_DURABLE -> new GroupKey(request.kind(), holder.link() + "-" + holder.consumer());
            case SHARED_NON_DURABLE, DURABLE, SHARED_DURABLE ->
                new GroupKey(request.kind(), owner + "/" + request.subscription());
        };
    }

    /** Makes the group where there is none; completes when its start is fixed on every partition. */
    CompletableFuture<Void> open(LinkConsumer consumer) {
        List<CompletableFuture<Void>> opened = new ArrayList<>();
        for (Partition partition : consumer.partitions()) {
            opened.add(Calls.on(partition::execute, () -> open(partition, consumer)));
        }
        return Calls.all(opened);
    }

    private static CompletableFuture<Void> open(Partition partition, LinkConsumer consumer) {
        CompletableFuture<Void> ensured = ensure(partition, consumer.key());
        DeliveryMachines.of(partition).group(consumer.key()).addMember(consumer.holder());
        return ensured;
    }

    /** On the partition's loop: a queue starts at the earliest record, all else at the end. */
    static CompletableFuture<Void> ensure(Partition partition, GroupKey key) {
        long start = key.kind() == SubscriptionKind.QUEUE ? partition.startOffset() : partition.nextOffset();
        return DeliveryMachines.of(partition).ensure(key, start);
    }

    /** Returns what the consumer buffered; answers whether its session still holds received records. Does not fail. */
    CompletableFuture<Boolean> close(LinkConsumer consumer) {
        AtomicBoolean holds = new AtomicBoolean();
        List<CompletableFuture<Void>> closed = new ArrayList<>();
        for (Partition partition : consumer.partitions()) {
            closed.add(Calls.run(
                    partition::execute,
                    () -> with(partition, consumer.key(), group -> {
                        if (group.closeMember(consumer.holder())) {
                            holds.set(true);
                        }
                    })));
        }
        return Calls.all(closed).thenApply(done -> holds.get());
    }

    /** On the partition's loop: lets {@code action} have the group, if it still is there. */
    static void with(Partition partition, GroupKey key, Consumer<DeliveryGroup> action) {
        if (!partition.isServing()) {
            return;
        }
        DeliveryMachine machine = DeliveryMachines.of(partition);
        DeliveryGroup group = machine.find(key);
        if (group != null) {
            action.accept(group);
            machine.dropIfOver(group);
        }
    }
}
