// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.InMemoryCluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.net.NetworkServer;
import io.millrace.broker.net.NetworkSettings;
import io.millrace.broker.partition.OwnerLoops;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.PartitionSettings;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.TopicSettings;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.request.DataApis;
import io.millrace.broker.request.JmsApis;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.request.NewDestinations;
import io.millrace.broker.storage.memory.InMemoryLogStore;
import io.millrace.broker.time.BrokerClock;
import io.millrace.broker.transaction.ProducerIds;
import io.millrace.broker.transaction.TransactionConfig;
import io.millrace.broker.transaction.TransactionCoordinator;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A broker with real loops and sockets over a store and a cluster in memory, which outlive a crash. */
public final class DeliveryBroker implements AutoCloseable {
    private final InMemoryCluster.Registry ensemble = new InMemoryCluster.Registry();
    private final InMemoryLogStore store = new InMemoryLogStore();
    private final DeliverySettings settings;
    private Run run;

    private record Run(
            InMemoryCluster cluster,
            OwnerLoops loops,
            Partitions partitions,
            NetworkServer network,
            DeliveryMachines machines,
            Links links) {}

    public DeliveryBroker() {
        this(DeliverySettings.of(BrokerConfig.defaults()));
    }

    DeliveryBroker(DeliverySettings settings) {
        this.settings = settings;
        run = start();
    }

    private Run start() {
        InMemoryCluster cluster = new InMemoryCluster(ensemble);
        UUID incarnation = UUID.randomUUID();
        OwnerLoops loops = new OwnerLoops(NetworkServer.newLoops(2));
        DeliveryMachines machines = new DeliveryMachines(settings);
        Partitions partitions = new Partitions(
                1, cluster, store, loops, BrokerClock.SYSTEM, PartitionSettings.DEFAULT, List.of(machines));
        Topics topics = new Topics(cluster, partitions, TopicSettings.DEFAULT);
        Links links = new Links(cluster, partitions, loops, BrokerClock.SYSTEM, machines);
        Peers none = (broker, request) -> CompletableFuture.failedFuture(new IllegalStateException("no peers"));
        topics.guardDeletion(new DeletionGuard(1, cluster, links, none)::check);
        KafkaApis.Builder apis = KafkaApis.builder();
        TransactionCoordinator transactions = new TransactionCoordinator(
                1,
                TransactionConfig.of(BrokerConfig.defaults()),
                new ProducerIds(cluster),
                cluster,
                partitions,
                topics,
                new GroupCoordinator(1, 1, cluster, partitions, topics));
        DataApis.register(
                apis,
                BrokerConfig.defaults(),
                BrokerClock.SYSTEM,
                cluster,
                partitions,
                topics,
                loops.loopFor(0),
                transactions);
        JmsApis.register(apis, 1, incarnation, 1 << 20, cluster, topics, links, new NewDestinations(1, 1 << 20));
        NetworkServer network = NetworkServer.start(
                loops.group(), NetworkSettings.of("127.0.0.1", 0), apis.build(), BrokerClock.SYSTEM, () -> true);
        cluster.register(new BrokerInfo(1, incarnation, "127.0.0.1", network.port(), null))
                .join();
        partitions.start();
        return new Run(cluster, loops, partitions, network, machines, links);
    }

    /** Creates a topic with more than the default of one partition. */
    void createTopic(String name, int partitions) {
        createTopic(name, partitions, Map.of());
    }

    /** Creates a topic with settings of its own. */
    void createTopic(String name, int partitions, Map<String, String> config) {
        run.cluster()
                .createTopic(name, partitions, config)
                .thenCompose(run.partitions()::whenServing)
                .join();
    }

    /** Changes a topic's settings; its kind stays. */
    void configure(String name, Map<String, String> config) {
        TopicInfo topic = run.cluster().view().topic(name);
        Map<String, String> changed = new HashMap<>(config);
        changed.put(JmsKind.CONFIG, topic.config().get(JmsKind.CONFIG));
        run.cluster().updateTopicConfig(name, changed, topic.version()).join();
    }

    /** Adds partitions to a topic. */
    void addPartitions(String name, int count) {
        TopicInfo topic = run.cluster().view().topics().get(name);
        run.cluster()
                .addPartitions(name, Collections.nCopies(count, 1), topic.version())
                .thenCompose(run.partitions()::whenServing)
                .join();
    }

    Partition partition(String topic, int index) {
        return run.partitions().get(topic, index);
    }

    Partitions partitions() {
        return run.partitions();
    }

    /** What the windows of all queues take. */
    LookAheadBudget lookAhead() {
        return run.machines().lookAhead();
    }

    /** As the broker does every now and then. */
    void removeLeftovers() {
        run.links().removeLeftovers(run.machines());
    }

    InMemoryLogStore store() {
        return store;
    }

    public int port() {
        return run.network().port();
    }

    /** Dies without a word and starts anew on what was durable. */
    void crashAndRestart() {
        store.crash();
        stop();
        run = start();
    }

    /** The cluster gives this broker up: it stops to serve. */
    void loseClusterSession() {
        run.cluster().expireSession();
    }

    private void stop() {
        run.network().close();
        run.partitions().close();
        run.loops().close();
        run.cluster().close();
    }

    @Override
    public void close() {
        stop();
        store.close();
    }
}
