// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.jms.SenderIdentity;
import io.millrace.protocol.message.Browse;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens and closes what consumers read through. Safe for any thread. */
final class Subscriptions {
    private static final Logger LOG = LoggerFactory.getLogger(Subscriptions.class);
    private static final int MAX_NAME_LENGTH = 1_024;

    private final Partitions partitions;
    private final DurableSubscriptions durable;
    private final ActiveSubscriptions active = new ActiveSubscriptions();
    private final Turns turns = new Turns();
    private final AtomicLong lastShared = new AtomicLong();

    Subscriptions(Partitions partitions, DurableSubscriptions durable) {
        this.partitions = partitions;
        this.durable = durable;
    }

    /** Checks a request; changes nothing. */
    LinkConsumer prepare(Holder holder, UUID incarnation, @Nullable String clientId, Subscribe request) {
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
        if (found.get(0).isTemporary() && isDurableTopicKind(request.kind())) {
            throw new DeliveryException(
                    ErrorCode.INVALID_DESTINATION,
                    "Topic " + topic.name() + " is temporary and cannot have a durable subscription");
        }
        checkRedelivery(request);
        String selector = selector(request);
        boolean noLocal = request.noLocal() && wanted == DestinationKind.TOPIC;
        GroupKey key = key(holder, clientId, request);
        return new LinkConsumer(
                holder,
                key,
                new ConsumerFilter(selector, noLocal ? SenderIdentity.of(incarnation, clientId) : null),
                found,
                new LinkConsumer.Wish(
                        topic.id(), new SubscriptionSpec(key, selector, noLocal, 0), request.startAtMs()));
    }

