// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.GroupConfigKeys;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Cancellation;
import io.millrace.broker.partition.GroupConfigs;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to the share groups on this broker's partitions: brings each command to the partition's owner loop. Safe for
 * any thread; answers complete on an unspecified one. Fails with {@link BrokerException} where the partition is not
 * served here, with {@link ShareException} where the member may not do what it asks.
 */
public final class SharePartitions {
    private final Partitions partitions;
    private final GroupConfigs configs;

    public SharePartitions(Partitions partitions, GroupConfigs configs) {
        this.partitions = partitions;
        this.configs = configs;
    }

    /** How long a record that is acquired now is the member's own, milliseconds. */
    public int lockDurationMs(String groupId) {
        return configs.of(groupId).get(GroupConfigKeys.SHARE_RECORD_LOCK_DURATION_MS);
    }

    /** The partition, served by this broker. Fails with a {@link BrokerException}. */
    public Partition partition(UUID topicId, int index) {
        Partition partition = partitions.get(topicId, index);
        if (ReservedNames.isInternalTopic(partition.id().topic())) {
            throw new BrokerException(
                    Code.UNKNOWN_TOPIC, "Topic " + partition.id().topic() + " is the broker's own; no group shares it");
        }
        return partition;
    }

    /** Acquires what is there now, of a group that starts here when it is new. */
    public CompletableFuture<ShareAcquired> acquire(Partition partition, ShareFetch fetch) {
        return on(partition, () -> {
            ShareMachine machine = partition.machine(ShareMachine.class);
            SharePartition known = machine.find(fetch.groupId());
            return known != null
                    ? known.acquire(fetch)
                    : machine.open(fetch.groupId())
                            .thenCompose(opened -> Calls.on(partition::execute, () -> opened.acquire(fetch)));
        });
    }

    /** How many bytes a fetch could have now, counted up to {@code enough}; a new group starts here. */
    public CompletableFuture<Integer> availableBytes(Partition partition, String groupId, int enough) {
        return on(partition, () -> {
            ShareMachine machine = partition.machine(ShareMachine.class);
            SharePartition known = machine.find(groupId);
            return known != null
                    ? known.availableBytes(enough)
                    : machine.open(groupId)
                            .thenCompose(opened -> Calls.on(partition::execute, () -> opened.availableBytes(enough)));
        });
    }

    /** Settles all of what a member acknowledges or nothing of it; completes when it is durable. */
    public CompletableFuture<Void> acknowledge(Partition partition, String groupId, UUID member, List<ShareAck> acks) {
        return on(partition, () -> {
            SharePartition known = partition.machine(ShareMachine.class).find(groupId);
            if (known == null) {
                throw new BrokerException(
                        Code.UNKNOWN_TOPIC,
                        "Group " + groupId + " has read nothing of " + partition.id() + " that could be acknowledged");
            }
            return known.acknowledge(member, acks);
        });
    }

    /** What a member holds goes back; completes when it is durable that it was delivered once more. */
    public CompletableFuture<Void> release(Partition partition, String groupId, UUID member) {
        return on(partition, () -> {
            SharePartition known = partition.machine(ShareMachine.class).find(groupId);
            return known == null ? CompletableFuture.<Void>completedFuture(null) : known.release(member);
        });
    }

    /** Runs {@code listener}, once or not at all, when there may be something to acquire. It only enqueues. */
    public Cancellation await(Partition partition, String groupId, Runnable listener) {
        partition.execute(() -> {
            SharePartition known = find(partition, groupId);
            if (known == null) {
                listener.run();
            } else {
                known.await(listener);
            }
        });
        return () -> partition.execute(() -> {
            SharePartition known = find(partition, groupId);
            if (known != null) {
                known.cancel(listener);
            }
        });
    }

    private static @Nullable SharePartition find(Partition partition, String groupId) {
        return partition.isServing() ? partition.machine(ShareMachine.class).find(groupId) : null;
    }

    // Administration

    /** Where a group stands on a partition; offset -1 where it never read. */
    public CompletableFuture<ShareOffset> describe(String groupId, TopicInfo topic, int index) {
        Partition partition = partitions.get(topic, index);
        return on(partition, () -> {
            SharePartition known = partition.machine(ShareMachine.class).find(groupId);
            return CompletableFuture.completedFuture(known == null ? new ShareOffset(-1, 0, -1) : known.offset());
        });
    }

    /** The partitions of this broker on which a group stands somewhere, by topic. */
    public CompletableFuture<SortedMap<String, List<Integer>>> known(String groupId) {
        List<CompletableFuture<@Nullable PartitionId>> looks = new ArrayList<>();
        for (Partition partition : partitions.all()) {
            looks.add(on(partition, () -> {
                        SharePartition known = isShared(partition) ? find(partition, groupId) : null;
                        return CompletableFuture.<@Nullable PartitionId>completedFuture(
                                known == null ? null : partition.id());
                    })
                    .exceptionally(notServed -> null));
        }
        return Calls.all(looks).thenApply(done -> {
            SortedMap<String, List<Integer>> found = new TreeMap<>();
            for (CompletableFuture<@Nullable PartitionId> look : looks) {
                PartitionId id = look.join();
                if (id != null) {
                    found.computeIfAbsent(id.topic(), topic -> new ArrayList<>())
                            .add(id.partition());
                }
            }
            found.values().forEach(list -> list.sort(Integer::compare));
            return found;
        });
    }

    /** Sets where a group stands on a partition, made where there is none; completes when it is durable. */
    public CompletableFuture<Void> alter(String groupId, TopicInfo topic, int index, long startOffset) {
        Partition partition = partitions.get(topic, index);
        return on(partition, () -> partition.machine(ShareMachine.class).reset(groupId, startOffset));
    }

    /** Forgets a group on all partitions of a topic; completes with whether it stood somewhere. */
    public CompletableFuture<Boolean> delete(String groupId, TopicInfo topic) {
        List<CompletableFuture<Boolean>> removed = new ArrayList<>();
        for (int index = 0; index < topic.partitions().size(); index++) {
            Partition partition = partitions.get(topic, index);
            removed.add(
                    on(partition, () -> partition.machine(ShareMachine.class).remove(groupId)));
        }
        return Calls.all(removed).thenApply(done -> removed.stream().anyMatch(CompletableFuture::join));
    }

    /** Forgets a group on all partitions of this broker. */
    public CompletableFuture<Void> deleteAll(String groupId) {
        List<CompletableFuture<Boolean>> removed = new ArrayList<>();
        for (Partition partition : partitions.all()) {
            if (isShared(partition)) {
                removed.add(on(
                        partition, () -> partition.machine(ShareMachine.class).remove(groupId)));
            }
        }
        return Calls.all(removed);
    }

    private static boolean isShared(Partition partition) {
        return !ReservedNames.isInternalTopic(partition.id().topic());
    }

    private static <T> CompletableFuture<T> on(Partition partition, Supplier<CompletableFuture<T>> command) {
        return Calls.on(partition::execute, command);
    }
}
