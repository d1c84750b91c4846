// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** A plain ZooKeeper session, for tests. */
final class RawClient implements AutoCloseable {
    private final ZooKeeper zooKeeper;

    RawClient(String connect) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        zooKeeper = new ZooKeeper(connect, 60_000, event -> {
            if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
            }
        });
        connected.await();
    }

    void create(String path, byte[] bytes, CreateMode mode) throws Exception {
        zooKeeper.create(path, bytes, Ids.OPEN_ACL_UNSAFE, mode);
    }

    /** Makes what is missing above a path. */
    void createParents(String path) throws Exception {
        for (int slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
            if (!exists(path.substring(0, slash))) {
                create(path.substring(0, slash), new byte[0], CreateMode.PERSISTENT);
            }
        }
    }

    void delete(String path) throws Exception {
        zooKeeper.delete(path, -1);
    }

    byte[] read(String path) throws Exception {
        return zooKeeper.getData(path, false, null);
    }

    boolean exists(String path) throws KeeperException, InterruptedException {
        return zooKeeper.exists(path, false) != null;
    }

    int children(String path) throws KeeperException, InterruptedException {
        return zooKeeper.getChildren(path, false).size();
    }

    @Override
    public void close() {
        try {
            zooKeeper.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
