// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import io.millrace.broker.cluster.ClusterDocument;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and changes documents in ZooKeeper and knows the present ones; each change is a compare-and-set in one
 * transaction with its entry in the {@link ChangeSequence}. Used on the cluster thread only.
 */
final class DocumentStore {
    private static final Logger LOG = LoggerFactory.getLogger(DocumentStore.class);
    private static final int ATTEMPTS = 50;

    private final CuratorFramework client;
    private final ChangeSequence changes;
    private Map<String, Map<String, ClusterDocument>> documents = Map.of();

    DocumentStore(CuratorFramework client, ChangeSequence changes) {
        this.client = client;
        this.changes = changes;
    }

    /** What was read so far, by kind and name. Immutable. */
    Map<String, Map<String, ClusterDocument>> documents() {
        return documents;
    }

    void readAll() throws Exception {
        documents = Map.of();
        for (String kind : client.getChildren().forPath(ZkPaths.DOCUMENTS)) {
            for (String element : client.getChildren().forPath(ZkPaths.documents(kind))) {
                read(kind, ZkPaths.unescape(element));
            }
        }
    }

    /** Reads one document anew. */
    void read(String kind, String name) throws Exception {
        show(kind, name, load(kind, name).properties);
    }

    void update(String kind, String name, UnaryOperator<Map<String, String>> change) throws Exception {
        ClusterDocument.checkKind(kind);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Loaded present = load(kind, name);
            Map<String, String> changed = Map.copyOf(change.apply(present.properties));
            if (changed.equals(present.properties) || replace(kind, name, present, changed)) {
                show(kind, name, changed);
                return;
            }
            LOG.debug("Document {}/{} changed in between, attempt {}", kind, name, attempt);
        }
        throw new ClusterException(
                Reason.VERSION_CONFLICT,
                "Document %s/%s changed %d times in between: try again".formatted(kind, name, ATTEMPTS));
    }

    private boolean replace(String kind, String name, Loaded present, Map<String, String> changed) throws Exception {
        try {
            client.transaction()
                    .forOperations(
                            operation(kind, name, present, changed),
                            changes.append(ChangeSequence.document(kind, name)));
            return true;
        } catch (KeeperException.BadVersionException | KeeperException.NodeExistsException e) {
            return false;
        } catch (KeeperException.NoNodeException e) {
            client.checkExists().creatingParentsIfNeeded().forPath(ZkPaths.document(kind, name));
            return false;
        }
    }

    private CuratorOp operation(String kind, String name, Loaded present, Map<String, String> changed)
            throws Exception {
        String path = ZkPaths.document(kind, name);
        if (present.version < 0) {
            return client.transactionOp().create().forPath(path, DocumentJson.toBytes(changed));
        } else if (changed.isEmpty()) {
            return client.transactionOp().delete().withVersion(present.version).forPath(path);
        }
        return client.transactionOp()
                .setData()
                .withVersion(present.version)
                .forPath(path, DocumentJson.toBytes(changed));
    }

    private Loaded load(String kind, String name) throws Exception {
        String path = ZkPaths.document(kind, name);
        Stat stat = new Stat();
        try {
            byte[] bytes = client.getData().storingStatIn(stat).forPath(path);
            return new Loaded(DocumentJson.fromBytes(path, bytes), stat.getVersion());
        } catch (KeeperException.NoNodeException e) {
            return new Loaded(Map.of(), -1);
        }
    }

    private void show(String kind, String name, Map<String, String> properties) {
        Map<String, ClusterDocument> ofKind = new HashMap<>(documents.getOrDefault(kind, Map.of()));
        if (properties.isEmpty()) {
            ofKind.remove(name);
        } else {
            ofKind.put(name, new ClusterDocument(kind, name, properties));
        }
        Map<String, Map<String, ClusterDocument>> all = new HashMap<>(documents);
        all.put(kind, Map.copyOf(ofKind));
        documents = Map.copyOf(all);
    }

    /** @param version the znode's version, -1 for none */
    private record Loaded(Map<String, String> properties, int version) {}
}
