// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** One open file. Positional reads may come from any thread; writes come from one thread at a time. */
interface StoreFile extends AutoCloseable {
    Path path();

    /** Writes some bytes of {@code source} and returns how many, as {@link java.nio.channels.FileChannel} does. */
    int write(ByteBuffer source, long position) throws IOException;

    /** Reads some bytes and returns how many; -1 at the end of the file. */
    int read(ByteBuffer target, long position) throws IOException;

    /** Makes what was written survive a crash (fdatasync). */
    void force() throws IOException;

    long size() throws IOException;

    void truncate(long size) throws IOException;

    @Override
    void close() throws IOException;

    /** Writes all of {@code source}. */
    default void writeFully(ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += write(source, at);
        }
    }

    /** Fills {@code target} as far as the file has bytes, and returns how many were read. */
    default int readUpTo(ByteBuffer target, long position) throws IOException {
        int total = 0;
        while (target.hasRemaining()) {
            int read = read(target, position + total);
            if (read < 0) {
                break;
            }
            total += read;
        }
        return total;
    }

    /** Fills {@code target} or fails. */
    default void readFully(ByteBuffer target, long position) throws IOException {
        int wanted = target.remaining();
        int read = readUpTo(target, position);
        if (read < wanted) {
            throw new EOFException(
                    path() + " ends at " + (position + read) + "; " + wanted + " bytes were expected at " + position);
        }
    }
}
