// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.delivery.ShareAcquired.Range;
import io.millrace.broker.partition.AbortedTransactions;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What of the batches that a read gave is acquired (KIP-932). */
class ShareCollectorTest {
    private static final UUID MEMBER = new UUID(0, 1);
    private static final int CONTROL = 0x20;

    private final ByteBuf batches = Unpooled.buffer();
    private final ShareState state = new ShareState(1, 0);

    @AfterEach
    void release() {
        batches.release();
    }

    @Test
    void offsetsBetweenBatchesAreFinishedUnseen() {
        batch(0, 3);
        batch(7, 2);

        ShareAcquired acquired = collect(100, false, 9);

        assertEquals(List.of(new Range(0, 2, 1), new Range(7, 8, 1)), acquired.ranges());
        state.replayFinal(0, 2);
        assertEquals(7, state.engine().lowWatermark());
    }

    @Test
    void aMarkerIsNobodysRecord() {
        batch(0, 1);
        batches.setShort(BatchHeader.ATTRIBUTES, CONTROL);
        batch(1, 2);

        ShareAcquired acquired = collect(100, false, 3);

        assertEquals(List.of(new Range(1, 2, 1)), acquired.ranges());
        assertEquals(1, state.engine().lowWatermark());
        assertEquals(
                1, BatchHeader.baseOffset(acquired.batches(), acquired.batches().readerIndex()));
        acquired.batches().release();
    }

    @Test
    void theLastBatchIsGivenWholeUnlessTheLimitIsStrict() {
        batch(0, 3);
        batch(3, 3);
        batch(6, 3);

        assertEquals(List.of(new Range(0, 3, 1)), collect(4, true, 9).ranges());
        assertEquals(List.of(new Range(4, 5, 1)), collect(1, false, 9).ranges());
    }

    @Test
    void anEndOfTheLogWithoutRecordsIsFinished() {
        ShareAcquired acquired = collect(100, false, 5);

        assertEquals(List.of(), acquired.ranges());
        assertEquals(5, state.engine().lowWatermark());
    }

    private void batch(long baseOffset, int records) {
        try (BatchBuilder builder = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT)) {
            for (int i = 0; i < records; i++) {
                builder.add(1_700_000_000_000L, null, new byte[] {1}, List.of());
            }
            ByteBuf batch = builder.build();
            BatchHeader.setBaseOffset(batch, batch.readerIndex(), baseOffset);
            batches.writeBytes(batch);
            batch.release();
        }
    }

    private ShareAcquired collect(int maxRecords, boolean strict, long end) {
        ShareCollector collector = new ShareCollector(
                state, new ShareFetch("g", MEMBER, maxRecords, 1 << 20, 100, strict), Long.MAX_VALUE, 100);
        collector.collect(batches, AbortedTransactions.NONE, 0, end);
        return collector.finish(batches);
    }
}
