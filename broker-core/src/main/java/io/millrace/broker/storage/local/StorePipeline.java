// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of an append: owner, journal thread, apply thread, maintenance thread; each hands over by queue. */
final class StorePipeline {
    private static final Logger LOG = LoggerFactory.getLogger(StorePipeline.class);
    /** How long what was written stays unsynced where no full journal file asks for it earlier. */
    private static final long SYNC_INTERVAL_MS = 10_000;

    private final FileLayer files;
    private final FlushMode flush;
    private final String bootId;
    private final DirtyPartitions dirty;
    private final StoreDirectory directory;
    private final StoreHealth health;
    private final JournalBacklog backlog;
    private final Mailbox<PipelineItem> journalMail = new Mailbox<>();
    private final Mailbox<List<PipelineItem>> applyMail = new Mailbox<>();
    private final AtomicLong pendingBytes = new AtomicLong();
    private final Journal journal;
    private final Thread journalThread;
    private final Thread applyThread;
    private final ScheduledExecutorService maintenance;
    /** Maintenance thread. */
    private final Map<PartitionKey, Checkpoint.Position> positions;

    private volatile @Nullable StorageException stopped;

    StorePipeline(
            LocalStoreOptions options,
            FileLayer files,
            StoreDirectory directory,
            StoreRecovery.Outcome recovered,
            StoreHealth health)
            throws IOException {
        this.files = files;
        this.flush = options.flush();
        this.dirty = directory.dirty();
        this.directory = directory;
        this.health = health;
        this.bootId = recovered.checkpoint().bootId();
        this.positions = new HashMap<>(recovered.checkpoint().positions());
        this.backlog = recovered.backlog();
        this.journal = new Journal(
                files,
                directory.journal(),
                options,
                recovered.journal(),
                recovered.checkpoint().sequence(),
                recovered.journalFiles(),
                backlog::isDamaged,
                () -> applyMail.offer(List.of(new PipelineItem.SyncRequest())));
        this.maintenance =
                Executors.newSingleThreadScheduledExecutor(task -> thread(task, "millrace-store-maintenance"));
        ApplyThread apply = new ApplyThread(
                applyMail, health, pendingBytes, recovered.journal().lastSequence(), dirty, backlog, this::sync);
        this.applyThread = thread(apply, "millrace-store-apply");
        this.journalThread = thread(
                new JournalThread(
                        journalMail,
                        apply,
                        journal,
                        health,
                        options,
                        () -> schedule("preparing a journal file", journal::spare)),
                "millrace-journal");
    }

