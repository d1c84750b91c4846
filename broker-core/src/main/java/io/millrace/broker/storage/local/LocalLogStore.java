// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.SegmentContent;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.StoreCapabilities;
import io.millrace.broker.storage.Urgency;
import io.millrace.broker.time.BrokerClock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A log store in local files: one journal makes the appends of all partitions durable with one sync, the partitions'
 * own files follow in the background (docs/decisions/0003-local-store.md). Threads: owners enqueue, the journal thread
 * makes durable, the apply thread writes the files and completes, the maintenance thread syncs and deletes, a pool
 * reads and acquires.
 *
 * <p>A failed journal write or sync, or a failed write to a partition's files, takes the whole store offline: it must
 * be closed and opened again, which recovers. The caller holds the directory's {@link DirectoryLock}.
 */
public final class LocalLogStore implements LogStore {
    /** Acquisitions at a time: each waits for the sync of one small file, and the file system syncs many at once. */
    private static final int OPENERS = 32;

    private static final int CATCHING_UP = 2;

    private final LocalStoreOptions options;
    private final DirectWriter direct;
    private final ReadPool openers;
    /** Few: they are for what nobody has asked for yet. */
    private final ReadPool catchingUp;

    private final StoreHealth health = new StoreHealth(this::failed);
    private final PartitionTable table;
    private final StorePipeline pipeline;
    private final ReadPool readPool;
    /** Apart from the other pool: the content of a replacement is read from it. */
    private final ReadPool cleaner;

    private volatile boolean closed;

    private LocalLogStore(LocalStoreOptions options, FileLayer files, BrokerClock clock) throws IOException {
        this.options = options;
        StoreDirectory directory = new StoreDirectory(new StoreTools(files, options, clock));
        StoreRecovery.Outcome recovered = new StoreRecovery(directory, files, options.flush()).run();
        this.table = new PartitionTable(directory, recovered);
        this.pipeline = new StorePipeline(options, files, directory, recovered, health);
        this.direct = new DirectWriter(health, pipeline::wantSync);
        this.openers = new ReadPool("millrace-store-open-", OPENERS);
        this.readPool = new ReadPool("millrace-store-read-", options.readThreads());
        this.cleaner = new ReadPool("millrace-store-cleaner-", 1);
        this.catchingUp = new ReadPool("millrace-store-recovery-", CATCHING_UP);
        pipeline.start();
        for (PartitionTable.Slot slot : table.backlog()) {
            var unused = catchingUp.submit("recovering", () -> catchUp(slot));
        }
    }

    /** Brings a partition's files up to the journal, where its owner did not come first. */
    private boolean catchUp(PartitionTable.Slot slot) throws IOException {
        synchronized (slot) {
            return slot.hasCaughtUp() || open(slot) != null;
        }
    }

    /** A slot's files. Where they can neither be brought up to the journal nor marked as damaged, the store fails. */
    private PartitionFiles open(PartitionTable.Slot slot) throws IOException {
        try {
            return slot.open();
        } catch (Throwable failure) {
            // Also an Error: what the journal has must not be given up, nor waited for for ever.
            if (!slot.hasCaughtUp()) {
                health.fail(StorageErrors.of("recovering a partition", failure));
            }
            throw failure;
        }
    }

    /**
     * Opens a data directory, finds out what the last process left, and starts the store's threads. Blocks; the time
     * grows with what the journal holds, not with the logs. Partitions are recovered in the background, each before it
     * is acquired ({@link JournalBacklog}).
     *
     * @param clock for the ages of segments
     * @throws StorageException CORRUPT when the journal itself is damaged, IO or DISK_FULL when the files cannot be used.
     *     A damaged partition does not prevent opening; it fails in {@link #acquire}
     */
    public static LocalLogStore open(LocalStoreOptions options, BrokerClock clock) {
        return open(options, new NioFileLayer(), clock);
    }

    /** As {@link #open(LocalStoreOptions, BrokerClock)} with the system's clock. */
    public static LocalLogStore open(LocalStoreOptions options) {
        return open(options, BrokerClock.SYSTEM);
    }

    static LocalLogStore open(LocalStoreOptions options, FileLayer files) {
        return open(options, files, BrokerClock.SYSTEM);
    }

