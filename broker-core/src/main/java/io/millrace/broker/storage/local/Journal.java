// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The write side of the journal: frames go one behind the other into the current file and are made durable together by
 * {@link #sync}. Owned by the journal thread; {@link #released} and {@link #spare} come from the maintenance thread.
 * {@link JournalLayout} draws the bytes.
 */
final class Journal {
    /** Files at most; with all of them in use the journal waits for the segments' syncs. */
    static final int MAX_FILES = 4;

    private static final int STAGING_BYTES = 256 << 10;
    private static final long FIRST_FILE_BYTES = 8 << 20;

    private final FileLayer files;
    private final Path directory;
    private final LocalStoreOptions options;
    private final Runnable onRetired;
    private final BooleanSupplier keepsRecovered;
    /** The files of the last run end at or below it. */
    private final long recoveredSequence;

    private final WriteStaging staging = new WriteStaging(STAGING_BYTES);
    private final ByteBuf headers = Unpooled.directBuffer(1024);
    private final Queue<JournalFile> retired = new ConcurrentLinkedQueue<>();
    private final Queue<JournalFile> free = new ConcurrentLinkedQueue<>();
    private final AtomicInteger fileCount = new AtomicInteger();
    private final AtomicInteger fileNumber = new AtomicInteger();
    private volatile long appliedSequence;
    private volatile @Nullable Thread waiting;
    private long generation;
    private long nextSequence;
    private long durableSequence;
    private JournalFile current;
    private long position;

    /**
     * Starts behind what recovery found; all of that is applied.
     *
     * @param syncedSequence up to there everything is synced in the partitions' files: the others' files are kept
     * @param keepsRecovered whether the files of the last run are set aside instead of being used again
     * @param onRetired told on the journal thread when a file is full: time for a sync round
     */
    Journal(
            FileLayer files,
            Path directory,
            LocalStoreOptions options,
            JournalScan.Result recovered,
            long syncedSequence,
            List<JournalFile> recycled,
            BooleanSupplier keepsRecovered,
            Runnable onRetired)
            throws IOException {
        this.files = files;
        this.directory = directory;
        this.options = options;
        this.onRetired = onRetired;
        this.keepsRecovered = keepsRecovered;
        recoveredSequence = recovered.lastSequence();
        generation = recovered.lastGeneration();
        nextSequence = recovered.lastSequence() + 1;
        durableSequence = recovered.lastSequence();
        appliedSequence = syncedSequence;
        fileNumber.set(recovered.fileNumber());
        fileCount.set(recycled.size());
        for (JournalFile file : recycled) {
            (file.lastSequence() > syncedSequence ? retired : free).add(file);
        }
        JournalFile first = free.poll();
        current = first == null ? allocate(Math.min(FIRST_FILE_BYTES, options.journalFileBytes())) : first;
        begin(current);
    }

    /** Numbers a frame and writes it; not durable before {@link #sync}. */
    void write(PipelineItem.Frame frame, BooleanSupplier failed) throws IOException {
        if (position + frame.bytes() > current.bytes()) {
            roll(JournalLayout.FILE_HEADER_BYTES + frame.bytes(), failed);
        }
        frame.sequence(nextSequence);
        JournalLayout.encodeHeaders(frame, generation, durableSequence, appliedSequence, headers);
        staging.seek(current.file(), position);
        staging.put(headers, 0, headers.readableBytes());
        List<FrameEntry> entries = frame.entries();
        for (int i = 0; i < entries.size(); i++) {
            FrameEntry entry = entries.get(i);
            if (entry.data() != null) {
                staging.put(entry.data(), entry.data().readerIndex(), entry.dataBytes());
            }
            if (entry.state() != null) {
                staging.put(entry.state(), entry.state().readerIndex(), entry.stateBytes());
            }
        }
        position = JournalLayout.aligned(position + frame.bytes());
        nextSequence++;
    }

    /** Hands all frames written so far to the operating system: they survive the process. */
    void flush() throws IOException {
        staging.flush();
    }

    /** Makes all frames written so far survive what {@code mode} says. */
    void sync(FlushMode mode) throws IOException {
        if (mode == FlushMode.OS) {
            staging.flush();
        } else {
            sync();
        }
    }

    private void sync() throws IOException {
        staging.flush();
        current.file().force();
        durableSequence = nextSequence - 1;
    }

    private void roll(long needed, BooleanSupplier failed) throws IOException {
        sync();
        current.retire(nextSequence - 1);
        retired.add(current);
        onRetired.run();
        current = nextFile(needed, failed);
        begin(current);
    }

    private JournalFile nextFile(long needed, BooleanSupplier failed) throws IOException {
        waiting = Thread.currentThread();
        try {
            while (true) {
                JournalFile next = free.poll();
                if (next != null && next.bytes() >= needed) {
                    return next;
                }
                if (next != null) {
                    discard(next);
                } else if (fileCount.get() < MAX_FILES) {
                    return allocate(Math.max(needed, options.journalFileBytes()));
                } else if (failed.getAsBoolean()) {
                    throw new IOException("no journal file became free");
                } else {
                    LockSupport.park(this);
                }
            }
        } finally {
            waiting = null;
        }
    }

    private void begin(JournalFile file) throws IOException {
        generation++;
        ByteBuf header = JournalLayout.fileHeader(generation, nextSequence, appliedSequence);
        staging.seek(file.file(), 0);
        staging.put(header, 0, header.readableBytes());
        staging.flush();
        file.file().force();
        position = JournalLayout.FILE_HEADER_BYTES;
    }

    private JournalFile allocate(long bytes) throws IOException {
        fileCount.incrementAndGet();
        Path path = directory.resolve(String.format("journal-%04d.log", fileNumber.getAndIncrement()));
        return JournalFile.allocate(files, path, bytes);
    }

    private void discard(JournalFile file) throws IOException {
        fileCount.decrementAndGet();
        file.file().close();
        files.deleteIfExists(file.file().path());
    }

    /** Frames up to {@code sequence} are synced elsewhere: their files may be used again. Maintenance thread. */
    void released(long sequence) throws IOException {
        appliedSequence = sequence;
        JournalFile oldest = retired.peek();
        while (oldest != null && oldest.lastSequence() <= sequence) {
            retired.remove();
            if (oldest.lastSequence() <= recoveredSequence && keepsRecovered.getAsBoolean()) {
                oldest.setAside(files);
                fileCount.decrementAndGet();
            } else {
                free.add(oldest);
            }
            oldest = retired.peek();
        }
        wake();
    }

    /** Looks again for a free file, or for the store's failure. */
    void wake() {
        Thread thread = waiting;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }

    /** Whether the current file is half full and no other stands ready. Journal thread. */
    boolean needsSpare() {
        return position > current.bytes() / 2 && free.isEmpty() && fileCount.get() < MAX_FILES;
    }

    /** Makes a file ready. Maintenance thread. */
    void spare() throws IOException {
        if (free.isEmpty() && fileCount.get() < MAX_FILES) {
            free.add(allocate(options.journalFileBytes()));
            wake();
        }
    }

    /** Frames up to it are synced in the partitions' own files. Any thread. */
    long appliedSequence() {
        return appliedSequence;
    }

    /** After the threads ended. */
    long generation() {
        return generation;
    }

    /** After the threads ended. */
    void close() throws IOException {
        headers.release();
        current.file().close();
        for (JournalFile file : retired) {
            file.file().close();
        }
        for (JournalFile file : free) {
            file.file().close();
        }
    }
}
