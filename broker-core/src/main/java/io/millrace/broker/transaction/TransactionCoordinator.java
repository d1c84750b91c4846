// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.partition.KeyedShards;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way to the transactions: brings each command to the owner loop of its id's partition. A transactional id belongs to
 * partition {@code hash(id) % n} of {@link #TOPIC}, and the owner of that partition coordinates it. Safe for any thread;
 * answers complete on an owner loop. Commands fail with a {@link TransactionException}.
 *
 * <p>Coordinator, partitions and groups of one transaction have to be on one broker; anything else is refused.
 */
public final class TransactionCoordinator {
    /** The internal topic, created when a coordinator is first looked for. */
    public static final String TOPIC = ReservedNames.TRANSACTIONS_TOPIC;

    private final ProducerIds producerIds;
    private final Partitions partitions;
    private final GroupCoordinator groups;
    private final KeyedShards<TransactionShard> shards;
    private final TransactionMarkers markers;

    public TransactionCoordinator(
            int brokerId,
            TransactionConfig config,
            ProducerIds producerIds,
            Cluster cluster,
            Partitions partitions,
            Topics topics,
            GroupCoordinator groups) {
        this.producerIds = producerIds;
        this.partitions = partitions;
        this.groups = groups;
        this.shards = new KeyedShards<>(
                TOPIC,
                config.topicPartitions(),
                TransactionShard.class,
                brokerId,
                cluster,
                partitions,
                topics,
                new Refusals());
        this.markers = new TransactionMarkers(cluster, partitions, groups);
    }

    /** Writes the markers of this broker's transactions. */
    public TransactionMarkers markers() {
        return markers;
    }

    /** A producer id for an idempotent producer, which has no transactions. */
    public CompletableFuture<Long> newProducerId() {
        return producerIds.next();
    }

    /** The broker that coordinates a transactional id; creates {@link #TOPIC} where it does not exist. */
    public CompletableFuture<BrokerInfo> find(String id) {
        return shards.coordinatorOf(id);
    }

    /**
     * A producer begins to use the id; whoever used it before is fenced, its transaction aborted.
     *
     * @param timeoutMs how long a transaction may be undecided, milliseconds; bounded by transaction.max.timeout.ms
     * @param present who the producer has been, if it goes on after an error (KIP-360); else {@link ProducerIdentity#NONE}
     */
    public CompletableFuture<ProducerIdentity> init(String id, int timeoutMs, ProducerIdentity present) {
        return onShardOf(id, shard -> shard.init(id, timeoutMs, present));
    }

    /**
     * Makes partitions part of the producer's transaction, which begins with the first.
     *
     * @param version the protocol that the client speaks, 0 to 2
     */
    public CompletableFuture<Void> add(String id, ProducerIdentity producer, Set<PartitionId> added, int version) {
        TransactionException elsewhere = elsewhere(id, added);
        return elsewhere == null
                ? onShardOf(id, shard -> shard.add(id, producer, added, version))
                : CompletableFuture.failedFuture(elsewhere);
    }

    /** Makes a group's offsets part of the producer's transaction. */
    public CompletableFuture<Void> addGroup(String id, ProducerIdentity producer, String groupId, int version) {
        PartitionId partition = groups.partitionOf(groupId);
        return partition == null
                ? CompletableFuture.failedFuture(new TransactionException(
                        TransactionError.COORDINATOR_NOT_AVAILABLE,
                        "the coordinator of group " + groupId + " is not known yet: find it, then try again"))
                : add(id, producer, Set.of(partition), version);
    }

    /**
     * Whether the producer may write to a partition now: because its transaction has the partition, or gets it here as
     * clients of version 2 want it (KIP-890).
     */
    public CompletableFuture<Void> admit(String id, ProducerIdentity producer, PartitionId partition, int version) {
        return version >= Transaction.EPOCH_PER_TRANSACTION
                ? add(id, producer, Set.of(partition), version)
                : verify(id, producer, Set.of(partition)).thenAccept(verdicts -> check(id, verdicts));
    }

    /** As {@link #admit}, for the offsets of a group. */
    public CompletableFuture<Void> admitGroup(String id, ProducerIdentity producer, String groupId, int version) {
        PartitionId partition = groups.partitionOf(groupId);
        return partition == null
                ? CompletableFuture.failedFuture(new TransactionException(
                        TransactionError.NOT_COORDINATOR,
                        "this broker does not coordinate group " + groupId + ": find its coordinator"))
                : admit(id, producer, partition, version);
    }

    private static void check(String id, Map<PartitionId, TransactionError> verdicts) {
        verdicts.forEach((partition, verdict) -> {
            if (verdict != TransactionError.NONE) {
                throw new TransactionException(
                        verdict, partition + " is not part of the transaction of " + id + ": abort it");
            }
        });
    }

    /** Whether partitions belong to the producer's transaction (KIP-890); fails as a whole for a wrong producer. */
    public CompletableFuture<Map<PartitionId, TransactionError>> verify(
            String id, ProducerIdentity producer, Set<PartitionId> wanted) {
        return onShardOf(id, shard -> shard.verify(id, producer, wanted));
    }

    /**
     * Commits or aborts; completes with who the producer is from now on, when that is decided for good.
     *
     * @param version the protocol that the client speaks, 0 to 2
     */
    public CompletableFuture<ProducerIdentity> end(String id, ProducerIdentity producer, boolean commit, int version) {
        return onShardOf(id, shard -> shard.end(id, producer, commit, version));
    }

    public CompletableFuture<TransactionDescription> describe(String id) {
        return onShardOf(id, shard -> shard.describe(id));
    }

    /** The transactional ids this broker coordinates. Fails while one of their partitions is being recovered. */
    public CompletableFuture<List<TransactionDescription>> list() {
        return shards.listAll(TransactionShard::list);
    }

    /** Brokers do not speak to each other yet. */
    private @Nullable TransactionException elsewhere(String id, Set<PartitionId> wanted) {
        Set<PartitionId> others = new LinkedHashSet<>(wanted);
        others.removeIf(partition -> partitions.find(partition) != null);
        return others.isEmpty()
                ? null
                : new TransactionException(
                        TransactionError.INVALID_TXN_STATE,
                        "partitions " + others + " are not on the broker that coordinates transactional id " + id
                                + "; transactions over several brokers are not offered yet");
    }

    private <T extends @Nullable Object> CompletableFuture<T> onShardOf(
            String id, Function<TransactionShard, CompletableFuture<T>> command) {
        if (id.isEmpty()) {
            return CompletableFuture.failedFuture(new TransactionException(
                    TransactionError.INVALID_REQUEST, "the transactional id is empty: set transactional.id"));
        }
        return shards.ofKey(id, command);
    }

    private static final class Refusals implements KeyedShards.Refusals {
        @Override
        public RuntimeException notAvailable(String why) {
            return new TransactionException(TransactionError.COORDINATOR_NOT_AVAILABLE, why);
        }

        @Override
        public RuntimeException notCoordinator(String id) {
            return new TransactionException(
                    TransactionError.NOT_COORDINATOR,
                    "this broker does not coordinate transactional id " + id + ": find its coordinator");
        }

        @Override
        public RuntimeException loading(String partition) {
            return new TransactionException(
                    TransactionError.COORDINATOR_LOAD_IN_PROGRESS, partition + " is being recovered: try again");
        }
    }
}
