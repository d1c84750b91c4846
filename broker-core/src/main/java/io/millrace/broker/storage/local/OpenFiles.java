// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A file layer that knows which files are open, so that a store that cannot be opened leaves none behind. Any thread. */
final class OpenFiles implements FileLayer {
    private final FileLayer files;
    private final Set<StoreFile> open = ConcurrentHashMap.newKeySet();

    OpenFiles(FileLayer files) {
        this.files = files;
    }

    /** Closes whatever is still open; what fails is added to {@code reason}. */
    void closeAll(Throwable reason) {
        for (StoreFile file : open) {
            try {
                file.close();
            } catch (IOException failure) {
                reason.addSuppressed(failure);
            }
        }
    }

    @Override
    public StoreFile open(Path path) throws IOException {
        Tracked file = new Tracked(files.open(path));
        open.add(file);
        return file;
    }

    @Override
    public boolean exists(Path path) {
        return files.exists(path);
    }

    @Override
    public long size(Path path) throws IOException {
        return files.size(path);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return files.list(directory);
    }

    @Override
    public long lastModifiedMs(Path path) throws IOException {
        return files.lastModifiedMs(path);
    }

    @Override
    public String bootId() {
        return files.bootId();
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        files.createDirectories(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        files.rename(from, to);
    }

    @Override
    public void deleteIfExists(Path path) throws IOException {
        files.deleteIfExists(path);
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        files.forceDirectory(directory);
    }

    /** Says which file and where when the file system does not. */
    private final class Tracked implements StoreFile {
        private final StoreFile file;

        Tracked(StoreFile file) {
            this.file = file;
        }

        @Override
        public Path path() {
            return file.path();
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            try {
                return file.write(source, position);
            } catch (IOException failure) {
                throw named("writing", position, failure);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            try {
                return file.read(target, position);
            } catch (IOException failure) {
                throw named("reading", position, failure);
            }
        }

        @Override
        public void force() throws IOException {
            try {
                file.force();
            } catch (IOException failure) {
                throw new IOException("syncing " + path() + ": " + failure.getMessage(), failure);
            }
        }

        private IOException named(String what, long position, IOException failure) {
            return new IOException(what + " " + path() + " at byte " + position + ": " + failure.getMessage(), failure);
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
            open.remove(this);
            file.close();
        }
    }
}
