// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The apply thread: writes what the journal made durable into the partitions' files, buffered, lets readers see it and
 * completes the appends, in order. The files' syncs come later, on the maintenance thread.
 */
final class ApplyThread implements Runnable {
    private static final int STAGING_BYTES = 256 << 10;

    private final Mailbox<List<PipelineItem>> mailbox;
    private final StoreHealth health;
    private final AtomicLong pendingBytes;
    private final Consumer<SyncRound> rounds;
    private final DirtyPartitions dirty;
    private final JournalBacklog backlog;
    private final WriteStaging staging = new WriteStaging(STAGING_BYTES);
    /** Held by who applies: groups leave the mailbox with it only. It guards what follows. */
    private final ReentrantLock turn = new ReentrantLock();

    private @Nullable StorageException broken;
    private long appliedSequence;
    private boolean stopped;

    ApplyThread(
            Mailbox<List<PipelineItem>> mailbox,
            StoreHealth health,
            AtomicLong pendingBytes,
            long appliedSequence,
            DirtyPartitions dirty,
            JournalBacklog backlog,
            Consumer<SyncRound> rounds) {
        this.backlog = backlog;
        this.dirty = dirty;
        this.mailbox = mailbox;
        this.health = health;
        this.pendingBytes = pendingBytes;
        this.appliedSequence = appliedSequence;
        this.rounds = rounds;
    }

    @Override
    public void run() {
        while (!stopped) {
            mailbox.await();
            turn.lock();
            try {
                List<PipelineItem> group = mailbox.poll();
                while (group != null) {
                    apply(group);
                    group = mailbox.poll();
                }
            } finally {
                turn.unlock();
            }
        }
    }

    /** Hands over a group. Any thread. */
    void offer(List<PipelineItem> group) {
        mailbox.offer(group);
    }

    /**
     * Applies a group of frames on the calling thread, which saves a change of threads; false when earlier ones are not
     * applied yet. Journal thread.
     */
    boolean applyHere(List<PipelineItem> frames) {
        if (!turn.tryLock()) {
            return false;
        }
        try {
            boolean next = mailbox.isEmpty();
            if (next) {
                apply(frames);
            }
            return next;
        } finally {
            turn.unlock();
        }
    }

    private void apply(List<PipelineItem> group) {
        if (broken == null) {
            try {
                write(group);
            } catch (Throwable failure) {
                // Also an Error: without this thread every append would wait for ever.
                broken = health.fail(StorageErrors.of("writing a partition's files", failure));
                staging.discard();
            }
        }
        group.forEach(this::finishSafely);
    }

    /** All DATA, then all STATE: neighbours in a file become one write. */
    private void write(List<PipelineItem> group) throws IOException {
        for (PipelineItem item : group) {
            if (item instanceof PipelineItem.Frame frame && frame.failure() == null) {
                for (FrameEntry entry : frame.entries()) {
                    entry.log().files().writeData(entry, staging);
                }
            }
        }
        for (PipelineItem item : group) {
            if (item instanceof PipelineItem.Frame frame && frame.failure() == null) {
                for (FrameEntry entry : frame.entries()) {
                    entry.log().files().writeState(entry, staging);
                }
            }
        }
        staging.flush();
    }

    private void finishSafely(PipelineItem item) {
        try {
            finish(item);
        } catch (Throwable failure) {
            StorageException cause = health.fail(StorageErrors.of("completing an append", failure));
            broken = cause;
            if (item instanceof PipelineItem.Frame frame) {
                frame.future().completeExceptionally(cause);
            } else if (item instanceof PipelineItem.Roll roll) {
                roll.future().completeExceptionally(cause);
            }
        }
    }

    private void finish(PipelineItem item) throws IOException {
        if (item instanceof PipelineItem.Frame frame) {
            finish(frame);
        } else if (item instanceof PipelineItem.Barrier barrier) {
            barrier.future().complete(null);
        } else if (item instanceof PipelineItem.Roll roll) {
            roll(roll);
        } else if (item instanceof PipelineItem.SyncRequest request) {
            startRound(request.future());
        } else {
            stopped = true;
            startRound(new CompletableFuture<>());
        }
    }

    private void roll(PipelineItem.Roll roll) throws IOException {
        StorageException failure = broken == null ? roll.log().endCause() : broken;
        if (failure == null) {
            roll.log().files().roll();
            roll.future().complete(null);
        } else {
            roll.future().completeExceptionally(failure);
        }
    }

    private void finish(PipelineItem.Frame frame) {
        pendingBytes.addAndGet(-frame.bytes());
        StorageException failure = frame.failure() == null ? broken : frame.failure();
        if (failure != null) {
            frame.abandon(failure);
            return;
        }
        if (frame.journaled()) {
            appliedSequence = frame.sequence();
        }
        for (FrameEntry entry : frame.entries()) {
            entry.log().files().publish(entry);
            entry.release();
        }
        frame.future().complete(null);
        frame.leave();
    }

    private void startRound(CompletableFuture<Void> done) {
        StorageException failure = broken == null ? health.failure() : broken;
        if (failure != null) {
            done.completeExceptionally(failure);
            return;
        }
        long covered = backlog.covered(appliedSequence);
        List<PartitionFiles.SyncTask> tasks = new ArrayList<>();
        dirty.drain(files -> tasks.add(files.takeSync()));
        rounds.accept(new SyncRound(covered, tasks, done));
    }

    /** Partitions' files to sync, which then hold all frames up to {@code sequence}. */
    record SyncRound(long sequence, List<PartitionFiles.SyncTask> tasks, CompletableFuture<Void> done) {}
}
