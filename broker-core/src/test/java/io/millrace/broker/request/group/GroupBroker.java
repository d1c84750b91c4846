// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.InMemoryCluster;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.delivery.ShareMachines;
import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.group.GroupConfig;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupShards;
import io.millrace.broker.group.TopicVisibility;
import io.millrace.broker.net.NetworkServer;
import io.millrace.broker.net.NetworkSettings;
import io.millrace.broker.partition.GroupConfigs;
import io.millrace.broker.partition.OwnerLoops;
import io.millrace.broker.partition.PartitionSettings;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.TopicSettings;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.request.DataApis;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.request.transaction.TransactionApis;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.memory.InMemoryLogStore;
import io.millrace.broker.time.BrokerClock;
import io.millrace.broker.transaction.ProducerIds;
import io.millrace.broker.transaction.TransactionConfig;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.broker.transaction.TransactionShards;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A broker with groups, on a real socket over a store in memory that outlives restarts. */
final class GroupBroker implements AutoCloseable {
    private static final int ID = 7;
    private static final String GROUPS = "__consumer_offsets";
    private static final GroupConfig CONFIG = new GroupConfig(
            500, 60_000, 200, 100, 4_096, 2_000, 100, 100, TimeUnit.DAYS.toMillis(7), TimeUnit.MINUTES.toMillis(10));

    private final InMemoryCluster.Registry registry = new InMemoryCluster.Registry();
    private final InMemoryLogStore store = new InMemoryLogStore();
    private InMemoryCluster cluster;
    private OwnerLoops loops;
    private Partitions partitions;
    private Topics topics;
    private NetworkServer server;

    GroupBroker() {
        start(0);
    }

    private void start(int port) {
        cluster = new InMemoryCluster(registry);
        loops = new OwnerLoops(NetworkServer.newLoops(2));
        GroupConfigs configs = new GroupConfigs(cluster, BrokerConfig.defaults());
        TransactionShards transactionShards = new TransactionShards(
                TransactionConfig.of(BrokerConfig.defaults()), BrokerClock.SYSTEM, new ProducerIds(cluster));
        partitions = new Partitions(
                ID,
                cluster,
                store,
                loops,
                BrokerClock.SYSTEM,
                PartitionSettings.DEFAULT,
                List.of(
                        new GroupShards(CONFIG, BrokerClock.SYSTEM, cluster, TopicVisibility.ALL, configs),
                        transactionShards,
                        new ShareMachines(configs, BrokerClock.SYSTEM)));
        topics = new Topics(cluster, partitions, TopicSettings.DEFAULT);
        GroupCoordinator groups = new GroupCoordinator(ID, 4, cluster, partitions, topics);
        ProducerIds producerIds = new ProducerIds(cluster);
        TransactionConfig config = TransactionConfig.of(BrokerConfig.defaults());
        TransactionCoordinator transactions =
                new TransactionCoordinator(ID, config, producerIds, cluster, partitions, topics, groups);
        transactionShards.writeMarkersBy(transactions.markers());
        KafkaApis.Builder apis = KafkaApis.builder();
        DataApis.register(
                apis,
                BrokerConfig.defaults(),
                BrokerClock.SYSTEM,
                cluster,
                partitions,
                topics,
                loops.loopOf(new PartitionId(new UUID(0, 0), "timers", 0)),
                transactions);
        GroupApis.register(apis, groups, transactions, cluster, new SharePartitions(partitions, configs));
        TransactionApis.register(apis, transactions, cluster, partitions, BrokerClock.SYSTEM);
        server = NetworkServer.start(
                loops.group(), NetworkSettings.of("127.0.0.1", port), apis.build(), BrokerClock.SYSTEM, () -> true);
        cluster.register(new BrokerInfo(ID, UUID.randomUUID(), "127.0.0.1", server.port(), null))
                .join();
        partitions.start();
        groups.start();
    }

    private void stop() {
        server.close();
        partitions.close();
        cluster.close();
        loops.close();
    }

    /** Stops and starts again on the same port. */
    void restart() {
        int port = server.port();
        stop();
        start(port);
    }

    /** The store takes the groups' partitions away; the broker opens them again soon. */
    void loseGroups() {
        store.partitions().stream().filter(id -> id.topic().equals(GROUPS)).forEach(id -> store.fail(id, Reason.IO));
    }

    /** Another broker, of this id, coordinates all groups. Before the first group is looked for. */
    void coordinateElsewhere(int id) {
        BrokerInfo other = new BrokerInfo(id, UUID.randomUUID(), "127.0.0.1", 1, null);
        new InMemoryCluster(registry).register(other).join();
        cluster.createTopic(GROUPS, List.of(id), Map.of()).join();
    }

    int port() {
        return server.port();
    }

    String address() {
        return "127.0.0.1:" + server.port();
    }

    void createTopic(String name, int partitionCount) {
        topics.create(name, partitionCount, Map.of()).join();
    }

    UUID topicId(String name) {
        return cluster.view().topic(name).id();
    }

    void deleteTopic(String name) {
        topics.delete(name).join();
    }

    @Override
    public void close() {
        stop();
        store.close();
    }
}
