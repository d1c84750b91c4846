// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a data directory: everything that only the journal has goes into the partitions' files and is synced there, so
 * that the journal starts empty. Runs before the store's threads do.
 */
final class StoreRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRecovery.class);

    private final StoreDirectory directory;
    private final FileLayer files;
    private final Map<PartitionKey, PartitionFiles> partitions;
    private final Checkpoint checkpoint;

    StoreRecovery(StoreDirectory directory, FileLayer files) throws IOException {
        this.directory = directory;
        this.files = files;
        directory.create();
        this.partitions = directory.load();
        this.checkpoint = Checkpoint.read(files, directory.root());
    }

    /**
     * @param partitions all that exist
     * @param recovered those that are open already
     * @param journalFiles to be used again
     */
    record Outcome(
            Map<PartitionKey, PartitionFiles> partitions,
            Map<PartitionKey, PartitionFiles> recovered,
            Checkpoint checkpoint,
            JournalScan.Result journal,
            List<JournalFile> journalFiles) {}

    Outcome run() throws IOException {
        try (JournalScan scan = new JournalScan(files, directory.journal())) {
            JournalScan.Result journal = scan.scan(checkpoint);
            if (journal.damage() != null) {
                throw journal.damage();
            }
            Map<PartitionKey, PartitionFiles> recovered = new HashMap<>();
            Map<PartitionKey, Checkpoint.Position> positions = new HashMap<>(checkpoint.positions());
            boolean damaged = false;
            for (Map.Entry<PartitionKey, List<JournalScan.Entry>> each :
                    byPartition(journal.entries()).entrySet()) {
                PartitionFiles partition = partitions.get(each.getKey());
                if (partition == null) {
                    LOG.info("Journal frames of partition {}, which is gone, are dropped", each.getKey());
                    damaged |= directory.hasUnreadable();
                } else if (recover(partition, each.getValue())) {
                    PartitionFiles.SyncTask task = partition.takeSync();
                    partition.sync(task);
                    positions.put(each.getKey(), task.position());
                    recovered.put(each.getKey(), partition);
                } else {
                    damaged = true;
                }
            }
            positions.keySet().retainAll(partitions.keySet());
            Checkpoint reached = new Checkpoint(journal.lastSequence(), -1, positions);
            reached.write(files, directory.root());
            List<JournalFile> journalFiles = scan.recycle();
            if (damaged) {
                directory.setJournalAside(journalFiles, journal.lastGeneration());
                journalFiles = List.of();
            }
            return new Outcome(partitions, recovered, reached, journal, journalFiles);
        }
    }

    /** False when the partition is damaged: it stays offline. */
    private boolean recover(PartitionFiles partition, List<JournalScan.Entry> entries) throws IOException {
        @Nullable StorageException offline = partition.offlineReason();
        if (offline == null) {
            try {
                partition.recover(checkpoint.position(partition.key()), entries);
                return true;
            } catch (StorageException damage) {
                LOG.error("{} goes offline: {}", partition.meta().partition(), damage.getMessage());
                partition.close();
                partition.markOffline(damage);
            }
        }
        return false;
    }

    private static Map<PartitionKey, List<JournalScan.Entry>> byPartition(List<JournalScan.Entry> entries) {
        Map<PartitionKey, List<JournalScan.Entry>> grouped = new HashMap<>();
        for (JournalScan.Entry entry : entries) {
            grouped.computeIfAbsent(entry.key(), key -> new ArrayList<>()).add(entry);
        }
        return grouped;
    }
}
