// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.record.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to a coordinator's state machines: an internal topic whose partition {@code hash(key) % n} has what belongs to a
 * key, on the broker that owns it. Brings commands to the partition's owner loop. Safe for any thread; answers complete on
 * an owner loop.
 *
 * @param <S> the state machine of one partition
 */
public final class KeyedShards<S extends StateMachine> {
    private static final Logger LOG = LoggerFactory.getLogger(KeyedShards.class);

    private final String topicName;
    private final int newPartitions;
    private final Class<S> type;
    private final int brokerId;
    private final Cluster cluster;
    private final Partitions partitions;
    private final Topics topics;
    private final Refusals refusals;

    /** What the coordinator's clients are told where a command cannot be carried out here. */
    public interface Refusals {
        /** @param why a sentence that ends with what to do */
        RuntimeException notAvailable(String why);

        RuntimeException notCoordinator(String key);

        /** @param partition the one that is being recovered */
        RuntimeException loading(String partition);
    }

    /** @param newPartitions how many partitions the topic gets when it is created, at least 1 */
    public KeyedShards(
            String topicName,
            int newPartitions,
            Class<S> type,
            int brokerId,
            Cluster cluster,
            Partitions partitions,
            Topics topics,
            Refusals refusals) {
        this.topicName = topicName;
        this.newPartitions = newPartitions;
        this.type = type;
        this.brokerId = brokerId;
        this.cluster = cluster;
        this.partitions = partitions;
        this.topics = topics;
        this.refusals = refusals;
    }

    /** The broker that coordinates a key; creates the topic where it does not exist. */
    public CompletableFuture<BrokerInfo> coordinatorOf(String key) {
        return topic().thenApply(topic -> {
            int owner = topic.partitions().get(indexOf(key, topic)).owner();
            BrokerInfo broker = cluster.view().brokers().get(owner);
            if (broker == null) {
                throw refusals.notAvailable(
                        "broker " + owner + ", which coordinates " + key + ", is not up: try again");
            }
            return broker;
        });
    }

    private CompletableFuture<TopicInfo> topic() {
        TopicInfo known = cluster.view().topic(topicName);
        return known == null
                ? topics.getOrCreate(topicName, newPartitions, Map.of()).exceptionally(this::notCreated)
                : CompletableFuture.completedFuture(known);
    }

    private TopicInfo notCreated(Throwable failure) {
        LOG.warn("topic {} could not be created: {}", topicName, failure.toString());
        throw refusals.notAvailable("topic " + topicName + " could not be created, try again: " + failure);
    }

    /** The partition that a key belongs to; {@code null} while there is no topic. */
    public @Nullable PartitionId partitionOf(String key) {
        TopicInfo topic = cluster.view().topic(topicName);
        return topic == null ? null : new PartitionId(topic.id(), topicName, indexOf(key, topic));
    }

    /** As in Kafka, so that tools that compute it agree. */
    private static int indexOf(String key, TopicInfo topic) {
        return (key.hashCode() & Integer.MAX_VALUE) % topic.partitions().size();
    }

    /** The topic's partitions on this broker. */
    public List<Partition> here() {
        return partitions.all().stream()
                .filter(partition -> partition.id().topic().equals(topicName))
                .toList();
    }

    /** Runs a command where a key belongs. */
    public <T extends @Nullable Object> CompletableFuture<T> ofKey(
            String key, Function<S, CompletableFuture<T>> command) {
        TopicInfo topic = cluster.view().topic(topicName);
        int index = topic == null ? 0 : indexOf(key, topic);
        if (topic == null || topic.partitions().get(index).owner() != brokerId) {
            return CompletableFuture.failedFuture(refusals.notCoordinator(key));
        }
        return of(new PartitionId(topic.id(), topicName, index), command);
    }

    /** Runs a command in a partition of this broker. */
    public <T extends @Nullable Object> CompletableFuture<T> of(
            PartitionId id, Function<S, CompletableFuture<T>> command) {
        Partition partition = partitions.find(id);
        return partition == null
                ? CompletableFuture.failedFuture(refusals.loading(topicName + "-" + id.partition()))
                : run(partition, command);
    }

    /** What a command lists in all partitions of this broker. Fails while one of them is being recovered. */
    public <T> CompletableFuture<List<T>> listAll(Function<S, CompletableFuture<List<T>>> command) {
        List<CompletableFuture<List<T>>> lists =
                here().stream().map(partition -> run(partition, command)).toList();
        return CompletableFuture.allOf(lists.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    List<T> all = new ArrayList<>();
                    lists.forEach(list -> all.addAll(list.join()));
                    return all;
                });
    }

    private <T extends @Nullable Object> CompletableFuture<T> run(
            Partition partition, Function<S, CompletableFuture<T>> command) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        partition.execute(() -> {
            if (!partition.isServing()) {
                reply.completeExceptionally(refusals.loading(partition.id().toString()));
                return;
            }
            try {
                var unused = command.apply(partition.machine(type)).whenComplete((value, failure) -> {
                    if (failure == null) {
                        reply.complete(value);
                    } else {
                        reply.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException defect) {
                LOG.error("{}: a coordinator's command failed", partition.id(), defect);
                reply.completeExceptionally(defect);
            }
        });
        return reply;
    }
}
