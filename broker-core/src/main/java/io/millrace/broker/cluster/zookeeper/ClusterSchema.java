// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.Cluster.ClusterException.Reason;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The fixed znodes of a cluster: made by its first broker, the cluster's id and the producer id counter among them. */
final class ClusterSchema {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterSchema.class);

    private static final int ATTEMPTS = 50;

    private final CuratorFramework client;

    ClusterSchema(CuratorFramework client) {
        this.client = client;
    }

    /** Makes what is missing and returns the cluster's id. */
    String prepare() throws Exception {
        for (String path :
                List.of(ZkPaths.BROKERS, ZkPaths.TOPICS, ZkPaths.DOCUMENTS, ZkPaths.CONTROLLER, ZkPaths.CHANGES)) {
            createIfMissing(path, new byte[0]);
        }
        createIfMissing(ZkPaths.PRODUCER_IDS, "0".getBytes(US_ASCII));
        createIfMissing(ZkPaths.CLUSTER_ID, randomId().getBytes(US_ASCII));
        return new String(client.getData().forPath(ZkPaths.CLUSTER_ID), UTF_8);
    }

    /** Takes {@code size} producer ids out of the counter and returns the first. */
    long allocateProducerIds(int size) throws Exception {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Stat stat = new Stat();
            byte[] bytes = client.getData().storingStatIn(stat).forPath(ZkPaths.PRODUCER_IDS);
            long first = Long.parseLong(new String(bytes, US_ASCII));
            byte[] next = Long.toString(Math.addExact(first, size)).getBytes(US_ASCII);
            try {
                client.setData().withVersion(stat.getVersion()).forPath(ZkPaths.PRODUCER_IDS, next);
                return first;
            } catch (KeeperException.BadVersionException e) {
                // Another broker, or this one before the answer was lost: the next block is free in both cases.
                LOG.debug("Producer ids from {} on were taken in between, attempt {}", first, attempt);
            }
        }
        throw new ClusterException(
                Reason.VERSION_CONFLICT, "Other brokers took producer ids %d times in between".formatted(ATTEMPTS));
    }

    private void createIfMissing(String path, byte[] bytes) throws Exception {
        if (client.checkExists().forPath(path) != null) {
            return;
        }
        try {
            client.create().creatingParentsIfNeeded().forPath(path, bytes);
        } catch (KeeperException.NodeExistsException e) {
            LOG.debug("Another broker that starts now made {}", path);
        }
    }

    /** 16 random bytes in URL-safe base 64, as Kafka writes its cluster ids. */
    private static String randomId() {
        UUID random = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(random.getMostSignificantBits())
                .putLong(random.getLeastSignificantBits())
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
