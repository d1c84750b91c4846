// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The STATE stream of one partition. Written by the apply thread (by recovery before). A snapshot that finds its file
 * large starts a new one; once that is synced the older files are deleted.
 */
final class StateStream {
    private static final long ROLL_BYTES = 1 << 20;

    private final FileLayer files;
    private final Path directory;
    private final ByteBuf header = Unpooled.buffer(StateFile.HEADER_BYTES);
    private final List<StateFile> rolled = new ArrayList<>();
    private @Nullable StateFile active;
    private boolean unsynced;
    private long nextOrdinal;
    private long dataEnd;
    private long snapshotFile = -1;
    private long snapshotPosition;
    private @Nullable String damage;

    StateStream(StoreTools tools, Path directory) {
        this.files = tools.files();
        this.directory = directory;
    }

    /**
     * Reads all entries.
     *
     * @param listing the files of the partition's directory
     * @param syncedFile ordinal in the name of the file that was written when the partition was last synced; -1 for none
     * @param syncedBytes bytes of it that were synced
     */
    void recover(List<Path> listing, long syncedFile, long syncedBytes) throws IOException {
        NavigableMap<Long, Path> found = stateFiles(listing);
        if (syncedFile >= 0 && found.ceilingKey(syncedFile) == null) {
            throw StorageErrors.corrupt(directory, 0, "the state file of entry " + syncedFile + " is missing");
        }
        for (long ordinal : found.keySet()) {
            close();
            StateFile file = StateFile.open(files, directory, ordinal);
            active = file;
            boolean[] gap = new boolean[1];
            damage = file.walk(0, entry -> {
                gap[0] = entry.ordinal() != nextOrdinal && !entry.snapshot();
                if (!gap[0]) {
                    recovered(entry);
                }
                return !gap[0];
            });
            damage = gap[0] ? "state entries from " + nextOrdinal + " on are missing" : damage;
            if (damage != null) {
                boolean synced = ordinal < syncedFile || (ordinal == syncedFile && file.writtenBytes() < syncedBytes);
                if (synced) {
                    throw damageException();
                }
                break;
            }
            if (ordinal == syncedFile && file.writtenBytes() < syncedBytes) {
                damage = "it had " + syncedBytes + " bytes when it was last synced";
                throw damageException();
            }
        }
        unsynced = active != null;
    }

    private void recovered(StateFile.Entry entry) {
        StateFile file = active;
        if (entry.snapshot() && file != null) {
            snapshotFile = file.firstOrdinal();
            snapshotPosition = entry.position();
        }
        nextOrdinal = entry.ordinal() + 1;
        dataEnd = Math.max(dataEnd, entry.dataEnd());
    }

    @Nullable
    String damage() {
        return damage;
    }

    RuntimeException damageException() {
        StateFile file = active;
        return file == null
                ? new IllegalStateException("no damage in " + directory)
                : StorageErrors.corrupt(file.path(), file.writtenBytes(), String.valueOf(damage));
    }

    /** Cuts everything behind the sound part; the journal has it. Recovery only. */
    void cutDamage() throws IOException {
        StateFile file = active;
        if (damage == null || file == null) {
            return;
        }
        file.cutTail();
        for (Path later : stateFiles().tailMap(file.firstOrdinal(), false).values()) {
            files.deleteIfExists(later);
        }
        damage = null;
    }

    /** How many entries come before the first one that names a DATA end above {@code end}. Recovery only. */
    long entriesUpTo(long end) throws IOException {
        if (dataEnd <= end) {
            return nextOrdinal;
        }
        long[] first = {nextOrdinal};
        for (Path path : stateFiles().values()) {
            try (StateFile file = StateFile.open(files, directory, StateFile.ordinalOf(path))) {
                file.walk(0, entry -> {
                    boolean above = entry.dataEnd() > end;
                    first[0] = above ? Math.min(first[0], entry.ordinal()) : first[0];
                    return !above;
                });
            }
        }
        return first[0];
    }

