// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The real file system with faults: short writes always, others from when a test asks for them. Any thread. */
class FaultyFileLayer implements FileLayer {
    private static final int LONGEST_WRITE = 777;

    private final FileLayer real = new NioFileLayer();
    private volatile Predicate<Path> failingWrites = path -> false;
    private volatile Predicate<Path> failingSyncs = path -> false;
    private volatile Predicate<Path> failingReads = path -> false;
    private final AtomicInteger openFiles = new AtomicInteger();
    private final AtomicInteger journalSyncs = new AtomicInteger();
    private volatile String message = "Input/output error";

    void failWrites(String why, Predicate<Path> which) {
        message = why;
        failingWrites = which;
    }

    void failSyncs(String why, Predicate<Path> which) {
        message = why;
        failingSyncs = which;
    }

    void failReads(String why, Predicate<Path> which) {
        message = why;
        failingReads = which;
    }

    /** How often a journal file was synced. */
    int journalSyncs() {
        return journalSyncs.get();
    }

    /** Files that were opened and not closed. */
    int openFiles() {
        return openFiles.get();
    }

    @Override
    public StoreFile open(Path path) throws IOException {
        return new FaultyFile(real.open(path));
    }

    @Override
    public boolean exists(Path path) {
        return real.exists(path);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return real.list(directory);
    }

    @Override
    public String bootId() {
        return real.bootId();
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        real.createDirectories(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        real.rename(from, to);
    }

    @Override
    public void deleteIfExists(Path path) throws IOException {
        real.deleteIfExists(path);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        real.forceDirectory(directory);
    }

    private final class FaultyFile implements StoreFile {
        private final StoreFile file;

        FaultyFile(StoreFile file) {
            this.file = file;
            openFiles.incrementAndGet();
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            if (failingWrites.test(path())) {
                throw new IOException(message);
            }
            int limit = source.limit();
            source.limit(Math.min(limit, source.position() + LONGEST_WRITE));
            try {
                return file.write(source, position);
            } finally {
                source.limit(limit);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            if (failingReads.test(path())) {
                throw new IOException(message);
            }
            return file.read(target, position);
        }

        @Override
        public void force() throws IOException {
            if (failingSyncs.test(path())) {
                throw new IOException(message);
            }
            if (path().toString().contains("journal")) {
                journalSyncs.incrementAndGet();
            }
            file.force();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            openFiles.decrementAndGet();
            file.close();
        }
    }
}
