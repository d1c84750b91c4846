// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.InMemoryCluster;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.partition.OwnerLoops;
import io.millrace.broker.partition.PartitionSettings;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.TopicSettings;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.request.DataApis;
import io.millrace.broker.request.KafkaApis;
import io.millrace.broker.storage.memory.InMemoryLogStore;
import io.millrace.broker.time.BrokerClock;
import io.millrace.broker.transaction.ProducerIds;
import io.millrace.broker.transaction.TransactionConfig;
import io.millrace.broker.transaction.TransactionCoordinator;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** The data APIs over real sockets, with log and cluster in memory. */
public final class TestBroker implements AutoCloseable {
    public static final int MAX_FRAME_BYTES = 8 << 20;

    public final InMemoryCluster cluster = new InMemoryCluster();
    public final InMemoryLogStore store = new InMemoryLogStore();
    public final Partitions partitions;
    public final Topics topics;
    private final OwnerLoops loops = new OwnerLoops(NetworkServer.newLoops(2));
    private final NetworkServer server;

    public TestBroker() {
        this(BrokerConfig.defaults());
    }

    public TestBroker(BrokerConfig config) {
        this(config, 10_000, Duration.ofMinutes(1));
    }

    public TestBroker(int maxConnections, Duration maxIdle) {
        this(BrokerConfig.defaults(), maxConnections, maxIdle);
    }

    private TestBroker(BrokerConfig config, int maxConnections, Duration maxIdle) {
        partitions =
                new Partitions(0, cluster, store, loops, BrokerClock.SYSTEM, PartitionSettings.of(config), List.of());
        topics = new Topics(cluster, partitions, new TopicSettings(true, 1, 100));
        GroupCoordinator groups = new GroupCoordinator(0, 1, cluster, partitions, topics);
        TransactionCoordinator transactions = new TransactionCoordinator(
                0, TransactionConfig.of(config), new ProducerIds(cluster), cluster, partitions, topics, groups);
        KafkaApis apis = DataApis.register(
                        KafkaApis.builder(),
                        config,
                        BrokerClock.SYSTEM,
                        cluster,
                        partitions,
                        topics,
                        loops.timers(),
                        transactions)
                .build();
        NetworkSettings settings =
                new NetworkSettings("127.0.0.1", 0, maxConnections, maxIdle, MAX_FRAME_BYTES, 2_048, 64L << 20);
        server = NetworkServer.start(loops.group(), settings, apis, BrokerClock.SYSTEM, store::writable);
        cluster.register(new BrokerInfo(0, UUID.randomUUID(), "127.0.0.1", server.port(), null))
                .join();
        partitions.start();
    }

    public int port() {
        return server.port();
    }

    public String bootstrap() {
        return "127.0.0.1:" + server.port();
    }

    public NetworkServer server() {
        return server;
    }

    @Override
    public void close() {
        server.close();
        partitions.close();
        loops.close();
        store.close();
        cluster.close();
    }
}