    /**
     * Cuts the entries from an ordinal on, in the files. Recovery only.
     *
     * @throws StorageException CORRUPT when one of them was synced
     */
    void cutFrom(long cutOrdinal, long syncedFile, long syncedBytes) throws IOException {
        close();
        for (Path path : stateFiles().values()) {
            StateFile file = StateFile.open(files, directory, StateFile.ordinalOf(path));
            try (file) {
                boolean[] reached = new boolean[1];
                file.walk(0, entry -> {
                    reached[0] = entry.ordinal() >= cutOrdinal;
                    return !reached[0];
                });
                if (reached[0]) {
                    damage = "a state entry names data that is not there";
                    active = file;
                    long at = file.firstOrdinal();
                    if (at < syncedFile || (at == syncedFile && file.writtenBytes() < syncedBytes)) {
                        throw damageException();
                    }
                    cutDamage();
                    break;
                }
            }
        }
        active = null;
        nextOrdinal = 0;
        dataEnd = 0;
        snapshotFile = -1;
        snapshotPosition = 0;
        recover(files.list(directory), syncedFile, syncedBytes);
    }

    /** Makes durable what was cut; the caller syncs the directory. Recovery only. */
    void force() throws IOException {
        StateFile file = active;
        if (file != null) {
            file.force();
        }
    }

    /** Hands over the entries from the last snapshot on. */
    void replay(Consumer<ByteBuf> entries) throws IOException {
        for (long ordinal : stateFiles().tailMap(snapshotFile).keySet()) {
            StateFile file = StateFile.open(files, directory, ordinal);
            try {
                long from = ordinal == snapshotFile ? snapshotPosition : 0;
                String wrong = file.walk(from, entry -> {
                    entries.accept(entry.payload());
                    return true;
                });
                if (wrong != null) {
                    throw StorageErrors.corrupt(file.path(), file.writtenBytes(), wrong);
                }
            } finally {
                file.close();
            }
        }
    }

    /** Writes one entry. */
    void append(WriteStaging staging, ByteBuf payload, long ordinal, long entryDataEnd, boolean snapshot)
            throws IOException {
        StateFile file = active;
        if (file == null || (snapshot && file.writtenBytes() > ROLL_BYTES)) {
            if (file != null) {
                staging.flush();
                rolled.add(file);
            }
            file = StateFile.open(files, directory, ordinal);
            active = file;
        }
        if (snapshot) {
            snapshotFile = file.firstOrdinal();
            snapshotPosition = file.writtenBytes();
        }
        header.clear()
                .writeInt(0)
                .writeInt(payload.readableBytes())
                .writeLong(ordinal)
                .writeLong(entryDataEnd)
                .writeInt(snapshot ? StateFile.SNAPSHOT : 0);
        file.append(staging, header, payload);
        nextOrdinal = ordinal + 1;
        dataEnd = Math.max(dataEnd, entryDataEnd);
        unsynced = true;
    }

    /** Files that will not be written any more, to sync and close; the caller takes the duty over. Apply thread. */
    List<StateFile> takeRolled() {
        List<StateFile> taken = List.copyOf(rolled);
        rolled.clear();
        return taken;
    }

    /** The file to sync now; the caller takes the duty over. Apply thread. */
    @Nullable
    StateFile takeUnsynced() {
        StateFile file = unsynced ? active : null;
        unsynced = false;
        return file;
    }

    /** Deletes the files that the snapshot in {@code file} made needless. Maintenance thread, after its sync. */
    void deleteBefore(long file) throws IOException {
        for (Path older : new ArrayList<>(stateFiles().headMap(file).values())) {
            files.deleteIfExists(older);
        }
    }

    private NavigableMap<Long, Path> stateFiles() throws IOException {
        return stateFiles(files.list(directory));
    }

    private static NavigableMap<Long, Path> stateFiles(List<Path> all) {
        NavigableMap<Long, Path> found = new TreeMap<>();
        for (Path path : all) {
            long ordinal = StateFile.ordinalOf(path);
            if (ordinal >= 0) {
                found.put(ordinal, path);
            }
        }
        return found;
    }

    long nextOrdinal() {
        return nextOrdinal;
    }

    /** The highest DATA end that an entry names. */
    long dataEnd() {
        return dataEnd;
    }

    /** Ordinal in the name of the file with the last snapshot; -1 without any. */
    long snapshotFile() {
        return snapshotFile;
    }

    long activeFile() {
        StateFile file = active;
        return file == null ? -1 : file.firstOrdinal();
    }

    long activeBytes() {
        StateFile file = active;
        return file == null ? 0 : file.writtenBytes();
    }

    void close() throws IOException {
        StateFile file = active;
        if (file != null) {
            file.close();
        }
    }
}
