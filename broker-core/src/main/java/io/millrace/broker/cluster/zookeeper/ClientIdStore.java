// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ephemerals of the JMS client ids taken through this broker. Used on the cluster thread only.
 *
 * <p>An id goes over to another claim, in one transaction, when the client is the same or the broker that held it is gone:
 * another incarnation of it is registered now. So nobody waits for a dead session, and no broker has to look for what its
 * predecessor left behind: that is cleared where it is in the way, the rest ends with the dead session.
 */
final class ClientIdStore {
    private static final Logger LOG = LoggerFactory.getLogger(ClientIdStore.class);
    private static final int ATTEMPTS = 10;

    private final CuratorFramework client;
    private final Map<String, Held> held = new HashMap<>();
    /** Given back here, but ZooKeeper could not be told. */
    private final Set<String> leftovers = new HashSet<>();

    private record Held(UUID client, Runnable onLost) {}

    ClientIdStore(CuratorFramework client) {
        this.client = client;
    }

    /**
     * @param self this broker, registered
     * @param brokers all registered ones by id
     */
    void claim(String id, UUID holder, Runnable onLost, BrokerInfo self, Map<Integer, BrokerInfo> brokers)
            throws Exception {
        Held mine = held.get(id);
        if (mine == null || !mine.client.equals(holder)) {
            write(id, new ClientIdJson(holder, self.id(), self.incarnation()), brokers);
        }
        held.put(id, new Held(holder, onLost));
        leftovers.remove(id);
    }

    void release(String id, UUID holder) throws Exception {
        Held mine = held.get(id);
        if (mine != null && mine.client.equals(holder)) {
            held.remove(id);
            leftovers.add(id);
            removeIfOurs(id);
            leftovers.remove(id);
        }
    }

    /** After a reconnection: removes what could not be removed before. */
    void removeLeftovers() throws Exception {
        for (String id : List.copyOf(leftovers)) {
            removeIfOurs(id);
            leftovers.remove(id);
        }
    }

    /** In a new session: takes everything again; tells those whose id is another's by now. */
    void restore(BrokerInfo self, Map<Integer, BrokerInfo> brokers) throws Exception {
        leftovers.clear();
        List<Held> lost = new ArrayList<>();
        for (Map.Entry<String, Held> entry : List.copyOf(held.entrySet())) {
            try {
                write(
                        entry.getKey(),
                        new ClientIdJson(entry.getValue().client, self.id(), self.incarnation()),
                        brokers);
            } catch (ClusterException taken) {
                LOG.info("While the session was lost: {}", taken.getMessage());
                held.remove(entry.getKey());
                lost.add(entry.getValue());
            }
        }
        lost.forEach(one -> one.onLost.run());
    }

    private void write(String id, ClientIdJson claim, Map<Integer, BrokerInfo> brokers) throws Exception {
        String path = ZkPaths.clientId(id);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                client.create()
                        .creatingParentsIfNeeded()
                        .withMode(CreateMode.EPHEMERAL)
                        .forPath(path, claim.toBytes());
                return;
            } catch (KeeperException.NodeExistsException e) {
                if (takeOver(id, path, claim, brokers)) {
                    return;
                }
            }
        }
        throw new ClusterException(
                Reason.CLIENT_ID_IN_USE, "Client id \"%s\" was taken again and again by others".formatted(id));
    }

    /** Whether the id is the claim's now; not when its holder changed while it was looked at. */
    private boolean takeOver(String id, String path, ClientIdJson claim, Map<Integer, BrokerInfo> brokers)
            throws Exception {
        Stat stat = new Stat();
        try {
            ClientIdJson holder = ClientIdJson.fromBytes(
                    path, client.getData().storingStatIn(stat).forPath(path));
            boolean own = stat.getEphemeralOwner() == session();
            if (own && holder.equals(claim)) {
                return true;
            }
            if (!holder.client().equals(claim.client())
                    && !(own && !held.containsKey(id))
                    && !isGone(holder, brokers)) {
                throw new ClusterException(
                        Reason.CLIENT_ID_IN_USE,
                        "Client id \"%s\" is in use by another connection, to broker %d: close that one, or use another id"
                                .formatted(id, holder.broker()));
            }
            client.transaction().forOperations(replacement(path, stat.getVersion(), claim.toBytes()));
            return true;
        } catch (KeeperException.NoNodeException
                | KeeperException.BadVersionException
                | KeeperException.NodeExistsException e) {
            LOG.debug("The claim of client id {} changed while it was looked at", id, e);
            return false;
        }
    }

    private static boolean isGone(ClientIdJson holder, Map<Integer, BrokerInfo> brokers) {
        BrokerInfo present = brokers.get(holder.broker());
        return present != null && !present.incarnation().equals(holder.incarnation());
    }

    /**
     * Deletes and creates: overwritten it would vanish with the other session. The versions of successive claims differ,
     * so that a holder of before, which still believes that it has the id, does not delete this one.
     */
    private List<CuratorOp> replacement(String path, int version, byte[] bytes) throws Exception {
        List<CuratorOp> operations = new ArrayList<>();
        operations.add(client.transactionOp().delete().withVersion(version).forPath(path));
        operations.add(
                client.transactionOp().create().withMode(CreateMode.EPHEMERAL).forPath(path, bytes));
        if (version == 0) {
            operations.add(client.transactionOp().setData().forPath(path, bytes));
        }
        return operations;
    }

    private void removeIfOurs(String id) throws Exception {
        String path = ZkPaths.clientId(id);
        Stat stat = client.checkExists().forPath(path);
        if (stat == null || stat.getEphemeralOwner() != session()) {
            return;
        }
        try {
            client.delete().withVersion(stat.getVersion()).forPath(path);
        } catch (KeeperException.NoNodeException | KeeperException.BadVersionException e) {
            LOG.debug("The claim of client id {} went to somebody else meanwhile", id, e);
        }
    }

    private long session() throws Exception {
        return client.getZookeeperClient().getZooKeeper().getSessionId();
    }
}
