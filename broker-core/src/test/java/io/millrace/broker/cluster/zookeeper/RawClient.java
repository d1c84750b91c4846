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
