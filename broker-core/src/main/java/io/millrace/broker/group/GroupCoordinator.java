// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.partition.KeyedShards;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to the groups: brings each command to the owner loop of its group's partition. A group belongs to partition
 * {@code hash(group id) % n} of {@link #TOPIC}, and the owner of that partition coordinates it. Safe for any thread;
 * answers complete on an owner loop. Commands fail with a {@link GroupException} where their group is not served here.
 */
public final class GroupCoordinator {
    /** The internal topic, created when a coordinator is first looked for. */
    public static final String TOPIC = ReservedNames.GROUPS_TOPIC;

    private final Cluster cluster;
    private final KeyedShards<GroupShard> shards;

    /** @param topicPartitions how many partitions {@link #TOPIC} gets when it is created, at least 1 */
    public GroupCoordinator(int brokerId, int topicPartitions, Cluster cluster, Partitions partitions, Topics topics) {
        this.cluster = cluster;
        this.shards = new KeyedShards<>(
                TOPIC, topicPartitions, GroupShard.class, brokerId, cluster, partitions, topics, new Refusals());
    }

    /** Begins to follow the cluster's topics; call once, after registration. */
    public void start() {
        cluster.addListener(view -> shards.here().forEach(GroupCoordinator::onTopicsChanged));
    }

    /** The broker that coordinates a group; creates {@link #TOPIC} where it does not exist. */
    public CompletableFuture<BrokerInfo> find(String groupId) {
        if (isReserved(groupId)) {
            return CompletableFuture.failedFuture(reserved(groupId));
        }
        return shards.coordinatorOf(groupId);
    }

    public CompletableFuture<JoinResult> join(String groupId, JoinRequest request) {
        return onShardOf(groupId, shard -> shard.members().join(groupId, request));
    }

    public CompletableFuture<SyncResult> sync(String groupId, SyncRequest request) {
        return onShardOf(groupId, shard -> shard.members().sync(groupId, request));
    }

    public CompletableFuture<GroupError> heartbeat(String groupId, MemberIdentity who, int generation) {
        return onShardOf(groupId, shard -> shard.members().heartbeat(groupId, who, generation));
    }

    /** One result for each member, in order. */
    public CompletableFuture<List<GroupError>> leave(String groupId, List<MemberIdentity> leavers) {
        return onShardOf(groupId, shard -> shard.members().leave(groupId, leavers));
    }

    /** Of a group whose assignment the broker makes (KIP-848). */
    public CompletableFuture<ConsumerHeartbeatResult> consumerHeartbeat(String groupId, ConsumerHeartbeat request) {
        return onShardOf(groupId, shard -> shard.members().consumerHeartbeat(groupId, request));
    }

    /** Of a share group (KIP-932). */
    public CompletableFuture<ShareHeartbeatResult> shareHeartbeat(String groupId, ShareHeartbeat request) {
        return onShardOf(groupId, shard -> shard.members().shareHeartbeat(groupId, request));
    }

    public CompletableFuture<ShareGroupDescription> describeShareGroup(String groupId) {
        return onShardOf(groupId, shard -> shard.administration().describeShareGroup(groupId));
    }

    /**
     * Whether an administrator may change where a share group stands: only while it has no members. Durable when it
     * completes.
     *
     * @param create whether a group that does not exist is made
     */
    public CompletableFuture<GroupError> prepareShareGroupChange(String groupId, boolean create) {
        return onShardOf(groupId, shard -> shard.administration().prepareShareGroupChange(groupId, create));
    }

    /** One result for each offset, in order; answered when all that were accepted are durable. */
    public CompletableFuture<List<GroupError>> commit(String groupId, CommitRequest request) {
        return onShardOf(groupId, shard -> shard.offsets().commit(groupId, request));
    }

    /**
     * All committed offsets of a group; none for one that does not exist.
     *
     * @param epoch the member's, or below 0 when a stranger asks
     */
    public CompletableFuture<Map<OffsetKey, CommittedOffset>> offsets(String groupId, MemberIdentity who, int epoch) {
        return onShardOf(groupId, shard -> shard.offsets().committed(groupId, who, epoch));
    }

    /** As {@link #offsets}, with the partitions of which an undecided transaction has a later one. */
    public CompletableFuture<StableOffsets> stableOffsets(String groupId, MemberIdentity who, int epoch) {
        return onShardOf(groupId, shard -> shard.offsets().stable(groupId, who, epoch));
    }

    /**
     * As {@link #commit}, within a transaction of a producer: the offsets count when that is committed.
     *
     * @param admit asks the transaction's coordinator; its failure is the commit's
     */
    public CompletableFuture<List<GroupError>> commitPending(
            String groupId, long producerId, CommitRequest request, Supplier<CompletableFuture<Void>> admit) {
        return onShardOf(
                        groupId,
                        shard -> CompletableFuture.completedFuture(
                                shard.offsets().ticket(producerId)))
                .thenCompose(ticket -> admit.get()
                        .thenCompose(admitted -> onShardOf(
                                groupId,
                                shard -> shard.offsets().commitPending(groupId, producerId, ticket, request))));
    }

    /**
     * A producer's transaction was decided: its offsets of the groups in a partition of {@link #TOPIC} count, or are
     * dropped. Completes when that is durable.
     */
    public CompletableFuture<Void> endTransaction(PartitionId id, long producerId, boolean commit) {
        return shards.of(id, shard -> shard.offsets().endTransaction(producerId, commit));
    }

    /** The partition of {@link #TOPIC} that a group belongs to; {@code null} while there is none. */
    public @Nullable PartitionId partitionOf(String groupId) {
        return shards.partitionOf(groupId);
    }

    /** One result for each partition, in order; fails where no offset of the group may be deleted. */
    public CompletableFuture<List<GroupError>> deleteOffsets(String groupId, List<OffsetKey> keys) {
        return onShardOf(groupId, shard -> shard.offsets().delete(groupId, keys));
    }

    public CompletableFuture<GroupDescription> describe(String groupId) {
        return onShardOf(groupId, shard -> shard.administration().describe(groupId));
    }

    public CompletableFuture<ConsumerGroupDescription> describeConsumerGroup(String groupId) {
        return onShardOf(groupId, shard -> shard.administration().describeConsumerGroup(groupId));
    }

    public CompletableFuture<GroupError> delete(String groupId) {
        return onShardOf(groupId, shard -> shard.administration().delete(groupId));
    }

    /** The groups this broker coordinates. Fails while one of their partitions is being recovered. */
    public CompletableFuture<List<GroupListing>> list() {
        return shards.listAll(shard -> shard.administration().list());
    }

    private static void onTopicsChanged(Partition partition) {
        partition.execute(() -> {
            if (partition.isServing()) {
                partition.machine(GroupShard.class).onTopicsChanged();
            }
        });
    }

    private <T extends @Nullable Object> CompletableFuture<T> onShardOf(
            String groupId, Function<GroupShard, CompletableFuture<T>> command) {
        if (isReserved(groupId)) {
            return CompletableFuture.failedFuture(reserved(groupId));
        }
        return shards.ofKey(groupId, command);
    }

    private static boolean isReserved(String groupId) {
        return groupId.startsWith(ReservedNames.JMS_GROUP_PREFIX);
    }

    private static GroupException reserved(String groupId) {
        return new GroupException(
                GroupError.INVALID_GROUP_ID,
                "group id " + groupId + " starts with " + ReservedNames.JMS_GROUP_PREFIX
                        + ", which is kept for JMS: choose another");
    }

    private static final class Refusals implements KeyedShards.Refusals {
        @Override
        public RuntimeException notAvailable(String why) {
            return new GroupException(GroupError.COORDINATOR_NOT_AVAILABLE, why);
        }

        @Override
        public RuntimeException notCoordinator(String groupId) {
            return new GroupException(
                    GroupError.NOT_COORDINATOR,
                    "this broker does not coordinate group " + groupId + ": find its coordinator");
        }

        @Override
        public RuntimeException loading(String partition) {
            return new GroupException(
                    GroupError.COORDINATOR_LOAD_IN_PROGRESS, partition + " is being recovered: try again");
        }
    }
}
