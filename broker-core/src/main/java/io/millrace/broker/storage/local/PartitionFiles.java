// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directory of one partition: {@code meta}, segments, state files. Outlives the owners. The apply thread writes the
 * streams, the maintenance thread syncs and deletes, any thread reads.
 */
final class PartitionFiles {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionFiles.class);
    private static final String OFFLINE = "offline";
    private static final int MAX_TOPIC_CHARS = 150;
    /** Offsets reserved at a time: what a crash of the machine may leave unused, and how rarely that costs a sync. */
    static final long RESERVED_OFFSETS = 1 << 20;

    private static final Pattern DIRECTORY =
            Pattern.compile(".*-(\\d{1,9})\\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");

    private final StoreTools tools;
    private final FileLayer files;
    private final Path directory;
    private final DataStream data;
    private final StateStream state;
    private volatile PartitionMeta meta;
    private volatile long durableEnd;
    private volatile boolean deleted;
    private final Object metaLock = new Object();
    private final AtomicBoolean reserving = new AtomicBoolean();
    /** Whether the file lacks something of {@link #meta}; guarded by the lock. */
    private boolean metaUnsaved;

    private boolean dirty;
    private long highestSeen;

    PartitionFiles(StoreTools tools, Path directory, PartitionMeta meta) {
        this.tools = tools;
        this.files = tools.files();
        this.directory = directory;
        this.meta = meta;
        this.data = new DataStream(tools, directory);
        this.state = new StateStream(tools, directory);
    }

    /** The directory's name: readable, and unique by the topic's id. */
    static String directoryName(PartitionId partition) {
        String topic = partition.topic();
        StringBuilder shown = new StringBuilder(MAX_TOPIC_CHARS);
        for (int i = 0; i < topic.length() && shown.length() < MAX_TOPIC_CHARS; ) {
            int character = topic.codePointAt(i);
            boolean kept = character < 128 && (Character.isLetterOrDigit(character) || "._-".indexOf(character) >= 0);
            shown.append(kept ? (char) character : '_');
            i += Character.charCount(character);
        }
        return shown + "-" + partition.partition() + "." + partition.topicId();
    }

    /** What a directory's name tells; {@code null} when it is not made as {@link #directoryName} makes it. */
    static @Nullable PartitionKey keyOf(Path directory) {
        Matcher parts = DIRECTORY.matcher(String.valueOf(directory.getFileName()));
        return parts.matches()
                ? new PartitionKey(UUID.fromString(parts.group(2)), Integer.parseInt(parts.group(1)))
                : null;
    }

    /**
     * Opens the streams and brings in what the journal has beyond them.
     *
     * @param flush how the store ran that left the files
     * @param lostWrites whether what was not synced may be lost: then no offset that was reserved is given out again
     * @return whether all that the journal has joined on; only under {@code OS} it may be otherwise
     * @throws StorageException CORRUPT when synced bytes are damaged or the journal does not join on
     */
    boolean recover(Checkpoint.Position synced, FlushMode flush, boolean lostWrites, List<JournalScan.Entry> entries)
            throws IOException {
        PartitionReplay replay = new PartitionReplay(entries, state, flush);
        List<Path> listing = files.list(directory);
        state.recover(listing, synced.stateFile(), synced.stateBytes());
        highestSeen = Math.max(synced.nextOffset(), lostWrites ? meta.reservedOffset() : 0);
        DataRecovery recovery = flush == FlushMode.OS
                ? openTorn(listing, synced, replay)
                : openData(listing, synced, flush, state.nextOrdinal(), replay);
        try {
            replay.cut(recovery);
        } catch (IOException | RuntimeException failure) {
            recovery.closeAll(failure);
            throw failure;
        }
        recovery.into(data);
        boolean whole = replay.replay(data, recovery.epochs());
        durableEnd = data.endOffset();
        if (!recovery.epochs().above(meta.leaderEpoch()).isEmpty()) {
            updateSoon(now -> now.withEpochsOf(recovery.epochs()));
        }
        return whole;
    }

    private DataRecovery openData(
            List<Path> listing, Checkpoint.Position synced, FlushMode flush, long states, PartitionReplay replay)
            throws IOException {
        DataRecovery recovery = new DataRecovery(tools, directory, meta.startOffset(), flush, states);
        recovery.open(listing, synced, replay::hasData);
        return recovery;
    }

    /**
     * Opens DATA and cuts both streams to the longest prefix of the appends that is whole: nothing of the rest was synced,
     * and the journal has none of it. The cut is durable before anything is written behind it, or another crash could
     * bring back what was cut.
     */
    private DataRecovery openTorn(List<Path> listing, Checkpoint.Position synced, PartitionReplay replay)
            throws IOException {
        highestSeen = Math.max(highestSeen, state.dataEnd());
        long states = state.nextOrdinal();
        DataRecovery recovery = openData(listing, synced, FlushMode.OS, states, replay);
        try {
            highestSeen = Math.max(highestSeen, recovery.highestSeen());
            long fitting = state.entriesUpTo(recovery.endOffset());
            while (fitting < states) {
                states = fitting;
                close(recovery);
                recovery = openData(listing, synced, FlushMode.OS, states, replay);
                fitting = state.entriesUpTo(recovery.endOffset());
            }
            boolean torn = state.damage() != null;
            boolean cut = cutState(states, synced);
            String wrong = recovery.damage();
            if (wrong != null) {
                LOG.warn("{} is cut at offset {} after a crash: {}", meta.partition(), recovery.endOffset(), wrong);
                recovery.cutDamage();
                cut = true;
            }
            if (wrong != null || torn) {
                // Which offsets were behind it, nobody knows.
                highestSeen = Math.max(highestSeen, meta.reservedOffset());
            }
            if (cut) {
                state.force();
                recovery.force();
                files.forceDirectory(directory);
            }
            return recovery;
        } catch (IOException | RuntimeException failure) {
            recovery.closeAll(failure);
            throw failure;
        }
    }

    private void close(DataRecovery recovery) throws IOException {
        IOException failures = new IOException("closing the segments in " + directory);
        recovery.closeAll(failures);
        if (failures.getSuppressed().length > 0) {
            throw failures;
        }
    }

    /** Keeps the first so many entries; true when there were more, or torn bytes. */
    private boolean cutState(long states, Checkpoint.Position synced) throws IOException {
        String wrong = state.damage();
        boolean cut = wrong != null;
        if (cut) {
            LOG.warn("{} is cut behind state entry {} after a crash: {}", meta.partition(), state.nextOrdinal(), wrong);
            state.cutDamage();
        }
        if (states < state.nextOrdinal()) {
            LOG.warn(
                    "{} loses its state entries from {} to {}: a crash cut the offsets that they belong to",
                    meta.partition(),
                    states,
                    state.nextOrdinal() - 1);
            state.cutFrom(states, synced.stateFile(), synced.stateBytes());
            cut = true;
        }
        return cut;
    }

    /** Why the partition was taken offline earlier; {@code null} when it was not. */
    @Nullable
    StorageException offlineReason() throws IOException {
        List<String> lines = AtomicFile.read(files, directory.resolve(OFFLINE));
        return lines == null
                ? null
                : new StorageException(
                        Reason.CORRUPT,
                        meta.partition() + " is offline: " + String.join(" ", lines)
                                + "; once it is repaired remove the file " + directory.resolve(OFFLINE));
    }

    /** Keeps the partition from being opened until an operator has looked at it. */
    void markOffline(StorageException cause) throws IOException {
        markOffline(files, directory, cause);
    }

    /** As {@link #markOffline(StorageException)}, for a partition whose meta cannot be read. */
    static void markOffline(FileLayer files, Path directory, StorageException cause) throws IOException {
        AtomicFile.write(
                files,
                directory.resolve(OFFLINE),
                List.of(String.valueOf(cause.getMessage()).replace('\n', ' ')));
    }

    /** Writes one entry's DATA; apply thread. */
    synchronized void writeData(FrameEntry entry, WriteStaging staging) throws IOException {
        wrote();
        if (entry.data() != null) {
            data.append(staging, entry.data(), entry.baseOffset(), entry.stateEnd());
        }
    }

    /** The next sync round takes it. */
    synchronized void markDirty() {
        wrote();
    }

    private void wrote() {
        if (!dirty) {
            dirty = true;
            tools.dirty().add(this);
        }
    }

    /**
     * Writes one entry and shows it to readers; what the log ended of when it took nothing. STATE goes first: a crash
     * of the process in between leaves a STATE entry that names more DATA than there is, which recovery cuts. Owner
     * thread.
     */
    synchronized @Nullable StorageException writeNow(FrameEntry entry, WriteStaging staging) throws IOException {
        StorageException end = entry.log().endCause();
        if (end == null) {
            writeState(entry, staging);
            writeData(entry, staging);
            staging.flush();
            publish(entry);
        }
        return end;
    }

    /** Writes one entry's STATE; apply thread. */
    synchronized void writeState(FrameEntry entry, WriteStaging staging) throws IOException {
        if (entry.state() != null) {
            state.append(staging, entry.state(), entry.stateOrdinal(), entry.dataEnd(), entry.snapshot());
        }
    }

    /** What was written and flushed is durable by the journal: readers may see it. Apply thread. */
    synchronized void publish(FrameEntry entry) {
        if (entry.data() != null) {
            data.publish();
            durableEnd = entry.lastOffset() + 1;
        }
    }

    /** Seals the segment that is being written. Apply thread, with everything published. */
    synchronized void roll() throws IOException {
        wrote();
        data.roll();
    }

    /** What one sync round does for this partition. */
    record SyncTask(
            PartitionFiles files,
            List<Segment> segments,
            List<StateFile> rolledState,
            @Nullable StateFile state,
            Checkpoint.Position position,
            long snapshotFile) {}

    /** Apply thread, with everything flushed. */
    synchronized SyncTask takeSync() {
        dirty = false;
        Checkpoint.Position position = new Checkpoint.Position(
                data.activeBase(),
                data.activeBytes(),
                state.activeFile(),
                state.activeBytes(),
                nextOffset(),
                data.bases());
        return new SyncTask(
                this, data.takeUnsynced(), state.takeRolled(), state.takeUnsynced(), position, state.snapshotFile());
    }

    /** Makes what the task names durable. Maintenance thread. */
    void sync(SyncTask task) throws IOException {
        for (Segment segment : task.segments()) {
            if (segment.pin()) {
                try {
                    segment.force();
                } finally {
                    segment.unpin();
                }
            }
        }
        for (StateFile rolled : task.rolledState()) {
            rolled.force();
            rolled.close();
        }
        if (task.state() != null) {
            task.state().force();
        }
        saveMeta();
        files.forceDirectory(directory);
        data.sealBefore(task.position().dataFile());
        if (!task.rolledState().isEmpty()) {
            state.deleteBefore(task.snapshotFile());
        }
    }

    /** Makes a new meta durable, then visible. Any thread that may wait for the disk. */
    void update(UnaryOperator<PartitionMeta> change) throws IOException {
        synchronized (metaLock) {
            if (!deleted) {
                PartitionMeta changed = change.apply(meta);
                changed.write(files, directory);
                meta = changed;
                metaUnsaved = false;
            }
        }
    }

    /**
     * Makes a new meta visible; the next sync round makes it durable. For what a crash may lose: the journal, or what lies
     * behind the checkpoint, tells it again. Any thread.
     */
    void updateSoon(UnaryOperator<PartitionMeta> change) {
        synchronized (metaLock) {
            meta = change.apply(meta);
            metaUnsaved = true;
        }
        markDirty();
    }

    private void saveMeta() throws IOException {
        synchronized (metaLock) {
            if (metaUnsaved && !deleted) {
                meta.write(files, directory);
                metaUnsaved = false;
            }
        }
    }

    /** Makes the offsets below {@code end}, and some more, the log's to give out. Any thread that may wait. */
    void reserve(long end) throws IOException {
        if (end > meta.reservedOffset()) {
            update(now -> now.withReservedOffset(Math.max(now.reservedOffset(), end + RESERVED_OFFSETS)));
        }
    }

    /**
     * Begins a leader epoch at offset {@code next}. Durable with the next sync round: before that only the epochs of batches
     * count, which the batches tell, and no other process acquires the partition, since this one holds the directory's lock.
     */
    void begin(int leaderEpoch, long next, FlushMode flush) throws IOException {
        if (flush == FlushMode.OS && next + RESERVED_OFFSETS / 2 > meta.reservedOffset()) {
            update(now -> now.withEpoch(leaderEpoch, next).withReservedOffset(next + RESERVED_OFFSETS));
        } else if (flush == FlushMode.OS) {
            updateSoon(now -> now.withEpoch(leaderEpoch, next));
        } else {
            updateSoon(now -> now.withEpoch(leaderEpoch, next).withReservedOffset(0));
        }
    }

    /** Whether an append that ends below {@code end} gives out reserved offsets only. Any thread. */
    boolean hasReserved(long end) {
        return end <= meta.reservedOffset();
    }

    /** True once each time that more offsets should be reserved soon. Owner thread. */
    boolean wantsMoreReserved(long end) {
        return end + RESERVED_OFFSETS / 2 > meta.reservedOffset() && reserving.compareAndSet(false, true);
    }

    /** What {@link #wantsMoreReserved} asked for. Any thread that may wait for the disk. */
    void reserveMore() throws IOException {
        try {
            update(now -> now.withReservedOffset(now.reservedOffset() + RESERVED_OFFSETS));
        } finally {
            reserving.set(false);
        }
    }

    /** Maintenance thread. */
    void deleteBelowStart() throws IOException {
        data.deleteBelow(meta.startOffset());
    }

    /** Removes the directory; its disappearance is durable first. Maintenance thread. */
    void delete() throws IOException {
        synchronized (metaLock) {
            deleted = true;
        }
        close();
        Path gone = directory.resolveSibling(directory.getFileName() + ".deleted");
        files.rename(directory, gone);
        files.forceDirectory(AtomicFile.parent(directory));
        removeTree(files, gone);
    }

    static void removeTree(FileLayer files, Path directory) throws IOException {
        for (Path path : files.list(directory)) {
            files.deleteIfExists(path);
        }
        files.deleteIfExists(directory);
    }

    synchronized void close() throws IOException {
        data.close();
        state.close();
    }

    boolean deleted() {
        return deleted;
    }

    PartitionKey key() {
        return PartitionKey.of(meta.partition());
    }

    PartitionMeta meta() {
        return meta;
    }

    DataStream data() {
        return data;
    }

    StateStream state() {
        return state;
    }

    long durableEnd() {
        return durableEnd;
    }

    /** At least one above every offset that the files tell of. */
    long nextOffset() {
        long seen = Math.max(highestSeen, state.dataEnd());
        return Math.max(Math.max(meta.startOffset(), meta.lastEpochStart()), Math.max(durableEnd, seen));
    }
}