    static LocalLogStore open(LocalStoreOptions options, FileLayer files, BrokerClock clock) {
        OpenFiles open = new OpenFiles(files);
        try {
            return new LocalLogStore(options, open, clock);
        } catch (IOException | RuntimeException failure) {
            open.closeAll(failure);
            throw StorageErrors.of("opening the store in " + options.directory(), failure);
        }
    }

    @Override
    public StoreCapabilities capabilities() {
        return new StoreCapabilities(true, false);
    }

    @Override
    public CompletableFuture<PartitionLog> acquire(PartitionId partition, int leaderEpoch, LossListener listener) {
        return submit(openers, "acquiring " + partition, () -> {
            PartitionTable.Slot slot = table.slot(partition);
            synchronized (slot) {
                PartitionFiles files = open(slot);
                if (leaderEpoch <= files.meta().leaderEpoch()) {
                    throw new StorageException(
                            Reason.FENCED,
                            partition + " was acquired with epoch "
                                    + files.meta().leaderEpoch() + "; epoch " + leaderEpoch + " is not above it");
                }
                endOwnership(
                        slot,
                        new StorageException(Reason.FENCED, partition + " was acquired with epoch " + leaderEpoch));
                long next = files.nextOffset();
                files.begin(leaderEpoch, next, options.flush());
                LocalLog log;
                synchronized (files) {
                    log = new LocalLog(this, files, leaderEpoch, listener);
                }
                slot.owner(log);
                StorageException failure = health.failure();
                if (failure != null) {
                    throw failure;
                }
                return log;
            }
        });
    }

    /** Fences the owner, if there is one, and waits until what it appended is applied. */
    private void endOwnership(PartitionTable.Slot slot, StorageException cause) {
        LocalLog owner = slot.owner();
        if (owner != null) {
            owner.lose(cause);
            pipeline.barrier(owner, cause).join();
            slot.owner(null);
        }
    }

    @Override
    public CompletableFuture<Void> append(List<LogAppend> appends) {
        List<FrameEntry> entries = new ArrayList<>(appends.size());
        StorageException cause = null;
        try {
            for (int i = 0; i < appends.size(); i++) {
                LocalLog log = (LocalLog) appends.get(i).log();
                log.check(appends.get(i));
                StorageException end = log.endCause();
                cause = end == null ? cause : end;
            }
        } catch (RuntimeException mistake) {
            appends.forEach(LocalLogStore::release);
            throw mistake;
        }
        if (options.flush() == FlushMode.OS && appends.size() == 1) {
            LocalLog log = (LocalLog) appends.get(0).log();
            if (log.isIdle() && hasReserved(log, appends.get(0))) {
                return direct.append(log, appends.get(0));
            }
        }
        for (int i = 0; i < appends.size(); i++) {
            LogAppend append = appends.get(i);
            entries.add(((LocalLog) append.log()).enter(append));
        }
        boolean awaited = appends.stream().anyMatch(append -> append.urgency() == Urgency.AWAITED);
        PipelineItem.Frame frame =
                new PipelineItem.Frame(entries, options.flush() == FlushMode.COMMIT || appends.size() > 1, awaited);
        if (cause != null) {
            frame.fail(cause);
        }
        return pipeline.submit(frame);
    }

    /** Whether the append gives out reserved offsets only; sees to it that there are always more. */
    private boolean hasReserved(LocalLog log, LogAppend append) {
        long end = append.data() == null ? 0 : append.lastOffset() + 1;
        PartitionFiles files = log.files();
        if (files.wantsMoreReserved(end)) {
            CompletableFuture<Void> more = submit(openers, "reserving offsets of " + log.partition(), () -> {
                files.reserveMore();
                return null;
            });
            var unused = more.whenComplete((done, failure) -> {
                if (failure instanceof StorageException broken && broken.reason() != Reason.CLOSED) {
                    health.fail(broken);
                }
            });
        }
        return files.hasReserved(end);
    }

    private static void release(LogAppend append) {
        if (append.data() != null) {
            append.data().release();
        }
        if (append.state() != null) {
            append.state().release();
        }
    }

    @Override
    public boolean writable() {
        return pipeline.pendingBytes() < options.maxUnsyncedBytes();
    }

