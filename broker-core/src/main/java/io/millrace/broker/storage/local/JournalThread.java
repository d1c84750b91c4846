// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The journal thread: takes whatever owners have enqueued, writes it as frames, makes all of it durable with one sync
 * and passes it on, or applies it itself where that is little work. Group commit: while it syncs, the next group gathers.
 * No lock is waited for at any time.
 */
final class JournalThread implements Runnable {
    private static final long MAX_GROUP_BYTES = 8 << 20;
    /** What is written to the partitions' files sooner than another thread would have woken up, also while more waits. */
    private static final long APPLIED_HERE_BYTES = 32 << 10;

    private final Mailbox<PipelineItem> mailbox;
    private final ApplyThread apply;
    private final Journal journal;
    private final StoreHealth health;
    private final Runnable wantSpare;
    private final BooleanSupplier failed;
    /** Less than a journal file: a group that waits for a free file must not itself keep it. */
    private final long maxGroupBytes;

    private final FlushMode flush;
    private final long maxRideNanos;
    private boolean written;
    private boolean stopped;
    private boolean spareWanted;

    JournalThread(
            Mailbox<PipelineItem> mailbox,
            ApplyThread apply,
            Journal journal,
            StoreHealth health,
            LocalStoreOptions options,
            Runnable wantSpare) {
        this.mailbox = mailbox;
        this.apply = apply;
        this.journal = journal;
        this.health = health;
        this.wantSpare = wantSpare;
        this.flush = options.flush();
        this.maxRideNanos = TimeUnit.MILLISECONDS.toNanos(options.maxRideMs());
        this.failed = () -> health.failure() != null;
        this.maxGroupBytes = Math.min(MAX_GROUP_BYTES, options.journalFileBytes() / 2);
    }

    @Override
    public void run() {
        while (!stopped) {
            List<PipelineItem> group = new ArrayList<>();
            long bytes = 0;
            boolean awaited = false;
            boolean onlyFrames = true;
            PipelineItem item = mailbox.take();
            long firstNanos = System.nanoTime();
            while (item != null) {
                group.add(item);
                bytes += accept(item);
                awaited |= item.isAwaited();
                onlyFrames &= item instanceof PipelineItem.Frame;
                boolean takesMore = bytes < maxGroupBytes && !stopped;
                item = takesMore ? mailbox.poll() : null;
                if (item == null && takesMore && !awaited) {
                    item = rideWith(firstNanos);
                }
            }
            sync(group);
            boolean appliesHere = onlyFrames && (bytes <= APPLIED_HERE_BYTES || mailbox.isEmpty());
            if (!appliesHere || !apply.applyHere(group)) {
                apply.offer(group);
            }
        }
    }

    /** What nobody waits for is written, and synced with what comes next, or after a little while without it. */
    private @Nullable PipelineItem rideWith(long firstNanos) {
        if (written) {
            try {
                journal.flush();
            } catch (Throwable broken) {
                // The sync that follows sees it and fails the group.
                health.fail(StorageErrors.of("writing the journal", broken));
                return null;
            }
        }
        return mailbox.poll(maxRideNanos - (System.nanoTime() - firstNanos));
    }

    private long accept(PipelineItem item) {
        if (item instanceof PipelineItem.Frame frame) {
            write(frame);
            return frame.bytes();
        }
        if (item instanceof PipelineItem.Barrier barrier && barrier.log() != null && barrier.closing() != null) {
            barrier.log().closeJournal(barrier.closing());
        }
        stopped |= item instanceof PipelineItem.Stop;
        return 0;
    }

    private void write(PipelineItem.Frame frame) {
        List<FrameEntry> entries = frame.entries();
        for (int i = 0; i < entries.size(); i++) {
            @Nullable StorageException closed = entries.get(i).log().journalClosed();
            if (closed != null) {
                frame.fail(closed);
            }
        }
        @Nullable StorageException failure = health.failure();
        if (failure != null) {
            frame.fail(failure);
        }
        if (frame.failure() == null) {
            try {
                reserve(entries);
                if (frame.journaled()) {
                    journal.write(frame, failed);
                    written = true;
                }
            } catch (Throwable broken) {
                // Also an Error: without this thread every append would wait for ever.
                frame.fail(health.fail(StorageErrors.of("writing the journal", broken)));
            }
        }
    }

    /** Under {@code flush=os} an offset must be known durably to be in use before its record can be seen. */
    private void reserve(List<FrameEntry> entries) throws IOException {
        if (flush == FlushMode.OS) {
            for (int i = 0; i < entries.size(); i++) {
                FrameEntry entry = entries.get(i);
                entry.log().files().reserve(entry.lastOffset() + 1);
            }
        }
    }

    private void sync(List<PipelineItem> group) {
        @Nullable StorageException failure = health.failure();
        if (written && failure == null) {
            try {
                journal.sync(flush);
            } catch (Throwable broken) {
                failure = health.fail(StorageErrors.of("syncing the journal", broken));
            }
        }
        if (written && failure != null) {
            for (PipelineItem item : group) {
                if (item instanceof PipelineItem.Frame frame) {
                    frame.fail(failure);
                }
            }
        }
        written = false;
        if (failure == null && !spareWanted && journal.needsSpare()) {
            spareWanted = true;
            wantSpare.run();
        }
        spareWanted &= journal.needsSpare();
    }
}
