// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.CuratorWatcher;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The brokers' ephemerals, and who of them is the controller. Used on the cluster thread only. */
final class BrokerRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerRegistry.class);

    private static final String LATCH = "latch-";
    private static final int ATTEMPTS = 10;

    private final CuratorFramework client;
    private final UUID directoryId;

    BrokerRegistry(CuratorFramework client, UUID directoryId) {
        this.client = client;
        this.directoryId = directoryId;
    }

    /**
     * Creates the ephemeral in the present session. One that a predecessor on the same data directory left behind, in a
     * session that has not timed out yet, is deleted first: overwritten it would vanish with that session.
     */
    void register(BrokerInfo self) throws Exception {
        String path = ZkPaths.broker(self.id());
        byte[] bytes = new BrokerJson(self, directoryId).toBytes();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                client.create().withMode(CreateMode.EPHEMERAL).forPath(path, bytes);
                return;
            } catch (KeeperException.NodeExistsException e) {
                if (isRegistered(self, path)) {
                    return;
                }
            }
        }
        throw new ClusterException(
                Reason.BROKER_ID_IN_USE, "Broker id %d was taken again and again by others".formatted(self.id()));
    }

    /** Whether the node at {@code path} is of this incarnation and session; removes it when it is a predecessor's. */
    private boolean isRegistered(BrokerInfo self, String path) throws Exception {
        Stat stat = new Stat();
        try {
            BrokerJson holder = BrokerJson.fromBytes(
                    path, client.getData().storingStatIn(stat).forPath(path));
            long session = client.getZookeeperClient().getZooKeeper().getSessionId();
            if (stat.getEphemeralOwner() == session && holder.info().equals(self)) {
                return true;
            }
            if (!holder.directoryId().equals(directoryId)) {
                throw new ClusterException(
                        Reason.BROKER_ID_IN_USE,
                        "Broker id %d is in use by the broker at %s:%d: set another broker.id, or wait for ZooKeeper's session time-out when that broker is gone"
                                .formatted(
                                        self.id(),
                                        holder.info().host(),
                                        holder.info().port()));
            }
            LOG.info("Removing the registration that an earlier run of broker {} left behind", self.id());
            client.delete().withVersion(stat.getVersion()).forPath(path);
        } catch (KeeperException.NoNodeException | KeeperException.BadVersionException e) {
            LOG.debug("The registration at {} changed while it was looked at", path, e);
        }
        return false;
    }

    /** The live brokers; sets the watch. */
    List<BrokerInfo> brokers(CuratorWatcher watcher) throws Exception {
        List<BrokerInfo> brokers = new ArrayList<>();
        for (String child : client.getChildren().usingWatcher(watcher).forPath(ZkPaths.BROKERS)) {
            String path = ZkPaths.BROKERS + "/" + child;
            byte[] bytes = readOrNull(path);
            if (bytes != null) {
                brokers.add(BrokerJson.fromBytes(path, bytes).info());
            }
        }
        return brokers;
    }

    /** The id of the elected controller, -1 for none; sets the watch. The election itself is Curator's LeaderLatch. */
    int controller(CuratorWatcher watcher) throws Exception {
        List<String> candidates = client.getChildren().usingWatcher(watcher).forPath(ZkPaths.CONTROLLER).stream()
                .filter(name -> name.contains(LATCH))
                .sorted(Comparator.comparing(name -> name.substring(name.lastIndexOf(LATCH))))
                .toList();
        for (String candidate : candidates) {
            byte[] id = readOrNull(ZkPaths.CONTROLLER + "/" + candidate);
            if (id != null) {
                return Integer.parseInt(new String(id, UTF_8));
            }
        }
        return -1;
    }

    private byte @Nullable [] readOrNull(String path) throws Exception {
        try {
            return client.getData().forPath(path);
        } catch (KeeperException.NoNodeException e) {
            return null;
        }
    }
}
