// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.cluster.TopicInfo.PartitionOwnership;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Reads and changes topics in ZooKeeper; each change is a compare-and-set in one transaction with its entry in the
 * {@link ChangeSequence}. A change whose answer was lost with the connection is tried again and recognised when it had
 * already happened. Used on the cluster thread only.
 */
final class TopicStore {
    private static final int ATTEMPTS = 50;

    private final CuratorFramework client;
    private final ChangeSequence changes;

    TopicStore(CuratorFramework client, ChangeSequence changes) {
        this.client = client;
        this.changes = changes;
    }

    List<String> names() throws Exception {
        return client.getChildren().forPath(ZkPaths.TOPICS).stream()
                .map(ZkPaths::unescape)
                .toList();
    }

    @Nullable
    TopicInfo read(String name) throws Exception {
        Stat stat = new Stat();
        try {
            byte[] bytes = client.getData().storingStatIn(stat).forPath(ZkPaths.topic(name));
            return TopicJson.fromBytes(name, bytes, stat.getVersion());
        } catch (KeeperException.NoNodeException e) {
            return null;
        }
    }

    TopicInfo create(String name, List<Integer> owners, Map<String, String> config) throws Exception {
        TopicInfo topic = new TopicInfo(UUID.randomUUID(), name, PartitionOwnership.unclaimed(owners), config, 0);
        try {
            client.transaction()
                    .forOperations(
                            client.transactionOp().create().forPath(ZkPaths.topic(name), TopicJson.toBytes(topic)),
                            changes.append(name));
        } catch (KeeperException.NodeExistsException e) {
            TopicInfo existing = read(name);
            if (existing == null || !existing.id().equals(topic.id())) {
                throw new ClusterException(Reason.TOPIC_EXISTS, "Topic " + name + " exists already", e);
            }
        }
        return topic;
    }

    void delete(String name) throws Exception {
        try {
            client.transaction()
                    .forOperations(client.transactionOp().delete().forPath(ZkPaths.topic(name)), changes.append(name));
        } catch (KeeperException.NoNodeException e) {
            throw new ClusterException(Reason.UNKNOWN_TOPIC, "There is no topic " + name, e);
        }
    }

    /** @param change makes the next version of what was read */
    TopicInfo update(String name, int expectedVersion, UnaryOperator<TopicInfo> change) throws Exception {
        TopicInfo old = existing(name);
        if (old.version() == expectedVersion) {
            TopicInfo changed = change.apply(old);
            if (replace(changed, expectedVersion)) {
                return changed;
            }
            old = existing(name);
        }
        throw new ClusterException(
                Reason.VERSION_CONFLICT,
                "Topic %s changed since version %d, it has version %d now: read it again"
                        .formatted(name, expectedVersion, old.version()));
    }

    /** Raises the epochs of all partitions in {@code claims} that {@code brokerId} owns; the topic as it is now. */
    TopicInfo claim(String name, List<ClaimRequest> claims, int brokerId) throws Exception {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            TopicInfo old = existing(name);
            List<PartitionOwnership> owners = new ArrayList<>(old.partitions());
            claims.stream()
                    .filter(claim -> claim.refusal(old, brokerId) == null)
                    .mapToInt(claim -> claim.partition().partition())
                    .distinct()
                    .forEach(index -> owners.set(
                            index,
                            new PartitionOwnership(brokerId, owners.get(index).leaderEpoch() + 1)));
            TopicInfo changed = new TopicInfo(old.id(), name, owners, old.config(), old.version() + 1);
            if (owners.equals(old.partitions()) || replace(changed, old.version())) {
                return changed;
            }
        }
        throw new ClusterException(
                Reason.VERSION_CONFLICT, "Topic %s changed %d times in between: try again".formatted(name, ATTEMPTS));
    }

    /** Whether the topic had the expected version and is replaced. */
    private boolean replace(TopicInfo changed, int expectedVersion) throws Exception {
        String path = ZkPaths.topic(changed.name());
        try {
            client.transaction()
                    .forOperations(
                            client.transactionOp()
                                    .setData()
                                    .withVersion(expectedVersion)
                                    .forPath(path, TopicJson.toBytes(changed)),
                            changes.append(changed.name()));
            return true;
        } catch (KeeperException.BadVersionException e) {
            // Ours all the same when the connection was lost between the change and its answer.
            return changed.equals(read(changed.name()));
        } catch (KeeperException.NoNodeException e) {
            throw new ClusterException(Reason.UNKNOWN_TOPIC, "There is no topic " + changed.name(), e);
        }
    }

    private TopicInfo existing(String name) throws Exception {
        TopicInfo topic = read(name);
        if (topic == null) {
            throw new ClusterException(Reason.UNKNOWN_TOPIC, "There is no topic " + name);
        }
        return topic;
    }
}
