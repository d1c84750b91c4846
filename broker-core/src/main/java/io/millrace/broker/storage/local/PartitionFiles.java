// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
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
        String topic = partition.topic().replaceAll("[^a-zA-Z0-9._-]", "_");
        String shown = topic.substring(0, Math.min(topic.length(), MAX_TOPIC_CHARS));
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
     * @throws StorageException CORRUPT when synced bytes are damaged or the journal does not join on
     */
    void recover(Checkpoint.Position synced, FlushMode flush, List<JournalScan.Entry> entries) throws IOException {
        PartitionReplay replay = new PartitionReplay(entries, state, flush);
        state.recover(synced.stateFile(), synced.stateBytes());
        if (flush == FlushMode.OS) {
            highestSeen = state.dataEnd();
            if (state.damage() != null) {
                LOG.warn(
                        "{} is cut behind state entry {} after a crash: {}",
                        meta.partition(),
                        state.nextOrdinal(),
                        state.damage());
                state.cutDamage();
            }
        }
        DataRecovery recovery = new DataRecovery(tools, directory, flush, state.nextOrdinal());
        recovery.open(synced, meta.startOffset(), replay::hasData);
        try {
            if (flush == FlushMode.OS) {
                cutTorn(recovery, synced);
            }
            replay.cut(recovery);
        } catch (IOException | RuntimeException failure) {
            recovery.closeAll(failure);
            throw failure;
        }
        recovery.into(data);
        replay.replay(data);
        durableEnd = data.endOffset();
    }

    /** Cuts what a crash left half written: nothing of it was synced, and the journal has none of it. */
    private void cutTorn(DataRecovery recovery, Checkpoint.Position synced) throws IOException {
        highestSeen = Math.max(highestSeen, recovery.highestSeen());
        String wrong = recovery.damage();
        recovery.cutDamage();
        long end = recovery.endOffset();
        if (wrong != null) {
            LOG.warn("{} is cut at offset {} after a crash: {}", meta.partition(), end, wrong);
        }
        long known = Math.max(end, meta.lastEpochStart());
        if (state.dataEnd() > known) {
            LOG.warn(
                    "{} loses its state entries that belong to offsets from {} to {}, which a crash cut",
                    meta.partition(),
                    known,
                    state.dataEnd());
            state.cutAbove(known, synced.stateFile(), synced.stateBytes());
        }
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
                data.activeBase(), data.activeBytes(), state.activeFile(), state.activeBytes(), data.bases());
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
        files.forceDirectory(directory);
        data.sealBefore(task.position().dataFile());
        if (!task.rolledState().isEmpty()) {
            state.deleteBefore(task.snapshotFile());
        }
    }

    /** Makes a new meta durable, then visible. One caller at a time. */
    void update(PartitionMeta changed) throws IOException {
        changed.write(files, directory);
        meta = changed;
    }

    /** Maintenance thread. */
    void deleteBelowStart() throws IOException {
        data.deleteBelow(meta.startOffset());
    }

    /** Removes the directory; its disappearance is durable first. Maintenance thread. */
    void delete() throws IOException {
        deleted = true;
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
