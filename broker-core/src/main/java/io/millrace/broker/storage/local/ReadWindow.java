// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A piece of a segment in memory, out of which one read takes its batches, checked and without their prefixes. */
final class ReadWindow {
    private final Path path;
    private final long start;
    private final long limit;
    private final ByteBuf chunk;
    private int at;
    private int needed;

    /**
     * @param start the position of a batch in the file, where {@code chunk} begins
     * @param limit where the readable part of the file ends
     */
    ReadWindow(Path path, long start, long limit, ByteBuf chunk) {
        this.path = path;
        this.start = start;
        this.limit = limit;
        this.chunk = chunk;
    }

    /**
     * Makes the chunk's readable bytes the whole batches from {@code offset} on, at most {@code maxBytes} but at least
     * one. False when it holds none: then read on at {@link #nextPosition()}.
     */
    boolean collect(long offset, int maxBytes, long endOffset) {
        int first = -1;
        int end = 0;
        int available = chunk.writerIndex();
        ByteBuffer bytes = chunk.nioBuffer(0, available);
        while (at < available) {
            boolean headerIsCut = available - at < SegmentWalk.PREFIX + BatchLayout.MIN_SIZE;
            if (headerIsCut && start + available < limit) {
                needed = SegmentWalk.PREFIX + BatchLayout.MIN_SIZE;
                break;
            }
            String damage = SegmentWalk.headerDamage(chunk, at, limit - start - at);
            if (damage != null) {
                throw StorageErrors.corrupt(path, start + at, damage);
            }
            int batch = at + SegmentWalk.PREFIX;
            int size = BatchLayout.size(chunk, batch);
            if (BatchLayout.baseOffset(chunk, batch) >= endOffset || (first >= 0 && end - first + size > maxBytes)) {
                break;
            }
            if (BatchLayout.lastOffset(chunk, batch) >= offset) {
                if (batch + size > available) {
                    needed = SegmentWalk.PREFIX + size;
                    break;
                }
                if (!Checksums.batchIsIntact(chunk, batch, size)) {
                    throw StorageErrors.corrupt(path, start + at, "the records do not fit their CRC");
                }
                if (first < 0) {
                    first = batch;
                    end = batch + size;
                } else {
                    bytes.put(end, bytes.duplicate(), batch, size);
                    end += size;
                }
            }
            at = batch + size;
        }
        if (first >= 0) {
            chunk.setIndex(first, end);
        }
        return first >= 0;
    }

    /** Where to read on. */
    long nextPosition() {
        return needed > 0 || at > 0 ? start + at : limit;
    }

    /** The least bytes to read there; 0 for no demand. */
    int neededBytes() {
        return needed;
    }
}
