// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Keeps a data directory to one process: a lock on {@code <directory>/.lock}, which names the holder's pid. */
public final class DirectoryLock implements AutoCloseable {
    private static final int MAX_PID_BYTES = 32;

    private final FileChannel channel;
    private final FileLock lock;

    private DirectoryLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /**
     * Takes the lock; creates the directory where it is missing. Ends with the process, however that ends.
     *
     * @throws DirectoryLockedException when another process, or this one, holds it
     * @throws IOException when the directory cannot be written
     */
    public static DirectoryLock take(Path directory) throws IOException {
        Files.createDirectories(directory);
        FileChannel channel = FileChannel.open(
                directory.resolve(".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw new DirectoryLockedException("The data directory " + directory + " is in use by "
                        + holder(channel) + "; stop it or give another directory");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return new DirectoryLock(channel, lock);
        } catch (IOException | RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(MAX_PID_BYTES);
        int read = channel.read(pid, 0);
        if (read <= 0) {
            return "another process";
        }
        return "process " + new String(pid.array(), 0, read, StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }

    /** The directory is in use; the message is one sentence for the operator. */
    public static final class DirectoryLockedException extends IOException {
        private static final long serialVersionUID = 1L;

        DirectoryLockedException(String message) {
            super(message);
        }
    }
}
