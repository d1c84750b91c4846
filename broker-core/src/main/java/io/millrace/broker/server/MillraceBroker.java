// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static io.millrace.broker.config.BrokerConfigKeys.ADVERTISED_HOST;
import static io.millrace.broker.config.BrokerConfigKeys.BROKER_ID;
import static io.millrace.broker.config.BrokerConfigKeys.BROKER_RACK;
import static io.millrace.broker.config.BrokerConfigKeys.DATA_DIR;
import static io.millrace.broker.config.BrokerConfigKeys.JMS_TEMPORARY_MAX_BYTES;
import static io.millrace.broker.config.BrokerConfigKeys.JMS_TEMPORARY_TOTAL_BYTES;
import static io.millrace.broker.config.BrokerConfigKeys.JMS_TRANSACTION_RESOLVE_INTERVAL_MS;
import static io.millrace.broker.config.BrokerConfigKeys.LISTEN_HOST;
import static io.millrace.broker.config.BrokerConfigKeys.OFFSETS_TOPIC_NUM_PARTITIONS;
import static io.millrace.broker.config.BrokerConfigKeys.SOCKET_REQUEST_MAX_BYTES;
import static io.millrace.broker.config.BrokerConfigKeys.ZOOKEEPER_CONNECT;
import static io.millrace.broker.config.BrokerConfigKeys.ZOOKEEPER_EMBEDDED_PORT;

import io.millrace.broker.acl.Acls;
import io.millrace.broker.acl.Operation;
import io.millrace.broker.acl.ResourceType;
import io.millrace.broker.auth.Authenticator;
import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.cluster.zookeeper.EmbeddedZooKeeper;
import io.millrace.broker.cluster.zookeeper.ZooKeeperCluster;
import io.millrace.broker.cluster.zookeeper.ZooKeeperSettings;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.delivery.DeletionGuard;
import io.millrace.broker.delivery.DeliveryMachines;
import io.millrace.broker.delivery.DeliverySettings;
import io.millrace.broker.delivery.Links;
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
import io.millrace.broker.partition.StateMachineFactory;
import io.millrace.broker.partition.TemporaryTopics;
import io.millrace.broker.partition.TopicSettings;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.request.DataApis;
import io.millrace.broker.request.JmsApis;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.request.NewDestinations;
import io.millrace.broker.request.group.GroupApis;
import io.millrace.broker.request.security.SecurityApis;
import io.millrace.broker.request.share.ShareApis;
import io.millrace.broker.request.transaction.TransactionApis;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.local.DirectoryLock;
import io.millrace.broker.storage.local.LocalLogStore;
import io.millrace.broker.storage.local.LocalStoreOptions;
import io.millrace.broker.storage.memory.MemoryLogStore;
import io.millrace.broker.time.BrokerClock;
import io.millrace.broker.transaction.ProducerIds;
import io.millrace.broker.transaction.TransactionConfig;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.broker.transaction.TransactionShards;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running broker: takes the lock of its data directory, starts its parts in the order of their needs (the store
 * beside ZooKeeper and cluster, then partitions, groups, network), registers, and closes them the other way round. Safe
 * for any thread.
 */
