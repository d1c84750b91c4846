// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Walks the batches of a segment file, each checked. A segment is a sequence of
 *
 * <pre>
 * headerCrc uint32 (CRC-32C of what follows, up to the batch's byte 60) | stateEnd int64 | previousEnd int64 | batch
 * </pre>
 *
 * The prefix covers the batch's whole header: what its own CRC leaves out (base offset, length, epoch, magic), and what
 * a walk believes without having checked that CRC (last offset, timestamps). {@code
 * stateEnd} is the number of STATE entries up to the batch's append: a batch that lacks one of them is half of a pair.
 * {@code previousEnd} is where the log ended before the batch: where it ends earlier now, something is missing.
 */
final class SegmentWalk {
    static final int PREFIX = Integer.BYTES + 2 * Long.BYTES;
    private static final int CHUNK = 256 << 10;

    private SegmentWalk() {}

    /** What a walk tells of a batch. */
    record Batch(
            int size,
            long baseOffset,
            long lastOffset,
            int leaderEpoch,
            long maxTimestampMs,
            long stateEnd,
            long previousEnd) {
        private static Batch at(ByteBuf chunk, int at, int size) {
            int batch = at + PREFIX;
            return new Batch(
                    size,
                    BatchLayout.baseOffset(chunk, batch),
                    BatchLayout.lastOffset(chunk, batch),
                    BatchLayout.leaderEpoch(chunk, batch),
                    BatchLayout.maxTimestampMs(chunk, batch),
                    stateEndAt(chunk, at),
                    previousEndAt(chunk, at));
        }
    }

    /** Told of each batch; false ends the walk before it. */
    @FunctionalInterface
    interface Visitor {
        boolean onBatch(long position, Batch batch);
    }

    /**
     * @param end where the walk ended
     * @param damage what is wrong there; {@code null} when nothing is
     */
    record Outcome(long end, @Nullable String damage) {}

    /**
     * Walks from a batch's position on. Headers are always checked, bodies from {@code verifyFrom} on.
     *
     * @param limit where the segment ends
     */
    static Outcome walk(StoreFile file, long from, long limit, long verifyFrom, Visitor visitor) throws IOException {
        long position = from;
        ByteBuf chunk = PooledByteBufAllocator.DEFAULT.directBuffer((int) Math.max(1, Math.min(CHUNK, limit - from)));
        try {
            while (position < limit) {
                fill(file, chunk, position, (int) Math.min(CHUNK, limit - position));
                int at = 0;
                while (at < chunk.readableBytes()) {
                    long here = position + at;
                    int have = chunk.readableBytes() - at;
                    if (have < PREFIX + BatchLayout.MIN_SIZE && here + have < limit) {
                        break;
                    }
                    String damage = headerDamage(chunk, at, limit - here);
                    if (damage != null) {
                        return new Outcome(here, damage);
                    }
                    int size = BatchLayout.size(chunk, at + PREFIX);
                    if (here >= verifyFrom) {
                        if (have < PREFIX + size) {
                            fill(file, chunk, here, Math.max(PREFIX + size, (int) Math.min(CHUNK, limit - here)));
                            position = here;
                            at = 0;
                        }
                        if (!Checksums.batchIsIntact(chunk, at + PREFIX, size)) {
                            return new Outcome(here, "the records do not fit their CRC");
                        }
                    }
                    if (!visitor.onBatch(here, Batch.at(chunk, at, size))) {
                        return new Outcome(here, null);
                    }
                    at += PREFIX + size;
                }
                position += at;
            }
            return new Outcome(position, null);
        } finally {
            chunk.release();
        }
    }

    /**
     * What is wrong with the prefix and header at {@code at}; {@code null} when they are sound.
     *
     * @param left bytes up to the end of the segment
     */
    static @Nullable String headerDamage(ByteBuf chunk, int at, long left) {
        if (left < PREFIX + BatchLayout.MIN_SIZE || chunk.writerIndex() - at < PREFIX + BatchLayout.MIN_SIZE) {
            return "it ends inside a batch header";
        }
        if (Checksums.ofBatchHeader(stateEndAt(chunk, at), previousEndAt(chunk, at), chunk, at + PREFIX)
                != chunk.getInt(at)) {
            return "a batch header does not fit its CRC";
        }
        int size = BatchLayout.size(chunk, at + PREFIX);
        if (size < BatchLayout.MIN_SIZE || size > left - PREFIX) {
            return "it ends inside a batch of " + size + " bytes";
        }
        return null;
    }

    private static long stateEndAt(ByteBuf chunk, int at) {
        return chunk.getLong(at + Integer.BYTES);
    }

    private static long previousEndAt(ByteBuf chunk, int at) {
        return chunk.getLong(at + Integer.BYTES + Long.BYTES);
    }

    /** Makes {@code chunk} hold {@code length} bytes of the file. */
    static void fill(StoreFile file, ByteBuf chunk, long position, int length) throws IOException {
        chunk.clear().ensureWritable(length);
        file.readFully(chunk.nioBuffer(0, length), position);
        chunk.writerIndex(length);
    }
}
