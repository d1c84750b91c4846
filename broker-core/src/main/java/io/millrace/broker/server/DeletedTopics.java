// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
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
                .filter(partition -> !partition.topic().equals(ReservedNames.SPILLED_LOGS)) // transactions end them
                .toList();
        Path file = directory.resolve(FILE);
        if (unknown.isEmpty()) {
            remember(file, cluster.clusterId());
            return;
        }
        boolean knownCluster =
                Files.exists(file) && Files.readString(file).strip().equals(cluster.clusterId());
        if (!knownCluster || view.topics().isEmpty()) {
            LOG.warn(
                    "{} partitions in {}, such as {}, belong to topics that cluster {} does not list; they are kept: {}",
                    unknown.size(),
                    directory,
                    unknown.get(0),
                    cluster.clusterId(),
                    knownCluster
                            ? "the cluster lists no topic at all, check its ZooKeeper"
                            : "its file cluster.id does not name this cluster, check zookeeper.connect");
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

    /** A directory that was no cluster's becomes this one's. */
    private static void remember(Path file, String clusterId) throws IOException {
        if (!Files.exists(file)) {
            Path fresh = file.resolveSibling(FILE + ".new");
            Files.writeString(fresh, clusterId + "\n");
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