public final class MillraceBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MillraceBroker.class);

    private static final long PART_CLOSE_MS = 10_000;
    private static final long OPENING_MS = 30_000;

    private final BrokerConfig config;
    private final CloseStack running;
    private final BrokerClock clock = BrokerClock.SYSTEM;
    private final UUID incarnation = UUID.randomUUID();
    private final @Nullable EmbeddedZooKeeper zooKeeper;
    private final Cluster cluster;
    private final Partitions partitions;
    private final NetworkServer network;

    private MillraceBroker(BrokerConfig config, CloseStack running) throws IOException {
        this.config = config;
        this.running = running;
        Path data = config.get(DATA_DIR);
        StartPhases phases = new StartPhases();
        running.add("data directory", DirectoryLock.take(data));
        CompletableFuture<LogStore> opening = openStore();
        CompletableFuture<Void> loading =
                CompletableFuture.runAsync(NetworkServer::preload, MillraceBroker::onOwnThread);
        zooKeeper = startZooKeeper(data);
        phases.done("ZooKeeper");
        cluster = running.add(
                "cluster client",
                ZooKeeperCluster.connect(ZooKeeperSettings.of(config, zookeeperConnect(), DirectoryIdentity.of(data))));
        phases.done("cluster");
        Acls acls = accessRules();
        LogStore store = opening.join();
        phases.done("store");
        OwnerLoops loops = running.add("owner loops", new OwnerLoops(NetworkServer.newLoops(config)));
        DeliveryMachines deliveries = new DeliveryMachines(DeliverySettings.of(config));
        GroupConfigs groupConfigs = new GroupConfigs(cluster, config);
        ProducerIds producerIds = new ProducerIds(cluster);
        TransactionConfig transactionConfig = TransactionConfig.of(config);
        TransactionShards transactionShards = new TransactionShards(transactionConfig, clock, producerIds);
        partitions = running.add(
                "partitions", openPartitions(store, loops, deliveries, groupConfigs, transactionShards, acls));
        Topics topics = new Topics(cluster, partitions, TopicSettings.of(config));
        GroupCoordinator groups = new GroupCoordinator(
                config.get(BROKER_ID), config.get(OFFSETS_TOPIC_NUM_PARTITIONS), cluster, partitions, topics);
        TransactionCoordinator transactions = new TransactionCoordinator(
                config.get(BROKER_ID), transactionConfig, producerIds, cluster, partitions, topics, groups);
        transactionShards.writeMarkersBy(transactions.markers());
        Links links = new Links(cluster, partitions, loops, clock, deliveries);
        PeerCalls peers = running.add("calls to other brokers", PeerCalls.of(config, cluster));
        topics.guardDeletion(new DeletionGuard(config.get(BROKER_ID), cluster, links, peers)::check);
        loading.join();
        KafkaApis.Builder apis = KafkaApis.builder();
        DataApis.register(apis, config, clock, cluster, partitions, topics, loops.timers(), transactions);
        SharePartitions shares = new SharePartitions(partitions, groupConfigs);
        GroupApis.register(apis, groups, transactions, cluster, shares);
        TransactionApis.register(apis, transactions, cluster, partitions, clock);
        ShareApis.register(apis, config, cluster, groups, shares, loops.timers());
        SecurityApis.register(apis, cluster, Authenticator.of(config, cluster, clock), acls, clock);
        JmsApis.register(
                apis,
                config.get(BROKER_ID),
                incarnation,
                config.get(SOCKET_REQUEST_MAX_BYTES),
                cluster,
                topics,
                links,
                NewDestinations.of(config));
        network = running.add(
                "network server",
                NetworkServer.bind(loops.group(), NetworkSettings.of(config), apis.build(), clock, store::writable));
        phases.done("network");
        cluster.register(self()).join();
        phases.done("registration");
        partitions.start();
        links.resolve(
                config.get(BROKER_ID), cluster, deliveries, peers, config.get(JMS_TRANSACTION_RESOLVE_INTERVAL_MS));
        groups.start();
        network.accept();
        awaitOpening();
        phases.done("partitions");
        DeletedTopics.removeLogs(data, cluster, store);
    }

    /**
     * Starts a broker; blocks until it serves.
     *
     * @throws BrokerStartException when the data directory is locked, a port is taken, ZooKeeper is away or the data
     *     cannot be read
     */
    public static MillraceBroker start(BrokerConfig config) {
        CloseStack running = new CloseStack(PART_CLOSE_MS);
        try {
            return new MillraceBroker(config, running);
        } catch (IOException | RuntimeException e) {
            running.close();
            throw StartFailures.translate(e, config.get(DATA_DIR));
        }
    }

    /** What clients are told to connect to. */
    public String host() {
        String advertised = config.get(ADVERTISED_HOST);
        return advertised.isEmpty() ? config.get(LISTEN_HOST) : advertised;
    }

    /** The port it listens on. */
    public int port() {
        return network.port();
    }

    /** Client connections that are open now. */
    public int connectionCount() {
        return network.connectionCount();
    }

    /** The ZooKeeper it is registered in, {@code host:port[,host:port...][/chroot]}. */
    public String zookeeperConnect() {
        return zooKeeper == null ? config.get(ZOOKEEPER_CONNECT) : zooKeeper.connectString();
    }

    /** The port of the ZooKeeper inside this broker; empty when it uses another. */
    public OptionalInt embeddedZooKeeperPort() {
        return zooKeeper == null ? OptionalInt.empty() : OptionalInt.of(zooKeeper.port());
    }

    /** Stops serving and closes everything, each part in bounded time. Idempotent; blocks. */
    @Override
    public void close() {
        running.close();
    }

    private @Nullable EmbeddedZooKeeper startZooKeeper(Path data) {
        if (!config.get(ZOOKEEPER_CONNECT).isEmpty()) {
            return null;
        }
        return running.add(
                "embedded ZooKeeper",
                EmbeddedZooKeeper.start(data.resolve("zookeeper"), config.get(ZOOKEEPER_EMBEDDED_PORT)));
    }

    /** Beside ZooKeeper's start: neither needs the other. A start that fails closes it all the same. */
    private CompletableFuture<LogStore> openStore() {
        CompletableFuture<LogStore> opening = CompletableFuture.supplyAsync(
                () -> LocalLogStore.open(LocalStoreOptions.of(config), clock), MillraceBroker::onOwnThread);
        running.add(
                "store",
                () -> opening.handle((store, failure) -> store)
                        .thenAccept(store -> {
                            if (store != null) {
                                store.close();
                            }
                        })
                        .join());
        return opening;
    }

    private static void onOwnThread(Runnable task) {
        Thread thread = new Thread(task, "millrace-start");
        thread.setDaemon(true);
        thread.start();
    }

    /** The rules hear of a change before anybody who asks them because of it: be the first to call this. */
    private @Nullable Acls accessRules() {
        Acls acls = Acls.of(config);
        if (acls != null) {
            cluster.addListener(acls);
        }
        return acls;
    }

    private static TopicVisibility visibility(@Nullable Acls acls) {
        return acls == null
                ? TopicVisibility.ALL
                : (principal, host, topic) ->
                        acls.allows(principal, host, Operation.DESCRIBE, ResourceType.TOPIC, topic);
    }

    private Partitions openPartitions(
            LogStore store,
            OwnerLoops loops,
            DeliveryMachines deliveries,
            GroupConfigs groupConfigs,
            TransactionShards transactionShards,
            @Nullable Acls acls) {
        PartitionSettings settings = PartitionSettings.of(config);
        TemporaryTopics temporaries = new TemporaryTopics(
                config.get(BROKER_ID), incarnation, temporaryStore(), clock, settings, List.of(deliveries));
        List<StateMachineFactory> machines = List.of(
                new GroupShards(GroupConfig.of(config), clock, cluster, visibility(acls), groupConfigs),
                transactionShards,
                deliveries,
                new ShareMachines(groupConfigs, clock));
        return new Partitions(config.get(BROKER_ID), cluster, store, loops, clock, settings, machines, temporaries);
    }

    private LogStore temporaryStore() {
        return new MemoryLogStore(clock, config.get(JMS_TEMPORARY_MAX_BYTES), config.get(JMS_TEMPORARY_TOTAL_BYTES));
    }

    private BrokerInfo self() {
        String rack = config.get(BROKER_RACK);
        return new BrokerInfo(config.get(BROKER_ID), incarnation, host(), network.port(), rack.isEmpty() ? null : rack);
    }

    /** Waits until the partitions of this broker serve, so that "ready" means it; one that fails stays offline. */
    private void awaitOpening() {
        CompletableFuture<?>[] opening =
                cluster.view().topics().values().stream().map(this::whenServing).toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(opening)
                .completeOnTimeout(null, OPENING_MS, TimeUnit.MILLISECONDS)
                .join();
    }

    private CompletableFuture<?> whenServing(TopicInfo topic) {
        return partitions.whenServing(topic).handle((served, failure) -> {
            if (failure != null) {
                LOG.warn("A partition of topic {} does not serve: {}", topic.name(), Objects.toString(failure));
            }
            return topic;
        });
    }
}
