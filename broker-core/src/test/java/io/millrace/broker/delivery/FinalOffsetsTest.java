// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FinalOffsetsTest {

    @Test
    void lowWatermarkPassesOverWhatWasFinalAboveIt() {
        FinalOffsets finals = new FinalOffsets(10);
        finals.add(12, 14);
        finals.add(16, 16);

        finals.add(10, 11);

        assertEquals(15, finals.lowWatermark());
        assertEquals(List.of(new OffsetRange(16, 16)), finals.rangesAbove());
        assertEquals(1, finals.countAbove());
    }

    @Test
    void farOffsetsNeedNoMoreMemoryThanNearOnes() {
        long start = 5_000_000_000_000L;
        FinalOffsets finals = new FinalOffsets(start);

        for (long offset = start; offset < start + 4_000_000_000L; offset += 100_000_000L) {
            finals.add(offset + 1, offset + 99_999_999L);
            finals.add(offset, offset);
        }

        assertEquals(start + 4_000_000_000L, finals.lowWatermark());
        assertTrue(finals.sizeBytes() < 1_000, "bytes " + finals.sizeBytes());
    }

    @Test
    void agreesWithABitSetWhateverTheOrder() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        long start = 1L << 40;
        FinalOffsets finals = new FinalOffsets(start);
        BitSet model = new BitSet();

        for (int i = 0; i < 3_000; i++) {
            int first = Math.max(0, model.nextClearBit(0) + random.nextInt(400) - 50);
            int last = first + random.nextInt(40);
            finals.add(start + first, start + last);
            model.set(first, last + 1);
            String hint = "seed " + seed + " step " + i;
            assertEquals(start + model.nextClearBit(0), finals.lowWatermark(), hint);
            int probe = random.nextInt(model.length() + 10);
            assertEquals(model.get(probe), finals.contains(start + probe), hint);
            int end = probe + random.nextInt(100);
            long missing = finals.missing(start + probe, start + end).stream()
                    .mapToLong(OffsetRange::count)
                    .sum();
            assertEquals(end - probe + 1 - model.get(probe, end + 1).cardinality(), missing, hint);
        }
        long above = finals.rangesAbove().stream().mapToLong(OffsetRange::count).sum();
        assertEquals(model.cardinality() - model.nextClearBit(0), above, "seed " + seed);
        assertFalse(finals.contains(start + model.length()));
    }
}
