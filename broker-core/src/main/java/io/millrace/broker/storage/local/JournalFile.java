// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** One file of the journal: preallocated with zeros, so that a sync writes data only, and used again and again. */
final class JournalFile {
    private static final int ZEROS = 1 << 20;

    private final StoreFile file;
    private final long bytes;
    private long lastSequence;

    JournalFile(StoreFile file, long bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    static JournalFile allocate(FileLayer files, Path path, long bytes) throws IOException {
        StoreFile file = files.open(path);
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS, bytes));
        for (long at = 0; at < bytes; at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), bytes - at));
            file.writeFully(zeros.duplicate(), at);
        }
        file.force();
        files.forceDirectory(AtomicFile.parent(path));
        return new JournalFile(file, bytes);
    }

    /** Keeps it out of the way of the store, for an operator who repairs a damaged partition. */
    void setAside(FileLayer files) throws IOException {
        Path path = file.path();
        file.close();
        files.rename(path, path.resolveSibling(path.getFileName() + ".kept-" + lastSequence));
        files.forceDirectory(AtomicFile.parent(path));
    }

    StoreFile file() {
        return file;
    }

    long bytes() {
        return bytes;
    }

    /** The last sequence in it, known once it is full. */
    long lastSequence() {
        return lastSequence;
    }

    void retire(long sequence) {
        lastSequence = sequence;
    }
}
