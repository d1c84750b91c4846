// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A segment's file, open only while it is needed: always while it is written, later for as long as {@link SegmentFiles}
 * keeps it. Any thread.
 */
final class SegmentFile implements StoreFile {
    private final SegmentFiles cache;
    private final Path path;
    private @Nullable StoreFile open;
    private int users;
    private boolean held;
    private boolean closed;

    private SegmentFile(SegmentFiles cache, Path path, @Nullable StoreFile open) {
        this.cache = cache;
        this.path = path;
        this.open = open;
        this.held = open != null;
    }

    /** Opens or makes a file and keeps it open until {@link #release()}. */
    static SegmentFile held(SegmentFiles cache, FileLayer files, Path path) throws IOException {
        return new SegmentFile(cache, path, files.open(path));
    }

    /** A file that is there, to be opened when it is read. */
    static SegmentFile lazy(SegmentFiles cache, Path path) {
        return new SegmentFile(cache, path, null);
    }

    /** Nothing will be written any more: the file may be closed while nobody reads it. */
    void release() throws IOException {
        synchronized (this) {
            if (!held) {
                return;
            }
            held = false;
        }
        cache.used(this);
    }

    private StoreFile use() throws IOException {
        synchronized (this) {
            if (closed) {
                throw new ClosedChannelException();
            }
            StoreFile file = open;
            if (file == null) {
                if (!cache.files().exists(path)) {
                    throw new NoSuchFileException(path.toString());
                }
                file = cache.files().open(path);
                open = file;
            }
            users++;
            return file;
        }
    }

    private void done() throws IOException {
        boolean cached;
        synchronized (this) {
            users--;
            cached = !held && !closed;
        }
        if (cached) {
            cache.used(this);
        }
    }

    /** Closes the file until it is used again; false when it is in use now. Called by the cache. */
    synchronized boolean closeUnused() throws IOException {
        if (users > 0 || held) {
            return false;
        }
        StoreFile file = open;
        open = null;
        if (file != null) {
            file.close();
        }
        return true;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        StoreFile file = use();
        try {
            return file.write(source, position);
        } finally {
            done();
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        StoreFile file = use();
        try {
            return file.read(target, position);
        } finally {
            done();
        }
    }

    @Override
    public void force() throws IOException {
        StoreFile file = use();
        try {
            file.force();
        } finally {
            done();
        }
    }

    @Override
    public long size() throws IOException {
        StoreFile file = use();
        try {
            return file.size();
        } finally {
            done();
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        StoreFile file = use();
        try {
            file.truncate(size);
        } finally {
            done();
        }
    }

    /** For good; nobody uses it any more. */
    @Override
    public void close() throws IOException {
        cache.forget(this);
        synchronized (this) {
            closed = true;
            held = false;
            closeUnused();
        }
    }
}