    CompletableFuture<Void> trim(LocalLog log, long newStartOffset) {
        return submit("trimming " + log.partition(), () -> {
            PartitionTable.Slot slot = table.slot(log.partition());
            synchronized (slot) {
                StorageException end = log.endCause();
                if (end != null) {
                    throw end;
                }
                PartitionFiles files = log.files();
                if (newStartOffset > files.meta().startOffset()) {
                    files.update(meta -> meta.withStartOffset(newStartOffset));
                    pipeline.schedule("deleting old segments", files::deleteBelowStart);
                }
                return null;
            }
        });
    }

    /** Runs work while no sync round is under way, as a test must that looks at the files and the checkpoint together. */
    CompletableFuture<Void> betweenSyncRounds(StorePipeline.FileWork work) {
        return pipeline.maintain("working between two sync rounds", work);
    }

    /** Syncs the files of all that was appended before; completes when the checkpoint says so. */
    CompletableFuture<Void> sync() {
        return pipeline.sync();
    }

    CompletableFuture<Void> roll(LocalLog log) {
        StorageException end = log.endCause();
        return end == null ? pipeline.roll(log) : CompletableFuture.failedFuture(end);
    }

    CompletableFuture<Void> replace(LocalLog log, List<LogSegment> sealed, SegmentContent content) {
        if (sealed.isEmpty()) {
            throw new IllegalArgumentException("no segment of " + log.partition() + " to replace");
        }
        StorageException failure = log.endCause();
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        return cleaner.submit("replacing segments of " + log.partition(), () -> {
            new SegmentReplacement(pipeline, log, sealed).run(content);
            return null;
        });
    }

    CompletableFuture<Void> close(LocalLog log) {
        StorageException cause = new StorageException(Reason.CLOSED, log.partition() + " is closed");
        log.end(cause);
        return pipeline.barrier(log, cause);
    }

    @Override
    public CompletableFuture<Void> delete(PartitionId partition) {
        return submit("deleting " + partition, () -> {
            PartitionTable.Slot slot = table.remove(partition);
            if (slot != null) {
                synchronized (slot) {
                    endOwnership(slot, new StorageException(Reason.CLOSED, partition + " was deleted"));
                    slot.dropBacklog();
                    PartitionFiles files = slot.files();
                    if (files != null) {
                        pipeline.delete(files).join();
                    }
                }
            }
            return null;
        });
    }

    @Override
    public Set<PartitionId> partitions() {
        return new HashSet<>(table.partitions());
    }

    private <T> CompletableFuture<T> submit(String what, Callable<T> task) {
        return submit(readPool, what, task);
    }

    private <T> CompletableFuture<T> submit(ReadPool pool, String what, Callable<T> task) {
        StorageException failure = health.failure();
        if (closed || failure != null) {
            return CompletableFuture.failedFuture(failure == null ? closedException() : failure);
        }
        return pool.submit(what, task);
    }

    /**
     * Runs a read; damage that it finds takes the partition offline.
     *
     * @param here whether it is short enough for the calling thread, without waiting for the disk
     */
    <T> CompletableFuture<T> read(String what, LocalLog log, boolean here, Callable<T> read) {
        if (closed) {
            return CompletableFuture.failedFuture(closedException());
        }
        Callable<T> watched = () -> {
            try {
                return read.call();
            } catch (StorageException failure) {
                if (failure.reason() == Reason.CORRUPT && log.endCause() == null) {
                    log.files().markOffline(failure);
                    log.lose(failure);
                }
                throw failure;
            }
        };
        return here ? ReadPool.runHere(what, watched) : readPool.submit(what, watched);
    }

    private StorageException closedException() {
        return new StorageException(Reason.CLOSED, "the store in " + options.directory() + " is closed");
    }

    private void failed(StorageException cause) {
        table.owners().forEach(owner -> owner.lose(cause));
        pipeline.wakeJournal();
        pipeline.failed();
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        StorageException cause = closedException();
        openers.drain();
        catchingUp.drain();
        readPool.drain();
        cleaner.drain();
        table.owners().forEach(owner -> owner.end(cause));
        pipeline.close(cause);
        @Nullable IOException failure = table.close();
        if (failure != null) {
            throw StorageErrors.of("closing the store in " + options.directory(), failure);
        }
    }
}