    private Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((dead, cause) -> health.fail(
                new StorageException(Reason.IO, name + " died of " + cause + "; restart the broker", cause)));
        return thread;
    }

    void start() {
        journalThread.start();
        applyThread.start();
        backlog.whenOver(this::wantSync);
        var unused = maintenance.scheduleWithFixedDelay(
                this::syncIfDirty, SYNC_INTERVAL_MS, SYNC_INTERVAL_MS, TimeUnit.MILLISECONDS);
    }

    private void syncIfDirty() {
        if (!dirty.isEmpty()) {
            wantSync();
        }
    }

    /** Starts a sync round. Any thread. */
    void wantSync() {
        applyMail.offer(List.of(new PipelineItem.SyncRequest()));
    }

    CompletableFuture<Void> submit(PipelineItem.Frame frame) {
        pendingBytes.addAndGet(frame.bytes());
        enqueue(frame);
        return frame.future();
    }

    /** Completes when all that was submitted before is applied or failed. {@code log} takes nothing that comes after. */
    CompletableFuture<Void> barrier(LocalLog log, StorageException closing) {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        enqueue(new PipelineItem.Barrier(log, closing, reached));
        return reached;
    }

    CompletableFuture<Void> roll(LocalLog log) {
        PipelineItem.Roll roll = new PipelineItem.Roll(log, new CompletableFuture<>());
        enqueue(roll);
        return roll.future();
    }

    /** Syncs the files of all that was applied; completes when the checkpoint says so. */
    CompletableFuture<Void> sync() {
        PipelineItem.SyncRequest request = new PipelineItem.SyncRequest();
        enqueue(request);
        return request.future();
    }

    private void enqueue(PipelineItem item) {
        journalMail.offer(item);
        if (stopped != null && !journalThread.isAlive()) {
            failLeftovers();
        }
    }

    /** What came in too late for the journal thread; it is gone, so the lock makes one consumer of many. */
    private synchronized void failLeftovers() {
        StorageException cause = stopped;
        PipelineItem item = journalMail.poll();
        while (item != null && cause != null) {
            if (item instanceof PipelineItem.Frame frame) {
                pendingBytes.addAndGet(-frame.bytes());
                frame.abandon(cause);
            } else if (item instanceof PipelineItem.Barrier barrier) {
                barrier.future().complete(null);
            } else if (item instanceof PipelineItem.Roll roll) {
                roll.future().completeExceptionally(cause);
            } else if (item instanceof PipelineItem.SyncRequest request) {
                request.future().completeExceptionally(cause);
            }
            item = journalMail.poll();
        }
    }

    long pendingBytes() {
        return pendingBytes.get();
    }

    void wakeJournal() {
        journal.wake();
    }

    /** A piece of work on files. */
    @FunctionalInterface
    interface FileWork {
        void run() throws IOException;
    }

    /** As {@link #maintain}, for those who need not know when it is done. */
    void schedule(String what, FileWork work) {
        maintenance.execute(() -> attempt(what, work));
    }

    /** Runs on the maintenance thread; a failure there takes the store offline. */
    CompletableFuture<Void> maintain(String what, FileWork work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        maintain(what, work, done);
        return done;
    }

    /** Removes a partition's files. */
    CompletableFuture<Void> delete(PartitionFiles partition) {
        return maintain("deleting " + partition.meta().partition(), () -> {
            partition.delete();
            positions.remove(partition.key());
        });
    }

    private void maintain(String what, FileWork work, CompletableFuture<Void> done) {
        maintenance.execute(() -> {
            StorageException failure = attempt(what, work);
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        });
    }

    /** Why it failed; {@code null} when it did not. */
    private @Nullable StorageException attempt(String what, FileWork work) {
        StorageException failure = health.failure();
        if (failure == null) {
            try {
                work.run();
            } catch (SegmentReplacement.NotReplaced undone) {
                failure = undone.reason();
            } catch (IOException | RuntimeException broken) {
                failure = health.fail(StorageErrors.of(what, broken));
            }
        }
        return failure;
    }

    private void sync(ApplyThread.SyncRound round) {
        maintain("syncing the partitions' files", () -> syncFiles(round), round.done());
    }

    private void syncFiles(ApplyThread.SyncRound round) throws IOException {
        for (PartitionFiles.SyncTask task : round.tasks()) {
            if (!task.files().deleted()) {
                task.files().sync(task);
                positions.put(task.files().key(), task.position());
            } else {
                positions.remove(task.files().key());
            }
        }
        new Checkpoint(round.sequence(), -1, flush, bootId, Map.copyOf(positions)).write(files, directory.root());
        journal.released(round.sequence());
    }

    /**
     * The store is offline. Under {@code flush=os} what was written may be lost without a crash of the machine, when the
     * disk was the reason: the next start is told, as far as the disk lets.
     */
    void failed() {
        if (flush == FlushMode.OS) {
            try {
                maintenance.execute(this::distrustWritten);
            } catch (RejectedExecutionException closing) {
                LOG.warn("The store fails while it is closed: {}", closing.toString());
            }
        }
    }

    private void distrustWritten() {
        try {
            new Checkpoint(journal.appliedSequence(), -1, flush, "", Map.copyOf(positions))
                    .write(files, directory.root());
        } catch (IOException | RuntimeException failure) {
            LOG.error("The checkpoint cannot be written; restart the machine, not only the broker", failure);
        }
    }

    /** Makes durable what was submitted, syncs all files and ends the threads. */
    void close(StorageException cause) {
        stopped = cause;
        journalMail.offer(new PipelineItem.Stop());
        Uninterruptibly.await(() -> {
            journalThread.join();
            return true;
        });
        // The journal thread has passed its Stop on, unless it died: then this one ends the apply thread.
        applyMail.offer(List.of(new PipelineItem.Stop()));
        Uninterruptibly.await(() -> {
            applyThread.join();
            return true;
        });
        failLeftovers();
        if (backlog.isOver()) {
            schedule("writing the checkpoint", this::writeCleanCheckpoint);
        }
        maintenance.shutdown();
        Uninterruptibly.await(() -> maintenance.awaitTermination(1, TimeUnit.MINUTES));
        try {
            journal.close();
        } catch (IOException failure) {
            throw StorageErrors.of("closing the journal", failure);
        }
    }

    private void writeCleanCheckpoint() throws IOException {
        new Checkpoint(journal.appliedSequence(), journal.generation(), flush, bootId, Map.copyOf(positions))
                .write(files, directory.root());
    }
}
