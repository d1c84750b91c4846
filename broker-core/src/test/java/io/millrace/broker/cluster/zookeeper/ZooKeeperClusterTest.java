// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import io.millrace.broker.cluster.ClusterContract;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract and more on a real ZooKeeper, each test in a chroot of its own. */
class ZooKeeperClusterTest extends ClusterContract {
    @TempDir
    static Path directory;

    private static EmbeddedZooKeeper server;

    private final String chroot = "/test/" + UUID.randomUUID();

    @BeforeAll
    static void startServer() {
        server = EmbeddedZooKeeper.start(directory, 0);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    protected Cluster connect() {
        return connect(UUID.randomUUID());
    }

    private ZooKeeperCluster connect(UUID directoryId) {
        return ZooKeeperCluster.connect(
                new ZooKeeperSettings(server.connectString() + chroot, 10_000, 10_000, directoryId));
    }

    /** A registration as a broker that was killed leaves it behind: its session is still open. */
    private RawClient leaveRegistration(BrokerInfo dead, UUID directoryId) throws Exception {
        RawClient session = new RawClient(server.connectString() + chroot);
        session.create(ZkPaths.broker(dead.id()), new BrokerJson(dead, directoryId).toBytes(), CreateMode.EPHEMERAL);
        return session;
    }

    @Test
    void aPredecessorOnTheSameDirectoryIsReplacedThoughItsSessionLives() throws Exception {
        UUID directoryId = UUID.randomUUID();
        try (ZooKeeperCluster restarted = connect(directoryId)) {
            // Given
            BrokerInfo self = info(5);
            RawClient session = leaveRegistration(info(5), directoryId);
            // When
            restarted.register(self).join();
            session.close();
            // Then: the end of the old session takes nothing of the new one away
            assertEquals(self, restarted.view().brokers().get(5));
            restarted.createTopic("t", 1, Map.of()).join();
            assertEquals(self, restarted.view().brokers().get(5));
        }
    }

    @Test
    void theRegistrationIsJsonWithHostAndPort() throws Exception {
        // Given
        broker(0);
        // When
        byte[] bytes;
        try (RawClient client = new RawClient(server.connectString() + chroot)) {
            bytes = client.read("/brokers/ids/0");
        }
        // Then
        String json = new String(bytes, UTF_8);
        assertTrue(json.contains("\"host\":\"127.0.0.1\""), json);
        assertTrue(json.contains("\"port\":9092"), json);
    }

    @Test
    void anExpiredSessionIsToldAndTheBrokerComesBackInANewOne() throws Exception {
        UUID directoryId = UUID.randomUUID();
        try (ZooKeeperCluster cluster = connect(directoryId)) {
            // Given
            BrokerInfo self = info(3);
            cluster.register(self).join();
            Cluster other = broker(4);
            AtomicInteger losses = new AtomicInteger();
            cluster.addListener(new Cluster.Listener() {
                @Override
                public void onChange(ClusterView view) {}

                @Override
                public void onSessionLost() {
                    losses.incrementAndGet();
                }
            });
            // When
            cluster.expireSession();
            TopicInfo meanwhile = other.createTopic("meanwhile", 1, Map.of()).join();
            // Then
            await().until(() -> losses.get() == 1);
            await().until(() -> self.equals(other.view().brokers().get(3)));
            await().until(() -> meanwhile.equals(cluster.view().topic("meanwhile")));
            await().until(() -> self.equals(cluster.view().brokers().get(3)));
        }
    }

    @Test
    void aListenerHearsOfTheNewSessionThoughNothingElseChanged() throws Exception {
        // Given
        broker(4);
        try (ZooKeeperCluster cluster = connect(UUID.randomUUID())) {
            cluster.register(info(3)).join();
            AtomicBoolean lost = new AtomicBoolean();
            AtomicInteger changesAfterwards = new AtomicInteger();
            cluster.addListener(new Cluster.Listener() {
                @Override
                public void onChange(ClusterView view) {
                    if (lost.get()) {
                        changesAfterwards.incrementAndGet();
                    }
                }

                @Override
                public void onSessionLost() {
                    lost.set(true);
                }
            });
            // When
            cluster.expireSession();
            // Then: what was given up at the loss can be taken up again
            await().until(() -> changesAfterwards.get() > 0);
        }
    }

    /** As a starved machine makes it: no further event comes that could make up for the failure. */
    @Test
    void aSessionThatCouldNotBeTakenUpIsTakenUpLater() throws Exception {
        // Given
        broker(4);
        try (ZooKeeperCluster cluster = connect(UUID.randomUUID())) {
            cluster.register(info(3)).join();
            FailsOnce listener = new FailsOnce();
            cluster.addListener(listener);
            await().until(() -> listener.changes.get() > 0);
            listener.failing.set(true);
            // When
            cluster.expireSession();
            // Then
            await().until(() -> listener.changesAfterFailure.get() > 0);
        }
    }

    @Test
    void aChangeThatCouldNotBeFollowedIsFollowedLater() throws Exception {
        // Given
        Cluster other = broker(4);
        try (ZooKeeperCluster cluster = connect(UUID.randomUUID())) {
            cluster.register(info(3)).join();
            FailsOnce first = new FailsOnce();
            FailsOnce second = new FailsOnce();
            cluster.addListener(first);
            cluster.addListener(second);
            await().until(() -> second.changes.get() > 0);
            first.failing.set(true);
            // When
            other.createTopic("meanwhile", 1, Map.of()).join();
            // Then
            await().until(() -> second.last.get().topic("meanwhile") != null);
        }
    }

    private static final class FailsOnce implements Cluster.Listener {
        private final AtomicBoolean failing = new AtomicBoolean();
        private final AtomicBoolean failed = new AtomicBoolean();
        private final AtomicInteger changesAfterFailure = new AtomicInteger();
        private final AtomicInteger changes = new AtomicInteger();
        private final AtomicReference<ClusterView> last = new AtomicReference<>(ClusterView.EMPTY);

        @Override
        public void onChange(ClusterView view) {
            if (failing.compareAndSet(true, false)) {
                failed.set(true);
                throw new IllegalStateException("once, on the test's request");
            }
            last.set(view);
            changes.incrementAndGet();
            if (failed.get()) {
                changesAfterFailure.incrementAndGet();
            }
        }

        @Override
        public void onSessionLost() {}
    }

    @Test
    void oldChangesArePurgedAndALateBrokerKnowsTheLatestAllTheSame() throws Exception {
        // Given
        Cluster first = broker(0);
        first.createTopic("t", 1, Map.of()).join();
        List<CompletableFuture<TopicInfo>> updates = IntStream.range(0, 1_100)
                .mapToObj(turn -> first.updateTopicConfig("t", Map.of("turn", Integer.toString(turn)), turn))
                .toList();
        TopicInfo last = updates.get(updates.size() - 1).join();
        // When
        Cluster second = broker(1);
        // Then
        assertEquals(last, second.view().topic("t"));
        try (RawClient client = new RawClient(server.connectString() + chroot)) {
            await().until(() -> client.children("/changes") < 1_000);
        }
    }

    @Test
    void anotherRunFindsTheTopics() {
        // Given
        TopicInfo topic;
        try (ZooKeeperCluster run = connect(UUID.randomUUID())) {
            run.register(info(0)).join();
            topic = run.createTopic("a topic/with § odd.name", 3, Map.of("k", "v \"quoted\""))
                    .join();
        }
        // When
        Cluster next = connect();
        // Then
        try (next) {
            assertEquals(topic, next.view().topic(topic.name()));
        }
    }

    @Test
    void manyTopicsAreReadAndClaimed() {
        // Given
        Cluster cluster = broker(0);
        var topics = IntStream.range(0, 100)
                .mapToObj(index -> cluster.createTopic("t" + index, 10, Map.of()))
                .toList();
        // When
        var claims = topics.stream()
                .map(CompletableFuture::join)
                .flatMap(topic -> IntStream.range(0, 10).mapToObj(index -> cluster.claim(partition(topic, index))))
                .toList();
        // Then
        claims.forEach(claim -> assertEquals(1, claim.join()));
        assertNotNull(cluster.view().topic("t99"));
    }

    @Test
    void anUnreachableZooKeeperIsNamed() {
        // Given
        ZooKeeperSettings nobody = new ZooKeeperSettings("127.0.0.1:1", 1_000, 300, UUID.randomUUID());
        // When
        ClusterException failure = assertThrows(ClusterException.class, () -> ZooKeeperCluster.connect(nobody));
        // Then
        assertEquals(Reason.UNAVAILABLE, failure.reason());
        assertTrue(failure.getMessage().contains("127.0.0.1:1"), failure.getMessage());
    }

    @Test
    void aRestartedBrokersClientIdsAreFreeThoughItsPredecessorsSessionLives() throws Exception {
        UUID directoryId = UUID.randomUUID();
        Cluster other = broker(6);
        BrokerInfo dead = info(5);
        try (RawClient session = leaveRegistration(dead, directoryId);
                ZooKeeperCluster restarted = connect(directoryId)) {
            // Given
            for (String id : List.of("here", "there", "in-use")) {
                session.createParents(ZkPaths.clientId(id));
                session.create(
                        ZkPaths.clientId(id),
                        new ClientIdJson(UUID.randomUUID(), dead.id(), dead.incarnation()).toBytes(),
                        CreateMode.EPHEMERAL);
            }
            // When
            assertEquals(Reason.CLIENT_ID_IN_USE, reasonOf(other.claimClientId("in-use", UUID.randomUUID(), () -> {})));
            restarted.register(info(5)).join();
            await().until(() -> !other.view().brokers().get(5).equals(dead));
            // Then
            restarted.claimClientId("here", UUID.randomUUID(), () -> {}).join();
            other.claimClientId("there", UUID.randomUUID(), () -> {}).join();
        }
    }

    @Test
    void afterALostSessionClientIdsAreTakenAgainAndWhoeverLostHisIsTold() throws Exception {
        Cluster other = broker(4);
        try (ZooKeeperCluster cluster = connect(UUID.randomUUID())) {
            // Given
            cluster.register(info(3)).join();
            AtomicInteger lost = new AtomicInteger();
            UUID holder = UUID.randomUUID();
            UUID thief = UUID.randomUUID();
            cluster.claimClientId("kept", holder, lost::incrementAndGet).join();
            cluster.claimClientId("stolen", holder, () -> lost.addAndGet(10)).join();
            try (RawClient client = new RawClient(server.connectString() + chroot)) {
                client.delete(ZkPaths.clientId("stolen"));
            }
            other.claimClientId("stolen", thief, () -> {}).join();
            // When
            cluster.expireSession();
            // Then
            await().until(() -> lost.get() == 10);
            assertEquals(Reason.CLIENT_ID_IN_USE, reasonOf(other.claimClientId("kept", thief, () -> {})));
            assertEquals(Reason.CLIENT_ID_IN_USE, reasonOf(cluster.claimClientId("stolen", holder, () -> {})));
        }
    }
}
