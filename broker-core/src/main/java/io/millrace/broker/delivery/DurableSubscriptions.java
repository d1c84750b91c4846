// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.time.BrokerClock;
import io.millrace.protocol.message.ErrorCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes, replaces and deletes durable subscriptions in the state of this broker's partitions. The caller lets only one of
 * these work on a name at a time. Safe for any thread.
 */
final class DurableSubscriptions {
    private static final long RECOVERY_WAIT_MS = 10_000;

    private final Partitions partitions;
    private final SubscriptionIndex index;
    private final BrokerClock clock;
    private final OwnerLoop timers;
    private final AtomicLong lastGeneration = new AtomicLong();

    DurableSubscriptions(Partitions partitions, SubscriptionIndex index, BrokerClock clock, OwnerLoop timers) {
        this.partitions = partitions;
        this.index = index;
        this.clock = clock;
        this.timers = timers;
    }

    /**
     * What is known of a name.
     *
     * @param spec what counts
     * @param at where it is
     * @param leftovers where an older one of the name is, which does not count
     */
    private record Known(SubscriptionSpec spec, Set<PartitionId> at, Set<PartitionId> leftovers) {
        UUID topicId() {
            return at.iterator().next().topicId();
        }
    }

    private @Nullable Known find(GroupKey key) {
        Map<PartitionId, SubscriptionSpec> found = new HashMap<>(index.find(key));
        found.keySet().removeIf(partition -> {
            boolean gone = partitions.find(partition) == null;
            if (gone) {
                index.clear(partition);
            }
            return gone;
        });
        Map.Entry<PartitionId, SubscriptionSpec> newest = found.entrySet().stream()
                .max(Comparator.comparingLong(entry -> entry.getValue().generation()))
                .orElse(null);
        if (newest == null) {
            return null;
        }
        Set<PartitionId> at = new HashSet<>();
        Set<PartitionId> leftovers = new HashSet<>();
        found.forEach((partition, spec) -> {
            boolean counts = spec.generation() == newest.getValue().generation()
                    && partition.topicId().equals(newest.getKey().topicId());
            (counts ? at : leftovers).add(partition);
        });
        return new Known(newest.getValue(), at, leftovers);
    }

    /**
     * Takes up the subscription that a consumer wants, or makes it, or puts it in place of another one of its name;
     * completes when that is durable. Fails with {@code IN_USE} when the name is one of the other kind, or when a message
     * that came through the one to be replaced is not settled.
     */
    CompletableFuture<Void> open(LinkConsumer consumer) {
        Known present = find(consumer.key());
        if (present != null && isThatOf(consumer, present)) {
            return resume(consumer, present);
        }
        return whenRecovered().thenCompose(recovered -> {
            Known known = find(consumer.key());
            if (known == null) {
                return make(consumer, fresh(consumer, 0), Set.of());
            } else if (isThatOf(consumer, known)) {
                return resume(consumer, known);
            } else if (known.spec.key().kind() != consumer.key().kind()) {
                throw ActiveSubscriptions.inUse(
                        consumer.key(),
                        "exists as "
                                + ActiveSubscriptions.describe(known.spec.key().kind()) + " and cannot be "
                                + ActiveSubscriptions.describe(consumer.key().kind()) + " as well");
            }
            Set<PartitionId> old = new HashSet<>(known.at);
            old.addAll(known.leftovers);
            return make(consumer, fresh(consumer, known.spec.generation()), old);
        });
    }

    private static boolean isThatOf(LinkConsumer consumer, Known known) {
        return known.topicId().equals(consumer.wish().topicId())
                && known.spec.isMadeAs(consumer.wish().spec());
    }

    private SubscriptionSpec fresh(LinkConsumer consumer, long after) {
        long least = Math.max(after + 1, clock.wallMs());
        long generation = lastGeneration.updateAndGet(last -> Math.max(last + 1, least));
        return consumer.wish().spec().withGeneration(generation);
    }

    /** On partitions that came later it starts at the earliest record. */
    private CompletableFuture<Void> resume(LinkConsumer consumer, Known known) {
        Map<PartitionId, Start> starts = new HashMap<>();
        for (Partition partition : consumer.partitions()) {
            if (!known.at.contains(partition.id())) {
                starts.put(partition.id(), Start.EARLIEST);
            }
        }
        return atomically(new SubscriptionChange(consumer.key(), known.leftovers, known.spec, starts));
    }

