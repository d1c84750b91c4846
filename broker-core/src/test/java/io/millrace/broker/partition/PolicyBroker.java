// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.InMemoryCluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.net.NetworkServer;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.memory.InMemoryLogStore;
import io.millrace.broker.time.ManualClock;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** Partitions of one topic over a log in memory, on a clock moved by hand. */
public final class PolicyBroker implements AutoCloseable {
    public static final String TOPIC = "orders";

    public final ManualClock clock = new ManualClock();
    final InMemoryCluster cluster = new InMemoryCluster();
    final InMemoryLogStore store = new InMemoryLogStore(clock);
    private final OwnerLoops loops = new OwnerLoops(NetworkServer.newLoops(1));
    private final BrokerConfig config;
    private final List<StateMachineFactory> machines;
    private Partitions partitions;

    public PolicyBroker(BrokerConfig config, Map<String, String> topicConfig, StateMachineFactory... machines) {
        this.config = config;
        this.machines = List.of(machines);
        cluster.register(new BrokerInfo(0, UUID.randomUUID(), "127.0.0.1", 1, null))
                .join();
        start();
        new Topics(cluster, partitions, TopicSettings.DEFAULT)
                .create(TOPIC, 1, topicConfig)
                .join();
    }

    private void start() {
        partitions = new Partitions(0, cluster, store, loops, clock, PartitionSettings.of(config), machines);
        partitions.start();
    }

    public void restart() {
        partitions.close();
        start();
        TopicInfo topic = cluster.view().topic(TOPIC);
        partitions.whenServing(topic).join();
    }

    Partitions partitions() {
        return partitions;
    }

    Partition partition() {
        return partitions.get(TOPIC, 0);
    }

    PartitionLog log() {
        return partition().serving().log();
    }

    /** Deletes what retention allows now; answers the first offset then. */
    public long retain() {
        return retain(partition());
    }

    /** As {@link #retain()}, of a partition of another broker. */
    public static long retain(Partition partition) {
        return partition.retain().orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** Changes the topic's settings and waits until the partition goes by them. */
    void configure(Map<String, String> changes) {
        TopicInfo topic = cluster.view().topic(TOPIC);
        Map<String, String> changed = new HashMap<>(topic.config());
        changed.putAll(changes);
        cluster.updateTopicConfig(TOPIC, changed, topic.version()).join();
        Awaitility.await().until(() -> partition().config().set().equals(changed));
    }

    public Appended append(ByteBuf batch) {
        return append(Append.ofClient(batch)).join();
    }

    public CompletableFuture<Appended> append(Append append) {
        CompletableFuture<Appended> answer = new CompletableFuture<>();
        partition()
                .execute(() -> Completions.whenDone(partition().append(append), (appended, failure) -> {
                    if (failure == null) {
                        answer.complete(appended);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                }));
        return answer;
    }

    <T> T onOwner(Supplier<T> read) {
        return CompletableFuture.supplyAsync(read, partition()::execute).join();
    }

    @Override
    public void close() {
        store.releaseAppends();
        partitions.close();
        loops.close();
        cluster.close();
    }
}
