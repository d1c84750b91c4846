// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.CuratorWatcher;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;

/**
 * The sequence of changes that all brokers follow: each change of a topic or document appends its name in the same
 * transaction, so that a broker watches one list, not everything. Used on the cluster thread only.
 */
final class ChangeSequence {
    private static final String PREFIX = "change-";

    /** The newest entries that are kept; a broker that is further behind reads everything again. */
    private static final int KEPT = 500;

    private final CuratorFramework client;
    private final CuratorWatcher watcher;
    private long seen = -1;

    ChangeSequence(CuratorFramework client, CuratorWatcher watcher) {
        this.client = client;
        this.watcher = watcher;
    }

    /** A document as an entry; a topic's name, the other kind of entry, never holds a slash. */
    static String document(String kind, String name) {
        return kind + "/" + name;
    }

    /**
     * The operation that tells the other brokers; goes into the transaction of the change.
     *
     * @param entry a topic's name, or {@link #document}
     */
    CuratorOp append(String entry) throws Exception {
        return client.transactionOp()
                .create()
                .withMode(CreateMode.PERSISTENT_SEQUENTIAL)
                .forPath(ZkPaths.CHANGES + "/" + PREFIX, entry.getBytes(UTF_8));
    }

    /** Sets the watch and forgets what came before: the caller reads everything next. */
    void startHere() throws Exception {
        List<Long> present = list();
        seen = present.isEmpty() ? -1 : present.get(present.size() - 1);
    }

    /** Sets the watch and returns what changed since the last call; empty when too much was missed. */
    Optional<Set<String>> changed() throws Exception {
        List<Long> present = list();
        long first = seen + 1;
        List<Long> fresh = present.stream().filter(number -> number >= first).toList();
        if (fresh.isEmpty()) {
            return Optional.of(Set.of());
        }
        seen = fresh.get(fresh.size() - 1);
        if (fresh.get(0) != first) {
            return Optional.empty();
        }
        Set<String> entries = new HashSet<>();
        for (long number : fresh) {
            try {
                entries.add(new String(client.getData().forPath(path(number)), UTF_8));
            } catch (KeeperException.NoNodeException e) {
                return Optional.empty();
            }
        }
        return Optional.of(entries);
    }

    /** Drops old entries once twice as many as needed lie there; the controller's work. */
    void purge() throws Exception {
        List<Long> present = list();
        if (present.size() < 2 * KEPT) {
            return;
        }
        for (long number : present.subList(0, present.size() - KEPT)) {
            client.delete().quietly().forPath(path(number));
        }
    }

    private List<Long> list() throws Exception {
        return client.getChildren().usingWatcher(watcher).forPath(ZkPaths.CHANGES).stream()
                .map(name -> Long.parseLong(name.substring(PREFIX.length())))
                .sorted()
                .toList();
    }

    private static String path(long number) {
        return "%s/%s%010d".formatted(ZkPaths.CHANGES, PREFIX, number);
    }
}
