// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FrameCumulatorTest {
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false);
    private static final int CHUNK = 64 << 10;

    private final FrameCumulator cumulator = new FrameCumulator();

    private static ByteBuf chunk(byte[] content, int from) {
        return Unpooled.copiedBuffer(content, from, Math.min(CHUNK, content.length - from));
    }

    private static byte[] frame(int claimed, int bytes) {
        byte[] frame = new byte[Integer.BYTES + bytes];
        new Random(bytes).nextBytes(frame);
        Unpooled.wrappedBuffer(frame).setInt(0, claimed);
        return frame;
    }

    private ByteBuf gather(byte[] content, Set<Integer> capacities) {
        ByteBuf gathered = HEAP.buffer();
        for (int from = 0; from < content.length; from += CHUNK) {
            gathered = cumulator.cumulate(HEAP, gathered, chunk(content, from));
            capacities.add(gathered.capacity());
        }
        return gathered;
    }

    @Test
    void aFrameOf64MiBIsCopiedElevenTimesAtMost() {
        byte[] frame = frame(64 << 20, 64 << 20);
        Set<Integer> capacities = new HashSet<>();

        ByteBuf gathered = gather(frame, capacities);

        assertEquals(Unpooled.wrappedBuffer(frame), gathered);
        assertTrue(capacities.size() <= 12, "grew to each of " + capacities);
        gathered.release();
    }

    @Test
    void aClaimedSizeTakesNoMemory() {
        ByteBuf gathered = gather(frame(1 << 30, 3 * CHUNK), new HashSet<>());

        assertTrue(gathered.capacity() <= 8 * CHUNK, "takes " + gathered.capacity() + " bytes");
        gathered.release();
    }

    @Test
    void aNegativeSizeIsTheDecodersToRefuse() {
        byte[] frame = frame(-5, 2 * CHUNK);

        ByteBuf gathered = gather(frame, new HashSet<>());

        assertEquals(Unpooled.wrappedBuffer(frame), gathered);
        gathered.release();
    }

    /** A frame that somebody still holds is a slice of it: growing would move it. */
    @Test
    void bytesThatAreStillHeldStayWhereTheyAre() {
        byte[] frame = frame(1 << 20, 1 << 20);
        ByteBuf first = cumulator.cumulate(HEAP, HEAP.buffer(), chunk(frame, 0));
        ByteBuf held = first.retainedSlice(0, 100);

        ByteBuf gathered = cumulator.cumulate(HEAP, first, chunk(frame, CHUNK));

        assertEquals(Unpooled.wrappedBuffer(frame, 0, 2 * CHUNK), gathered);
        assertEquals(Unpooled.wrappedBuffer(frame, 0, 100), held);
        held.release();
        gathered.release();
    }
}
