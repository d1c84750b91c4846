// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to the groups: brings each command to the owner loop of its group's partition. A group belongs to partition
 * {@code hash(group id) % n} of {@link #TOPIC}, and the owner of that partition coordinates it. Safe for any thread;
 * answers complete on an owner loop. Commands fail with a {@link GroupException} where their group is not served here.
 */
public final class GroupCoordinator {
    /** The internal topic, created when a coordinator is first looked for. */
    public static final String TOPIC = ReservedNames.GROUPS_TOPIC;

    private static final Logger LOG = LoggerFactory.getLogger(GroupCoordinator.class);

    private final int brokerId;
    private final int topicPartitions;
    private final Cluster cluster;
    private final Partitions partitions;
    private final Topics topics;

    /** @param topicPartitions how many partitions {@link #TOPIC} gets when it is created, at least 1 */
    public GroupCoordinator(int brokerId, int topicPartitions, Cluster cluster, Partitions partitions, Topics topics) {
        this.brokerId = brokerId;
        this.topicPartitions = topicPartitions;
        this.cluster = cluster;
        this.partitions = partitions;
        this.topics = topics;
    }

    /** Begins to follow the cluster's topics; call once, after registration. */
    public void start() {
        cluster.addListener(view -> shards().forEach(this::onTopicsChanged));
    }

    /** The broker that coordinates a group; creates {@link #TOPIC} where it does not exist. */
    public CompletableFuture<BrokerInfo> find(String groupId) {
        if (isReserved(groupId)) {
            return CompletableFuture.failedFuture(reserved(groupId));
        }
        return topic().thenApply(topic -> {
            int owner = topic.partitions().get(partitionOf(groupId, topic)).owner();
            BrokerInfo broker = cluster.view().brokers().get(owner);
            if (broker == null) {
                throw new GroupException(
                        GroupError.COORDINATOR_NOT_AVAILABLE,
                        "broker " + owner + ", which coordinates group " + groupId + ", is not up: try again");
            }
            return broker;
        });
    }

    public CompletableFuture<JoinResult> join(String groupId, JoinRequest request) {
        return onShardOf(groupId, shard -> shard.join(groupId, request));
    }

    public CompletableFuture<SyncResult> sync(String groupId, SyncRequest request) {
        return onShardOf(groupId, shard -> shard.sync(groupId, request));
    }

    public CompletableFuture<GroupError> heartbeat(String groupId, MemberIdentity who, int generation) {
        return onShardOf(groupId, shard -> shard.heartbeat(groupId, who, generation));
    }

    /** One result for each member, in order. */
    public CompletableFuture<List<GroupError>> leave(String groupId, List<MemberIdentity> leavers) {
        return onShardOf(groupId, shard -> shard.leave(groupId, leavers));
    }

    /** Of a group whose assignment the broker makes (KIP-848). */
    public CompletableFuture<ConsumerHeartbeatResult> consumerHeartbeat(String groupId, ConsumerHeartbeat request) {
        return onShardOf(groupId, shard -> shard.consumerHeartbeat(groupId, request));
    }

    /** Of a share group (KIP-932). */
    public CompletableFuture<ShareHeartbeatResult> shareHeartbeat(String groupId, ShareHeartbeat request) {
        return onShardOf(groupId, shard -> shard.shareHeartbeat(groupId, request));
    }

    public CompletableFuture<ShareGroupDescription> describeShareGroup(String groupId) {
        return onShardOf(groupId, shard -> shard.describeShareGroup(groupId));
    }

    /**
     * Whether an administrator may change where a share group stands: only while it has no members. Durable when it
     * completes.
     *
     * @param create whether a group that does not exist is made
     */
    public CompletableFuture<GroupError> prepareShareGroupChange(String groupId, boolean create) {
        return onShardOf(groupId, shard -> shard.prepareShareGroupChange(groupId, create));
    }

    /** One result for each offset, in order; answered when all that were accepted are durable. */
    public CompletableFuture<List<GroupError>> commit(String groupId, CommitRequest request) {
        return onShardOf(groupId, shard -> shard.commit(groupId, request));
    }

    /**
     * All committed offsets of a group; none for one that does not exist.
     *
     * @param epoch the member's, or below 0 when a stranger asks
     */
    public CompletableFuture<Map<OffsetKey, CommittedOffset>> offsets(String groupId, MemberIdentity who, int epoch) {
        return onShardOf(groupId, shard -> shard.offsets(groupId, who, epoch));
    }

    /** As {@link #offsets}, with the partitions of which an undecided transaction has a later one. */
    public CompletableFuture<StableOffsets> stableOffsets(String groupId, MemberIdentity who, int epoch) {
        return onShardOf(groupId, shard -> shard.stableOffsets(groupId, who, epoch));
    }

    /**
     * As {@link #commit}, within a transaction of a producer: the offsets count when that is committed.
     *
     * @param admit asks the transaction's coordinator; its failure is the commit's
     */
    public CompletableFuture<List<GroupError>> commitPending(
            String groupId, long producerId, CommitRequest request, Supplier<CompletableFuture<Void>> admit) {
        return onShardOf(groupId, shard -> CompletableFuture.completedFuture(shard.ticket(producerId)))
                .thenCompose(ticket -> admit.get()
                        .thenCompose(admitted -> onShardOf(
                                groupId, shard -> shard.commitPending(groupId, producerId, ticket, request))));
    }

    /**
     * A producer's transaction was decided: its offsets of the groups in a partition of {@link #TOPIC} count, or are
     * dropped. Completes when that is durable.
     */
    public CompletableFuture<Void> endTransaction(PartitionId id, long producerId, boolean commit) {
        Partition partition = partitions.find(id);
        return partition == null
                ? CompletableFuture.failedFuture(loading(id.toString()))
                : onShard(partition, shard -> shard.endTransaction(producerId, commit));
    }

    /** The partition of {@link #TOPIC} that a group belongs to; {@code null} while there is none. */
    public @Nullable PartitionId partitionOf(String groupId) {
        TopicInfo topic = cluster.view().topic(TOPIC);
        return topic == null ? null : new PartitionId(topic.id(), TOPIC, partitionOf(groupId, topic));
    }

    /** One result for each partition, in order; fails where no offset of the group may be deleted. */
    public CompletableFuture<List<GroupError>> deleteOffsets(String groupId, List<OffsetKey> keys) {
        return onShardOf(groupId, shard -> shard.deleteOffsets(groupId, keys));
    }

    public CompletableFuture<GroupDescription> describe(String groupId) {
        return onShardOf(groupId, shard -> shard.describe(groupId));
    }

    public CompletableFuture<ConsumerGroupDescription> describeConsumerGroup(String groupId) {
        return onShardOf(groupId, shard -> shard.describeConsumerGroup(groupId));
    }

    public CompletableFuture<GroupError> delete(String groupId) {
        return onShardOf(groupId, shard -> shard.delete(groupId));
    }

    /** The groups this broker coordinates. Fails while one of their partitions is being recovered. */
    public CompletableFuture<List<GroupListing>> list() {
        List<CompletableFuture<List<GroupListing>>> lists = shards().stream()
                .map(partition -> onShard(partition, GroupShard::list))
                .toList();
        return CompletableFuture.allOf(lists.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    List<GroupListing> all = new ArrayList<>();
                    lists.forEach(list -> all.addAll(list.join()));
                    return all;
                });
    }

    private CompletableFuture<TopicInfo> topic() {
        TopicInfo known = cluster.view().topic(TOPIC);
        return known == null
                ? topics.getOrCreate(TOPIC, topicPartitions, Map.of()).exceptionally(GroupCoordinator::notCreated)
                : CompletableFuture.completedFuture(known);
    }

    private static TopicInfo notCreated(Throwable failure) {
        LOG.warn("topic {} could not be created: {}", TOPIC, failure.toString());
        throw new GroupException(
                GroupError.COORDINATOR_NOT_AVAILABLE,
                "topic " + TOPIC + " could not be created, try again: " + failure);
    }

    private List<Partition> shards() {
        return partitions.all().stream()
                .filter(partition -> partition.id().topic().equals(TOPIC))
                .toList();
    }

    private void onTopicsChanged(Partition partition) {
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
        TopicInfo topic = cluster.view().topic(TOPIC);
        if (topic == null) {
            return CompletableFuture.failedFuture(notCoordinator(groupId));
        }
        int index = partitionOf(groupId, topic);
        Partition partition = partitions.find(new PartitionId(topic.id(), TOPIC, index));
        if (topic.partitions().get(index).owner() != brokerId) {
            return CompletableFuture.failedFuture(notCoordinator(groupId));
        }
        return partition == null
                ? CompletableFuture.failedFuture(loading(TOPIC + "-" + index))
                : onShard(partition, command);
    }

    private <T extends @Nullable Object> CompletableFuture<T> onShard(
            Partition partition, Function<GroupShard, CompletableFuture<T>> command) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        partition.execute(() -> {
            if (!partition.isServing()) {
                reply.completeExceptionally(loading(partition.id().toString()));
                return;
            }
            try {
                var unused = command.apply(partition.machine(GroupShard.class)).whenComplete((value, failure) -> {
                    if (failure == null) {
                        reply.complete(value);
                    } else {
                        reply.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException defect) {
                LOG.error("{}: a group command failed", partition.id(), defect);
                reply.completeExceptionally(defect);
            }
        });
        return reply;
    }

    /** As in Kafka, so that tools that compute it agree. */
    static int partitionOf(String groupId, TopicInfo topic) {
        return (groupId.hashCode() & Integer.MAX_VALUE) % topic.partitions().size();
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

    private static GroupException notCoordinator(String groupId) {
        return new GroupException(
                GroupError.NOT_COORDINATOR,
                "this broker does not coordinate group " + groupId + ": find its coordinator");
    }

    private static GroupException loading(String partition) {
        return new GroupException(
                GroupError.COORDINATOR_LOAD_IN_PROGRESS, partition + " is being recovered: try again");
    }
}
