// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the logs of topics that were deleted while this broker was away. Only where that is certain: the data directory
 * served this very cluster before (its file {@code cluster.id}), and the cluster lists at least one topic. Otherwise, as
 * with an emptied or a wrong ZooKeeper, the logs are kept and reported.
 */
final class DeletedTopics {
    private static final Logger LOG = LoggerFactory.getLogger(DeletedTopics.class);
    private static final String FILE = "cluster.id";

    private DeletedTopics() {}

    /** Call once registered, so that the cluster's picture is not one from before this start. Deletes in the background. */
    static void removeLogs(Path directory, Cluster cluster, LogStore store) throws IOException {
        ClusterView view = cluster.view();
        List<PartitionId> unknown = store.partitions().stream()
                .filter(partition -> view.topic(partition.topicId()) == null)
                .toList();
        boolean knownCluster = servedBefore(directory, cluster.clusterId());
        if (unknown.isEmpty()) {
            return;
        }
        if (!knownCluster || view.topics().isEmpty()) {
            LOG.warn(
                    "{} partitions in {}, such as {}, belong to topics that cluster {} does not list; they are kept: {}",
                    unknown.size(),
                    directory,
                    unknown.get(0),
                    cluster.clusterId(),
                    knownCluster
                            ? "the cluster lists no topic at all, check its ZooKeeper"
                            : "the directory is not known to be this cluster's, check zookeeper.connect");
            return;
        }
        unknown.forEach(partition -> delete(store, partition));
    }

    private static void delete(LogStore store, PartitionId partition) {
        LOG.info("The log of {} is deleted: its topic was deleted while this broker was away", partition);
        var unused = store.delete(partition).whenComplete((gone, failure) -> {
            if (failure != null) {
                LOG.warn("Deleting the log of {} failed; its files stay: {}", partition, failure.toString());
            }
        });
    }

    /** Whether the directory was this cluster's before; one that was no cluster's becomes this one's. */
    private static boolean servedBefore(Path directory, String clusterId) throws IOException {
        Path file = directory.resolve(FILE);
        if (Files.exists(file)) {
            return Files.readString(file).strip().equals(clusterId);
        }
        Path fresh = directory.resolve(FILE + ".new");
        Files.writeString(fresh, clusterId + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        return false;
    }
}
