// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a data directory: finds out what only the journal has, which goes into the partitions' files. Where the store ran
 * and will run with {@code flush=commit}, each partition's part does so when the partition is opened, and the others need
 * not wait for it ({@link JournalBacklog}); else all of it does here. The journal keeps it until a sync round, so that
 * opening waits for no partition's sync. Runs before the store's threads do.
 */
final class StoreRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRecovery.class);

    /** Reads and syncs of different files wait for the disk side by side. */
    private static final int THREADS = 8;

    private final StoreDirectory directory;
    private final FlushMode flush;
    private final FileLayer files;
    private final Map<PartitionKey, PartitionFiles> partitions;
    private final Checkpoint checkpoint;
    /** Whether some frame of the journal did not join on. */
    private volatile boolean dropped;

    StoreRecovery(StoreDirectory directory, FileLayer files, FlushMode flush) throws IOException {
        this.directory = directory;
        this.flush = flush;
        this.files = files;
        directory.create();
        ReadPool threads = new ReadPool("millrace-store-recovery-", THREADS);
        try {
            this.partitions = directory.load(threads);
        } finally {
            threads.drain();
        }
        this.checkpoint = Checkpoint.read(files, directory.root());
    }

    /**
     * @param partitions all that exist
     * @param recovered those that are open already
     * @param previousFlush how the store ran before
     * @param journalFiles to be used again
     * @param backlog what the partitions' files may lack
     */
    record Outcome(
            Map<PartitionKey, PartitionFiles> partitions,
            Map<PartitionKey, PartitionFiles> recovered,
            Checkpoint checkpoint,
            FlushMode previousFlush,
            JournalScan.Result journal,
            List<JournalFile> journalFiles,
            JournalBacklog backlog) {}

    Outcome run() throws IOException {
        try (JournalScan scan = new JournalScan(files, directory.journal())) {
            JournalScan.Result journal = scan.scan(checkpoint);
            if (journal.damage() != null) {
                if (checkpoint.flush() == FlushMode.COMMIT) {
                    throw journal.damage();
                }
                // Its frames were never synced: a crash of the machine leaves any of them.
                LOG.warn(
                        "The journal is used up to a frame that is not sound: {}",
                        journal.damage().getMessage());
                dropped = true;
            }
            Map<PartitionKey, List<JournalScan.Entry>> work = byPartition(journal.entries());
            boolean clean = journal.lastGeneration() == checkpoint.cleanGeneration();
            boolean unsyncedIsLost = !clean
                    && !checkpoint.bootId().equals(files.bootId())
                    && (checkpoint.flush() == FlushMode.OS
                            || checkpoint.bootId().isEmpty());
            if (checkpoint.flush() == FlushMode.COMMIT && flush == FlushMode.COMMIT && !unsyncedIsLost) {
                return openAtOnce(scan, journal, work);
            }
            if (checkpoint.flush() == FlushMode.OS && !clean) {
                // What is torn must be cut before a run that would take it for damage.
                partitions.keySet().forEach(key -> work.putIfAbsent(key, List.of()));
            }
            Map<PartitionKey, PartitionFiles> recovered = new ConcurrentHashMap<>();
            Map<PartitionKey, Checkpoint.Position> positions = new ConcurrentHashMap<>(checkpoint.positions());
            boolean damaged = dropMissing(work);
            damaged |= recoverAll(work, unsyncedIsLost, recovered);
            long synced = journal.appliedSequence();
            if (damaged || dropped || checkpoint.flush() != flush) {
                // The journal is set aside, or has frames that must not come back, or a crash of this run would be
                // judged by other rules than the last one's.
                syncAll(positions);
                synced = journal.lastSequence();
            } else {
                scan.force();
            }
            positions.keySet().removeIf(key -> !partitions.containsKey(key) && !directory.isUnreadable(key));
            keepOffsets(positions, recovered, unsyncedIsLost);
            Checkpoint reached = new Checkpoint(synced, -1, flush, files.bootId(), positions);
            reached.write(files, directory.root());
            List<JournalFile> journalFiles = scan.recycle(journal.lastSequence());
            if (damaged) {
                for (JournalFile each : journalFiles) {
                    each.setAside(files);
                }
                journalFiles = List.of();
            }
            return new Outcome(
                    partitions, recovered, reached, checkpoint.flush(), journal, journalFiles, JournalBacklog.none());
        }
    }

    /** The partitions are recovered after the store has opened. */
    private Outcome openAtOnce(
            JournalScan scan, JournalScan.Result journal, Map<PartitionKey, List<JournalScan.Entry>> work)
            throws IOException {
        boolean damaged = dropMissing(work);
        scan.force();
        Map<PartitionKey, Checkpoint.Position> positions = new HashMap<>(checkpoint.positions());
        positions.keySet().removeIf(key -> !partitions.containsKey(key) && !directory.isUnreadable(key));
        long synced = journal.appliedSequence();
        Checkpoint reached = new Checkpoint(synced, -1, flush, files.bootId(), positions);
        if (!reached.saysTheSame(checkpoint)) {
            reached.write(files, directory.root());
        }
        return new Outcome(
                partitions,
                Map.of(),
                reached,
                checkpoint.flush(),
                journal,
                scan.recycle(journal.lastSequence()),
                new JournalBacklog(work, damaged, synced));
    }

    /** Takes out what is for partitions that are not there; true when one of them is there and cannot be read. */
    private boolean dropMissing(Map<PartitionKey, List<JournalScan.Entry>> work) throws IOException {
        boolean damaged = false;
        int gone = 0;
        for (PartitionKey key : List.copyOf(work.keySet())) {
            if (!partitions.containsKey(key)) {
                work.remove(key);
                if (directory.isUnreadable(key)) {
                    directory.markUnreadableOffline(key);
                    damaged = true;
                } else {
                    LOG.debug("Journal frames of partition {}, which was deleted, are dropped", key);
                    gone++;
                }
            }
        }
        if (gone > 0) {
            LOG.info("Journal frames of {} deleted partitions are dropped", gone);
        }
        return damaged;
    }

    /** The checkpoint tells from now on which offsets were given out: the next start may not see what this one saw. */
    private void keepOffsets(
            Map<PartitionKey, Checkpoint.Position> positions,
            Map<PartitionKey, PartitionFiles> recovered,
            boolean unsyncedIsLost) {
        partitions.forEach((key, partition) -> {
            long next = recovered.containsKey(key) ? partition.nextOffset() : 0;
            next = Math.max(next, unsyncedIsLost ? partition.meta().reservedOffset() : 0);
            if (next > 0) {
                positions.put(
                        key,
                        positions.getOrDefault(key, Checkpoint.Position.NONE).withNextOffset(next));
            }
        });
    }

    /** Several at a time; the first sync round takes them. True when one of them is damaged. */
    private boolean recoverAll(
            Map<PartitionKey, List<JournalScan.Entry>> work,
            boolean unsyncedIsLost,
            Map<PartitionKey, PartitionFiles> recovered)
            throws IOException {
        ReadPool threads = new ReadPool("millrace-store-recovery-", THREADS);
        List<CompletableFuture<Boolean>> running = new ArrayList<>();
        boolean damaged = false;
        try {
            for (Map.Entry<PartitionKey, List<JournalScan.Entry>> each : work.entrySet()) {
                PartitionFiles partition = partitions.get(each.getKey());
                if (partition != null) {
                    running.add(threads.submit("recovering " + each.getKey(), () -> {
                        if (!recover(partition, each.getValue(), unsyncedIsLost)) {
                            return true;
                        }
                        partition.markDirty();
                        recovered.put(each.getKey(), partition);
                        return false;
                    }));
                }
            }
            for (CompletableFuture<Boolean> each : running) {
                damaged |= each.join();
            }
        } catch (CompletionException failure) {
            throw failed("recovering the partitions", failure);
        } finally {
            threads.drain();
        }
        return damaged;
    }

    private void syncAll(Map<PartitionKey, Checkpoint.Position> positions) throws IOException {
        ReadPool threads = new ReadPool("millrace-store-recovery-", THREADS);
        List<CompletableFuture<@Nullable Void>> running = new ArrayList<>();
        try {
            directory
                    .dirty()
                    .drain(partition -> running.add(threads.submit("syncing " + partition.key(), () -> {
                        PartitionFiles.SyncTask task = partition.takeSync();
                        partition.sync(task);
                        positions.put(partition.key(), task.position());
                        return null;
                    })));
            running.forEach(CompletableFuture::join);
        } catch (CompletionException failure) {
            throw failed("syncing the partitions", failure);
        } finally {
            threads.drain();
        }
    }

    private static StorageException failed(String what, CompletionException failure) {
        return StorageErrors.of(what, failure.getCause() == null ? failure : failure.getCause());
    }

    /** False when the partition is damaged: it stays offline. */
    private boolean recover(PartitionFiles partition, List<JournalScan.Entry> entries, boolean unsyncedIsLost)
            throws IOException {
        @Nullable StorageException offline = partition.offlineReason();
        if (offline == null) {
            try {
                Checkpoint.Position synced = checkpoint.position(partition.key());
                if (!partition.recover(synced, checkpoint.flush(), unsyncedIsLost, entries)) {
                    dropped = true;
                }
                return true;
            } catch (StorageException | IOException failure) {
                StorageException damage =
                        StorageErrors.of("recovering " + partition.meta().partition(), failure);
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
