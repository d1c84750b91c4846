// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.Cluster.ClusterException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.apache.zookeeper.CreateMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedZooKeeperTest {
    @TempDir
    Path directory;

    private static RawClient client(EmbeddedZooKeeper server) throws Exception {
        return new RawClient(server.connectString());
    }

    @Test
    void keepsDataOverARestartButNoSessionOfTheRunBefore() throws Exception {
        // Given: a client that never says good-bye
        EmbeddedZooKeeper first = EmbeddedZooKeeper.start(directory, 0);
        RawClient killed = client(first);
        killed.create("/kept", new byte[] {1}, CreateMode.PERSISTENT);
        killed.create("/gone", new byte[] {2}, CreateMode.EPHEMERAL);
        first.close();
        // When
        try (EmbeddedZooKeeper second = EmbeddedZooKeeper.start(directory, 0);
                RawClient client = client(second)) {
            // Then
            assertArrayEquals(new byte[] {1}, client.read("/kept"));
            assertFalse(client.exists("/gone"));
        } finally {
            killed.close();
        }
    }

    @Test
    void severalLiveInOneJvm() throws Exception {
        // Given
        try (EmbeddedZooKeeper one = EmbeddedZooKeeper.start(directory.resolve("one"), 0);
                EmbeddedZooKeeper two = EmbeddedZooKeeper.start(directory.resolve("two"), 0);
                RawClient ofOne = client(one);
                RawClient ofTwo = client(two)) {
            // When
            ofOne.create("/x", new byte[0], CreateMode.PERSISTENT);
            // Then
            assertFalse(ofTwo.exists("/x"));
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            // When
            ClusterException failure =
                    assertThrows(ClusterException.class, () -> EmbeddedZooKeeper.start(directory, port));
            // Then
            assertTrue(failure.getMessage().contains(Integer.toString(port)), failure.getMessage());
        }
    }

    @Test
    void listensOnTheConfiguredPort() throws Exception {
        // Given
        int port;
        try (EmbeddedZooKeeper any = EmbeddedZooKeeper.start(directory, 0)) {
            port = any.port();
        }
        // When
        try (EmbeddedZooKeeper again = EmbeddedZooKeeper.start(directory, port)) {
            // Then
            assertEquals(port, again.port());
        }
    }
}