    private static void checkRedelivery(Subscribe request) {
        String fault = request.redelivery().fault();
        String letters = request.redelivery().deadLetterQueue();
        if (fault == null && request.destination().equals(letters)) {
            fault = "deadLetterQueue is the destination itself, " + letters;
        }
        if (fault == null
                && letters != null
                && (ReservedNames.isTemporary(letters) || ReservedNames.isInternalTopic(letters))) {
            fault = "deadLetterQueue " + letters + " has a reserved name";
        }
        if (fault != null) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "Consumer " + request.consumerId() + " of " + request.destination() + ": " + fault);
        }
    }

    private static boolean isDurableTopicKind(SubscriptionKind kind) {
        return kind == SubscriptionKind.DURABLE || kind == SubscriptionKind.SHARED_DURABLE;
    }

    /** A blank one selects everything, as none does (Jakarta Messaging 3.1, section 3.8.1.1). */
    private static @Nullable String selector(Subscribe request) {
        String selector = request.selector();
        return selector == null || selector.isBlank() ? null : selector;
    }

    private static GroupKey key(Holder holder, @Nullable String clientId, Subscribe request) {
        return switch (request.kind()) {
            case QUEUE -> GroupKey.ofQueue(request.destination());
            case NON_DURABLE -> new GroupKey(request.kind(), holder.link() + "-" + holder.consumer());
            case DURABLE -> {
                if (clientId == null) {
                    throw new DeliveryException(
                            ErrorCode.BAD_REQUEST,
                            "An unshared durable subscription needs a client id (Jakarta Messaging 3.1, section 8.3.3)");
                }
                yield GroupKey.ofSubscription(request.kind(), clientId, checkName(request.subscription()));
            }
            case SHARED_NON_DURABLE, SHARED_DURABLE ->
                GroupKey.ofSubscription(request.kind(), clientId, checkName(request.subscription()));
        };
    }

    private static String checkName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            throw new DeliveryException(
                    ErrorCode.INVALID_DESTINATION,
                    "A subscription's name has " + name.length() + " characters; 1 to " + MAX_NAME_LENGTH
                            + " are allowed");
        }
        return name;
    }

    /** A page of a queue browser. */
    CompletableFuture<Browse.Response> browse(Browse request, long nowMs) {
        return Browsing.page(partitions, request, nowMs);
    }

    /** Makes the group where there is none; completes when its start is fixed on every partition. */
    CompletableFuture<Void> open(LinkConsumer consumer) {
        String name = consumer.key().reservedName();
        return switch (consumer.key().kind()) {
            case QUEUE, NON_DURABLE -> openGroups(consumer);
            case SHARED_NON_DURABLE -> turns.take(name, () -> openShared(consumer));
            case DURABLE, SHARED_DURABLE -> turns.take(name, () -> openDurable(consumer));
        };
    }

    /** Each life of a shared non-durable subscription has groups of its own: nothing of an earlier one is seen again. */
    private CompletableFuture<Void> openShared(LinkConsumer consumer) {
        LinkConsumer.Wish wish = consumer.wish();
        SubscriptionSpec made =
                active.add(wish.topicId(), wish.spec().withGeneration(lastShared.incrementAndGet()), consumer.holder());
        consumer.readThrough(new GroupKey(made.key().kind(), made.key().name() + "#" + made.generation()));
        return openGroups(consumer);
    }

    private CompletableFuture<Void> openDurable(LinkConsumer consumer) {
        LinkConsumer.Wish wish = consumer.wish();
        active.add(wish.topicId(), wish.spec(), consumer.holder());
        return durable.open(consumer).thenCompose(opened -> join(consumer));
    }

    private static CompletableFuture<Void> join(LinkConsumer consumer) {
        List<CompletableFuture<Void>> joined = new ArrayList<>();
        for (Partition partition : consumer.partitions()) {
            joined.add(Calls.run(
                    partition::execute,
                    () -> DeliveryMachines.of(partition).group(consumer.key()).addMember(consumer.holder())));
        }
        return Calls.all(joined);
    }

    private static CompletableFuture<Void> openGroups(LinkConsumer consumer) {
        Start byDefault = consumer.key().kind() == SubscriptionKind.QUEUE ? Start.EARLIEST : Start.LATEST;
        List<CompletableFuture<Void>> opened = new ArrayList<>();
        for (Partition partition : consumer.partitions()) {
            opened.add(Calls.attempt(() -> Start.of(partition, consumer.wish().startAtMs(), byDefault))
                    .thenCompose(start -> Calls.on(partition::execute, () -> open(partition, consumer, start))));
        }
        return Calls.all(opened);
    }

    private static CompletableFuture<Void> open(Partition partition, LinkConsumer consumer, Start start) {
        DeliveryMachine machine = DeliveryMachines.of(partition);
        CompletableFuture<Void> ensured = machine.ensure(consumer.key(), start.offset(partition));
        machine.group(consumer.key()).addMember(consumer.holder());
        return ensured;
    }

    /** On the partition's loop: makes the queue's group, from the earliest record on. */
    static CompletableFuture<Void> ensureQueue(Partition partition, String topic) {
        return DeliveryMachines.of(partition).ensure(GroupKey.ofQueue(topic), partition.startOffset());
    }

    /** A partition serves; its topic's durable subscriptions go on there. */
    void onServing(Partition partition) {
        for (GroupKey key : durable.incomplete(partition.id().topicId())) {
            Completions.whenDone(turns.take(key.reservedName(), () -> durable.complete(key)), (done, failure) -> {
                if (failure != null) {
                    LOG.warn(
                            "The subscription {} was not taken to all partitions of {}; its next consumer does it: {}",
                            key.name(),
                            partition.id().topic(),
                            failure.toString());
                }
            });
        }
    }

    /** Deletes a durable subscription; see {@link io.millrace.protocol.message.Unsubscribe}. */
    CompletableFuture<Void> unsubscribe(@Nullable String clientId, String subscription) {
        GroupKey key = GroupKey.ofSubscription(SubscriptionKind.SHARED_DURABLE, clientId, subscription);
        return turns.take(key.reservedName(), () -> {
            if (active.contains(key)) {
                throw ActiveSubscriptions.inUse(key, "has a consumer and cannot be deleted; close that first");
            }
            return durable.delete(key);
        });
    }

    /** Deletes a durable subscription of a topic for an operator, as {@link #unsubscribe} does for its client. */
    CompletableFuture<Void> delete(TopicInfo topic, GroupKey key) {
        if (!isDurableTopicKind(key.kind())) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "Group " + key.name() + " is " + ActiveSubscriptions.describe(key.kind())
                            + "; only durable subscriptions are deleted, the others end with their consumers or their"
                            + " destination"));
        }
        return turns.take(key.reservedName(), () -> {
            if (!durable.isOf(topic.id(), key)) {
                throw new DeliveryException(
                        ErrorCode.INVALID_DESTINATION,
                        "Destination " + topic.name() + " has no group " + key.name() + " of kind " + key.kind());
            } else if (active.contains(key)) {
                throw ActiveSubscriptions.inUse(key, "has a consumer and cannot be deleted; close that first");
            }
            return durable.delete(key);
        });
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
        return Calls.all(closed).thenApply(done -> {
            onClosed(consumer);
            return holds.get();
        });
    }

    /** The consumer reads no more: its place in its subscription is free. Idempotent. */
    void onClosed(LinkConsumer consumer) {
        active.remove(consumer.wish().spec().key(), consumer.holder());
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
