// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A data directory: {@code journal/}, {@code partitions/<topic>-<partition>.<topic id>/} and {@code checkpoint}.
 */
final class StoreDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(StoreDirectory.class);
    private static final String DELETED = ".deleted";

    private final StoreTools tools;
    private final FileLayer files;
    private final LocalStoreOptions options;
    private final Path journal;
    private final Path partitions;
    /** Directories whose meta could not be read, by the partition that their names tell. */
    private final Map<PartitionKey, Path> unreadable = new ConcurrentHashMap<>();

    StoreDirectory(StoreTools tools) {
        this.tools = tools;
        this.files = tools.files();
        this.options = tools.options();
        this.journal = options.directory().resolve("journal");
        this.partitions = options.directory().resolve("partitions");
    }

    void create() throws IOException {
        files.createDirectories(journal);
        files.createDirectories(partitions);
        files.forceDirectory(options.directory());
    }

    DirtyPartitions dirty() {
        return tools.dirty();
    }

    Path root() {
        return options.directory();
    }

    Path journal() {
        return journal;
    }

    /**
     * The partitions that exist. Finishes deletions; a directory that cannot be read is left alone and reported.
     *
     * @param threads read several directories at a time
     */
    Map<PartitionKey, PartitionFiles> load(ReadPool threads) throws IOException {
        Map<PartitionKey, PartitionFiles> found = new ConcurrentHashMap<>();
        List<CompletableFuture<@Nullable Void>> running = new ArrayList<>();
        for (Path path : files.list(partitions)) {
            if (path.toString().endsWith(DELETED)) {
                PartitionFiles.removeTree(files, path);
            } else {
                running.add(threads.submit("reading " + path, () -> {
                    load(path, found);
                    return null;
                }));
            }
        }
        running.forEach(CompletableFuture::join);
        return found;
    }

    private void load(Path path, Map<PartitionKey, PartitionFiles> found) {
        try {
            PartitionMeta meta = PartitionMeta.read(files, path);
            if (meta != null && !isNamedAfter(meta, path)) {
                LOG.error(
                        "{} is left alone: its file meta is that of {}, whose directory is called {}",
                        path,
                        meta.partition(),
                        PartitionFiles.directoryName(meta.partition()));
            } else if (meta != null) {
                PartitionFiles partition = new PartitionFiles(tools, path, meta);
                found.put(partition.key(), partition);
            }
        } catch (IOException | StorageException failure) {
            PartitionKey key = PartitionFiles.keyOf(path);
            if (key != null) {
                unreadable.put(key, path);
            }
            LOG.error("The partition in {} cannot be opened: {}", path, failure.getMessage());
        }
    }

    /** False for a copy, such as a backup that lies beside the partition. */
    private static boolean isNamedAfter(PartitionMeta meta, Path directory) {
        return PartitionFiles.directoryName(meta.partition()).equals(String.valueOf(directory.getFileName()));
    }

    /** Whether {@link #load} could not read the partition. */
    boolean isUnreadable(PartitionKey key) {
        return unreadable.containsKey(key);
    }

    /** Keeps a partition whose frames could not be applied from being opened until an operator has looked at it. */
    void markUnreadableOffline(PartitionKey key) throws IOException {
        Path path = unreadable.get(key);
        if (path != null) {
            StorageException cause = StorageErrors.corrupt(
                    path.resolve("meta"), 0, "it could not be read while the journal held appends for the partition");
            PartitionFiles.markOffline(files, path, cause);
        }
    }

    /** Makes the directory of a new partition, durably. */
    PartitionFiles createPartition(PartitionId id) throws IOException {
        Path path = partitions.resolve(PartitionFiles.directoryName(id));
        if (files.exists(path)) {
            if (PartitionMeta.read(files, path) != null) {
                throw new StorageException(
                        Reason.IO, path + " could not be read when the store was opened; restart the broker");
            }
            List<Path> left = files.list(path);
            if (left.stream().anyMatch(file -> Segment.isSegment(file) || StateFile.ordinalOf(file) >= 0)) {
                throw StorageErrors.corrupt(path, 0, "it holds a log, but its file meta is missing");
            }
        }
        files.createDirectories(path);
        PartitionMeta meta = PartitionMeta.initial(id);
        meta.write(files, path);
        files.forceDirectory(partitions);
        return new PartitionFiles(tools, path, meta);
    }
}