    /** @param removed where an old one goes */
    private CompletableFuture<Void> make(LinkConsumer consumer, SubscriptionSpec spec, Set<PartitionId> removed) {
        Map<PartitionId, Start> starts = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> found = new ArrayList<>();
        for (Partition partition : consumer.partitions()) {
            found.add(Start.of(partition, consumer.wish().startAtMs(), Start.LATEST)
                    .thenAccept(start -> starts.put(partition.id(), start)));
        }
        return Calls.all(found)
                .thenCompose(done -> atomically(new SubscriptionChange(consumer.key(), removed, spec, starts)));
    }

    private CompletableFuture<Void> atomically(SubscriptionChange change) {
        Set<PartitionId> touched = new TreeSet<>(change.removed());
        touched.addAll(change.starts().keySet());
        if (touched.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return partitions
                .atomically(touched, change)
                .thenAccept(durable -> change.starts().keySet().forEach(id -> confirm(id, change.key())));
    }

    private void confirm(PartitionId id, GroupKey key) {
        Partition partition = partitions.find(id);
        if (partition != null) {
            partition.execute(() -> {
                if (partition.isServing()) {
                    DeliveryMachines.of(partition).confirmCreated(key);
                }
            });
        }
    }

    /** Whether the name is a subscription of that kind on that topic, as far as the partitions that serve know. */
    boolean isOf(UUID topicId, GroupKey key) {
        Known known = find(key);
        return known != null
                && known.topicId().equals(topicId)
                && known.spec.key().kind() == key.kind();
    }

    /** Deletes it; completes when that is durable. */
    CompletableFuture<Void> delete(GroupKey key) {
        return whenRecovered().thenCompose(recovered -> {
            Known known = find(key);
            if (known == null) {
                throw new DeliveryException(
                        ErrorCode.INVALID_DESTINATION,
                        "There is no durable subscription \"" + key.subscription() + "\" of this client id");
            }
            Set<PartitionId> all = new HashSet<>(known.at);
            all.addAll(known.leftovers);
            return atomically(new SubscriptionChange(key, all, null, Map.of()));
        });
    }

    /**
     * Completes, without failure, when every partition serves, or after a while: before that nobody knows that a name is
     * free. Should it be found in a partition that was late, the one made last counts.
     */
    private CompletableFuture<Void> whenRecovered() {
        List<CompletableFuture<Partition>> opening = new ArrayList<>();
        for (Partition partition : partitions.all()) {
            if (!partition.isServing()) {
                opening.add(partition.whenServing());
            }
        }
        CompletableFuture<Void> recovered = new CompletableFuture<>();
        if (opening.isEmpty()) {
            recovered.complete(null);
        } else {
            OwnerLoop.Timer timer = timers.schedule(() -> recovered.complete(null), RECOVERY_WAIT_MS);
            Completions.whenDone(Calls.all(opening), (done, failure) -> {
                timer.cancel();
                recovered.complete(null);
            });
        }
        return recovered;
    }

    /** The subscriptions of a topic that some of its partitions here lack: those that the topic got later. */
    List<GroupKey> incomplete(UUID topicId) {
        List<GroupKey> found = new ArrayList<>();
        for (GroupKey key : index.ofTopic(topicId)) {
            Known known = find(key);
            if (known != null
                    && known.topicId().equals(topicId)
                    && !lacking(known).isEmpty()) {
                found.add(key);
            }
        }
        return found;
    }

    private Set<PartitionId> lacking(Known known) {
        Set<PartitionId> lacking = new HashSet<>();
        for (Partition partition : partitions.all()) {
            PartitionId id = partition.id();
            if (id.topicId().equals(known.topicId()) && !known.at.contains(id) && partition.isServing()) {
                lacking.add(id);
            }
        }
        return lacking;
    }

    /** Takes a subscription to the partitions that its topic got later, from their earliest record on. */
    CompletableFuture<Void> complete(GroupKey key) {
        Known known = find(key);
        if (known == null) {
            return CompletableFuture.completedFuture(null);
        }
        Map<PartitionId, Start> starts = new HashMap<>();
        lacking(known).forEach(partition -> starts.put(partition, Start.EARLIEST));
        return atomically(new SubscriptionChange(known.spec.key(), Set.of(), known.spec, starts));
    }
}
