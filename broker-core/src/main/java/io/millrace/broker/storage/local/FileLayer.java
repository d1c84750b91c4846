// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The file system as the store uses it; tests inject faults here. */
interface FileLayer {
    /** Opens for reading and writing; creates the file where it is missing. */
    StoreFile open(Path path) throws IOException;

    boolean exists(Path path);

    /** A file's bytes. */
    default long size(Path path) throws IOException {
        return Files.size(path);
    }

    /** The entries of a directory, sorted by name. */
    List<Path> list(Path directory) throws IOException;

    /** When a file was last written, milliseconds since the epoch. */
    default long lastModifiedMs(Path path) throws IOException {
        return Files.getLastModifiedTime(path).toMillis();
    }

    /**
     * Names the run of the machine, from its start to its end: as long as it is the same, what was written is there,
     * synced or not. Where the system does not tell, each call gives another one.
     */
    String bootId();

    void createDirectories(Path directory) throws IOException;

    /** Renames atomically; replaces the target. */
    void rename(Path from, Path to) throws IOException;

    void deleteIfExists(Path path) throws IOException;

    /** Makes creations, renames and deletions in {@code directory} survive a crash. */
    void forceDirectory(Path directory) throws IOException;
}
