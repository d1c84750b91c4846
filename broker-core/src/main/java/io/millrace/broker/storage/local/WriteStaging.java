// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Gathers small writes to one place of one file into one. Used by one thread. */
final class WriteStaging {
    /** From here on a second system call costs less than a copy. */
    private static final int UNCOPIED_BYTES = 128 << 10;

    private final ByteBuffer buffer;
    private @Nullable StoreFile target;
    private long position;

    WriteStaging(int capacity) {
        buffer = ByteBuffer.allocateDirect(capacity);
    }

    /** The next bytes go to {@code file} at {@code at}. */
    void seek(StoreFile file, long at) throws IOException {
        if (target != file || position + buffer.position() != at) {
            flush();
            target = file;
            position = at;
        }
    }

    void put(ByteBuf source, int index, int length) throws IOException {
        if (length >= UNCOPIED_BYTES && source.nioBufferCount() == 1) {
            putUncopied(source.nioBuffer(index, length));
            return;
        }
        int from = index;
        int left = length;
        while (left > 0) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int count = Math.min(left, buffer.remaining());
            int end = buffer.position() + count;
            buffer.limit(end);
            source.getBytes(from, buffer);
            buffer.limit(buffer.capacity());
            from += count;
            left -= count;
        }
    }

    private void putUncopied(ByteBuffer bytes) throws IOException {
        flush();
        StoreFile file = target;
        if (file != null) {
            int count = bytes.remaining();
            file.writeFully(bytes, position);
            position += count;
        }
    }

    void putInt(int value) throws IOException {
        if (buffer.remaining() < Integer.BYTES) {
            flush();
        }
        buffer.putInt(value);
    }

    void putLong(long value) throws IOException {
        if (buffer.remaining() < Long.BYTES) {
            flush();
        }
        buffer.putLong(value);
    }

    /** Writes to the file what was gathered. */
    void flush() throws IOException {
        buffer.flip();
        int count = buffer.remaining();
        StoreFile file = target;
        if (count > 0 && file != null) {
            file.writeFully(buffer, position);
            position += count;
        }
        buffer.clear();
    }

    /** Forgets what was gathered, after a failure. */
    void discard() {
        buffer.clear();
        target = null;
    }
}
