// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.record.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.CuratorWatcher;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryUntilElapsed;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster in ZooKeeper, as one broker sees it. One thread, the cluster thread, owns all state here, makes all calls
 * to ZooKeeper and calls the listeners; watches, connection changes and callers only enqueue.
 *
 * <p>When the session is lost, the listeners are told; once ZooKeeper can be reached again, everything is read anew and
 * the broker registers itself again in a new session. Where that fails, or what a watch asked for, it is tried again until
 * it succeeds: no later event need come, and a watch that was used up may not be set again.
 */
public final class ZooKeeperCluster implements Cluster {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperCluster.class);

    private static final int RETRY_PAUSE_MS = 100;
    private static final long CATCH_UP_MS = 500;

    private final CuratorFramework client;
    private final ClusterThread thread;
    private final ClusterSchema schema;
    private final ChangeSequence changes;
    private final TopicStore topicStore;
    private final DocumentStore documentStore;
    private final ClientIdStore clientIds;
    private final BrokerRegistry registry;
    private final String clusterId;
    private final ConcurrentLinkedQueue<ClaimRequest> claims = new ConcurrentLinkedQueue<>();
    private final CuratorWatcher brokersWatcher = event -> follow("read the brokers", this::readBrokers);
    private final CuratorWatcher controllerWatcher = event -> follow("read the controller", this::readController);

    private volatile ClusterView view = ClusterView.EMPTY;

    // Owned by the cluster thread.
    private final List<Listener> listeners = new ArrayList<>();
    private final Map<String, TopicInfo> topics = new HashMap<>();
    private List<BrokerInfo> brokers = List.of();
    private int controllerId = -1;
    private @Nullable BrokerInfo self;
    private @Nullable CompletableFuture<Void> registering;
    private @Nullable LeaderLatch election;
    private long sessionId;
    private boolean sessionLost;
    /** Whether something could not be read: what is known may be old, and watches may be missing. */
    private boolean behind;

    private ZooKeeperCluster(CuratorFramework client, ClusterThread thread, ZooKeeperSettings settings)
            throws Exception {
        this.client = client;
        this.thread = thread;
        schema = new ClusterSchema(client);
        changes = new ChangeSequence(client, event -> follow("read changes", this::readChanges));
        topicStore = new TopicStore(client, changes);
        documentStore = new DocumentStore(client, changes);
        clientIds = new ClientIdStore(client);
        registry = new BrokerRegistry(client, settings.directoryId());
        clusterId = schema.prepare();
    }

    /**
     * Connects and reads the cluster; blocks up to the connection time-out.
     *
     * @throws ClusterException {@code UNAVAILABLE} when ZooKeeper does not answer in time
     */
    public static ZooKeeperCluster connect(ZooKeeperSettings settings) {
        CuratorFramework client = newClient(settings);
        ClusterThread thread = new ClusterThread();
        try {
            client.start();
            if (!client.blockUntilConnected(settings.connectionTimeoutMs(), TimeUnit.MILLISECONDS)) {
                throw new ClusterException(
                        Reason.UNAVAILABLE,
                        "No ZooKeeper answers at %s within %d ms: check zookeeper.connect"
                                .formatted(settings.connect(), settings.connectionTimeoutMs()));
            }
            ZooKeeperCluster cluster = new ZooKeeperCluster(client, thread, settings);
            cluster.start();
            return cluster;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop(client, thread);
            throw new ClusterException(Reason.UNAVAILABLE, "Interrupted while connecting to ZooKeeper", e);
        } catch (Exception e) {
            stop(client, thread);
            throw ClusterThread.translate("connect to " + settings.connect(), e);
        }
    }

    private static CuratorFramework newClient(ZooKeeperSettings settings) {
        return CuratorFrameworkFactory.builder()
                .connectString(settings.servers())
                .namespace(settings.chroot().isEmpty() ? null : settings.chroot())
                .sessionTimeoutMs(settings.sessionTimeoutMs())
                .connectionTimeoutMs(settings.connectionTimeoutMs())
                .retryPolicy(new RetryUntilElapsed(settings.sessionTimeoutMs(), RETRY_PAUSE_MS))
                .ensembleTracker(false)
                .build();
    }

    private void start() {
        client.getConnectionStateListenable().addListener((ignored, state) -> onConnectionState(state));
        thread.submit("read the cluster", () -> {
                    sessionId = client.getZookeeperClient().getZooKeeper().getSessionId();
                    readAll();
                    return true;
                })
                .join();
    }

    @Override
    public String clusterId() {
        return clusterId;
    }

    @Override
    public CompletableFuture<Void> register(BrokerInfo broker) {
        CompletableFuture<Void> registered = new CompletableFuture<>();
        thread.run(
                "register broker " + broker.id(),
                () -> {
                    registry.register(broker);
                    self = broker;
                    registering = registered;
                    election = new LeaderLatch(client, ZkPaths.CONTROLLER, Integer.toString(broker.id()));
                    election.start();
                    readBrokers();
                    readController();
                },
                registered::completeExceptionally);
        return registered;
    }

    @Override
    public ClusterView view() {
        return view;
    }

    @Override
    public void addListener(Listener listener) {
        enqueue("add a listener", () -> {
            listeners.add(listener);
            listener.onChange(view);
        });
    }

    @Override
    public CompletableFuture<TopicInfo> createTopic(String name, List<Integer> owners, Map<String, String> config) {
        return thread.submit("create topic " + name, () -> {
            try {
                return written(topicStore.create(name, owners, config));
            } catch (ClusterException refused) {
                // Another broker may have made it a moment ago: who is told that it exists finds it in the view.
                readTopic(name);
                publish();
                throw refused;
            }
        });
    }

    @Override
    public CompletableFuture<TopicInfo> addPartitions(String name, List<Integer> owners, int expectedVersion) {
        return thread.submit(
                "add partitions to topic " + name,
                () -> written(topicStore.update(name, expectedVersion, old -> old.grown(owners))));
    }

    @Override
    public CompletableFuture<Void> deleteTopic(String name) {
        return thread.submit("delete topic " + name, () -> {
            topicStore.delete(name);
            readTopic(name);
            publish();
            return null;
        });
    }

    @Override
    public CompletableFuture<TopicInfo> updateTopicConfig(
            String name, Map<String, String> config, int expectedVersion) {
        return thread.submit(
                "configure topic " + name,
                () -> written(topicStore.update(
                        name,
                        expectedVersion,
                        old -> new TopicInfo(old.id(), name, old.partitions(), config, old.version() + 1))));
    }

    @Override
    public CompletableFuture<Integer> claim(PartitionId partition) {
        ClaimRequest claim = new ClaimRequest(partition, new CompletableFuture<>());
        claims.add(claim);
        thread.run("claim partitions", this::writeClaims, claim.epoch()::completeExceptionally);
        return claim.epoch();
    }

    @Override
    public CompletableFuture<Long> allocateProducerIds(int size) {
        return thread.submit("allocate producer ids", () -> schema.allocateProducerIds(size));
    }

    @Override
    public CompletableFuture<Void> updateDocument(String kind, String name, UnaryOperator<Map<String, String>> change) {
        return thread.submit("change document " + kind + "/" + name, () -> {
            documentStore.update(kind, name, change);
            publish();
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> claimClientId(String clientId, UUID holder, Runnable onLost) {
        return thread.submit("claim client id " + clientId, () -> {
            BrokerInfo broker = self;
            if (broker == null) {
                throw new ClusterException(
                        Reason.UNAVAILABLE, "This broker is not registered yet; connect again in a moment");
            }
            clientIds.claim(clientId, holder, onLost, broker, view.brokers());
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> releaseClientId(String clientId, UUID holder) {
        return thread.submit("release client id " + clientId, () -> {
            clientIds.release(clientId, holder);
            return null;
        });
    }

    @Override
    public void close() {
        stop(client, thread);
    }

    /** Ends the session behind the client's back, as an expiry does; for tests. */
    void expireSession() throws Exception {
        client.getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();
    }

    /** Closing the client ends the session, and with it the registration and the candidacy. */
    private static void stop(CuratorFramework client, ClusterThread thread) {
        thread.close();
        client.close();
    }

    private void enqueue(String what, ClusterThread.Action action) {
        thread.enqueue(what, action);
    }

    private void onConnectionState(ConnectionState state) {
        LOG.info("Connection to ZooKeeper: {}", state);
        switch (state) {
            case LOST ->
                enqueue("give up the session", () -> {
                    sessionLost = true;
                    listeners.forEach(Listener::onSessionLost);
                });
            case RECONNECTED -> follow("take up the session", this::resume);
            default -> {
                // Suspended: the session may survive, and watches with it.
            }
        }
    }

    /** Runs what must not stay undone: after a failure everything is read again, until that succeeds. */
    private void follow(String what, ClusterThread.Action action) {
        thread.run(what, action, failure -> {
            if (thread.isClosed()) {
                return;
            }
            LOG.warn("Failed to {}; all is read again in {} ms", what, CATCH_UP_MS, failure);
            if (!behind) {
                behind = true;
                catchUpLater();
            }
        });
    }

    private void catchUpLater() {
        CompletableFuture.delayedExecutor(CATCH_UP_MS, TimeUnit.MILLISECONDS)
                .execute(() -> enqueue("catch up", () -> {
                    if (behind) {
                        catchUp();
                    }
                }));
    }

    private void catchUp() {
        try {
            resume();
        } catch (Exception e) {
            LOG.warn("Failed to read the cluster; again in {} ms", CATCH_UP_MS, e);
            catchUpLater();
        }
    }

    /** After a reconnection: in a new session nothing of the old one holds any more, neither watches nor ephemerals. */
    private void resume() throws Exception {
        long present = client.getZookeeperClient().getZooKeeper().getSessionId();
        if (present == sessionId && !sessionLost && !behind) {
            clientIds.removeLeftovers();
            return;
        }
        BrokerInfo broker = self;
        if (broker != null) {
            registry.register(broker);
        }
        readAll();
        if (broker != null) {
            clientIds.restore(broker, view.brokers());
        }
        // Also when nothing changed meanwhile: the listeners gave up what they had.
        ClusterView taken = view;
        listeners.forEach(listener -> listener.onChange(taken));
        LOG.info("The cluster was read again, in ZooKeeper session 0x{}", Long.toHexString(present));
        sessionId = present;
        sessionLost = false;
        behind = false;
    }

    private void readAll() throws Exception {
        changes.startHere();
        documentStore.readAll();
        topics.clear();
        for (String name : topicStore.names()) {
            readTopic(name);
        }
        brokers = registry.brokers(brokersWatcher);
        controllerId = registry.controller(controllerWatcher);
        publish();
    }

    private void readBrokers() throws Exception {
        brokers = registry.brokers(brokersWatcher);
        publish();
    }

    private void readController() throws Exception {
        controllerId = registry.controller(controllerWatcher);
        publish();
    }

    private void readChanges() throws Exception {
        Optional<Set<String>> changed = changes.changed();
        if (changed.isEmpty()) {
            LOG.info("Too many changes were missed, reading everything");
            readAll();
            return;
        }
        for (String entry : changed.get()) {
            int slash = entry.indexOf('/');
            if (slash < 0) {
                readTopic(entry);
            } else {
                documentStore.read(entry.substring(0, slash), entry.substring(slash + 1));
            }
        }
        publish();
        if (self != null && controllerId == self.id()) {
            changes.purge();
        }
    }

    private void readTopic(String name) throws Exception {
        TopicInfo topic = topicStore.read(name);
        if (topic == null) {
            topics.remove(name);
        } else {
            topics.put(name, topic);
        }
    }

    private void writeClaims() throws Exception {
        BrokerInfo broker = self;
        List<ClaimRequest> waiting = new ArrayList<>();
        for (ClaimRequest claim = claims.poll(); claim != null; claim = claims.poll()) {
            waiting.add(claim);
        }
        Map<String, List<ClaimRequest>> byTopic =
                waiting.stream().collect(groupingBy(claim -> claim.partition().topic(), LinkedHashMap::new, toList()));
        for (Map.Entry<String, List<ClaimRequest>> topic : byTopic.entrySet()) {
            int brokerId = broker == null ? -1 : broker.id();
            try {
                TopicInfo claimed = written(topicStore.claim(topic.getKey(), topic.getValue(), brokerId));
                topic.getValue().forEach(claim -> claim.answer(claimed, brokerId));
            } catch (Exception e) {
                ClusterException failure = ClusterThread.translate("claim partitions of " + topic.getKey(), e);
                topic.getValue().forEach(claim -> claim.epoch().completeExceptionally(failure));
            }
        }
    }

    /** Shows a topic that this broker wrote. */
    private TopicInfo written(TopicInfo topic) {
        topics.put(topic.name(), topic);
        publish();
        return topic;
    }

    private void publish() {
        ClusterView next = ClusterView.of(brokers, controllerId, topics.values(), documentStore.documents());
        if (!next.equals(view)) {
            view = next;
            listeners.forEach(listener -> listener.onChange(next));
        }
        if (registering != null && self != null && controllerId >= 0 && brokers.contains(self)) {
            registering.complete(null);
            registering = null;
        }
    }
}
