// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompactionTest {
    private static final long HOUR = 3_600_000;
    private static final Map<String, String> COMPACT =
            Map.of("cleanup.policy", "compact", "segment.bytes", "4096", "delete.retention.ms", "" + HOUR);

    private PolicyBroker broker = new PolicyBroker(BrokerConfig.defaults(), COMPACT);

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void theLastRecordOfEachKeyStaysAtItsOffset() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, String> last = new TreeMap<>();
        Map<Long, String> written = new HashMap<>();
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 150; i++) {
                String[] pairs = new String[2 * (1 + random.nextInt(4))];
                for (int j = 0; j < pairs.length; j += 2) {
                    pairs[j] = "key-" + random.nextInt(60);
                    pairs[j + 1] = "value-" + random.nextInt(1_000_000);
                    last.put(pairs[j], pairs[j + 1]);
                }
                long base = broker.append(batch(pairs)).baseOffset();
                for (int j = 0; j < pairs.length; j += 2) {
                    written.put(base + j / 2, pairs[j] + "=" + pairs[j + 1]);
                }
            }
            broker.log().roll().join();
            long sizeBefore = broker.log().sizeBytes();

            long cleanTo = clean();

            assertEquals(broker.partition().highWatermark(), cleanTo, "seed " + seed);
            assertTrue(broker.log().sizeBytes() < sizeBefore, "seed " + seed);
            Map<Long, String> read = read();
            Map<String, String> found = new TreeMap<>();
            read.forEach((offset, pair) -> {
                assertEquals(written.get(offset), pair, "offset " + offset + ", seed " + seed);
                String[] parts = pair.split("=", -1);
                assertEquals(null, found.put(parts[0], parts[1]), "key twice, seed " + seed);
            });
            assertEquals(last, found, "seed " + seed);
        }
        assertEquals(0, broker.partition().startOffset());
        broker.restart();
        assertEquals(last.size(), read().size());
        assertEquals(broker.partition().highWatermark(), clean(), "the point survived: nothing is dirty");
    }

    @Test
    void aTombstoneRemovesItsKeyAndGoesAfterItsHorizon() {
        broker.append(batch("a", "1"));
        broker.append(batch("b", "1"));
        broker.append(batch("a", null));
        broker.log().roll().join();

        clean();
        assertEquals(Map.of(1L, "b=1", 2L, "a=null"), read());

        broker.clock.advanceMs(HOUR - 1);
        broker.append(batch("c", "1"));
        broker.log().roll().join();
        clean();
        assertEquals(Map.of(1L, "b=1", 2L, "a=null", 3L, "c=1"), read());

        broker.clock.advanceMs(1);
        broker.append(batch("c", "2", "d", "3", "e", "4", "f", "5"));
        broker.log().roll().join();
        clean();
        assertEquals(Map.of(1L, "b=1", 4L, "c=2", 5L, "d=3", 6L, "e=4", 7L, "f=5"), read());
    }

    @Test
    void idempotenceSurvivesCompactionAndACrash() {
        for (int i = 0; i < 5; i++) {
            broker.append(idempotent(9, i, "a", "" + i));
        }
        broker.append(idempotent(7, 0, "a", "last"));
        broker.append(batch("b", "end"));
        broker.log().roll().join();
        clean();
        assertEquals(Map.of(5L, "a=last", 6L, "b=end"), read());

        broker.store.crash();
        broker.restart();

        assertTrue(broker.append(idempotent(9, 4, "a", "4")).duplicate());
        assertFalse(broker.append(idempotent(9, 5, "a", "5")).duplicate());
    }

    @Test
    void theLogsEndStaysReadableWhenItsLastRecordGoes() {
        broker.append(batch("a", null));
        broker.log().roll().join();
        clean();
        broker.append(batch("b", null));
        broker.log().roll().join();
        broker.clock.advanceMs(2 * HOUR);
        clean();
        broker.clock.advanceMs(2 * HOUR);

        try (LogSlice slice = broker.partition().read(0, 1 << 20).join()) {
            assertTrue(slice.size() > 0, "a reader at the start comes by the end");
        }
        assertEquals(2, lastReadableOffset() + 1);
    }

    @Test
    void moreKeysThanTheMapHoldsTakeSeveralRounds() {
        broker.close();
        BrokerConfig small = BrokerConfig.defaults().with(BrokerConfigKeys.LOG_CLEANER_DEDUPE_BUFFER_BYTES, 1024);
        broker = new PolicyBroker(small, COMPACT);
        broker.configure(Map.of("min.cleanable.dirty.ratio", "0"));
        for (int i = 0; i < 200; i++) {
            broker.append(batch("key-" + i % 100, "" + i));
        }
        broker.log().roll().join();

        long first = clean();
        assertTrue(first > 0 && first < 200, "clean up to " + first);
        long cleanTo = first;
        for (int round = 0; round < 20 && cleanTo < 200; round++) {
            cleanTo = clean();
        }

        assertEquals(200, cleanTo);
        Map<Long, String> expected = new HashMap<>();
        for (int i = 100; i < 200; i++) {
            expected.put((long) i, "key-" + i % 100 + "=" + i);
        }
        assertEquals(expected, read());
    }

    @Test
    void youngRecordsAndTheSegmentBeingWrittenAreLeftAlone() {
        broker.configure(Map.of("min.compaction.lag.ms", "" + HOUR));
        broker.append(batch("a", "1"));
        broker.append(batch("a", "2"));
        assertEquals(0, clean());

        broker.log().roll().join();
        assertEquals(0, clean());

        broker.clock.advanceMs(HOUR);
        assertEquals(2, clean());
        assertEquals(Map.of(1L, "a=2"), read());
    }

    /** As Kafka: the first batch of the dirty segments counts, whatever came after it. */
    @Test
    void anOldRecordIsDueForCompactionThoughYoungOnesFollowedIt() {
        broker.configure(Map.of("min.cleanable.dirty.ratio", "1", "max.compaction.lag.ms", "" + HOUR));
        broker.append(batch("a", "1"));
        broker.log().roll().join();
        clean();
        broker.append(batch("a", "2"));
        broker.clock.advanceMs(HOUR - 1);
        broker.append(batch("a", "3"));
        broker.log().roll().join();
        broker.clock.advanceMs(1);
        assertEquals(1, clean(), "an hour old, not older");

        broker.clock.advanceMs(1);

        assertEquals(3, clean());
        assertEquals(Map.of(2L, "a=3"), read());
    }

    @Test
    void aLogThatCannotBeCompactedIsServedOn() {
        ByteBuf broken = batch("a", "1");
        broken.setByte(BatchHeader.SIZE, 0x7f);
        broken.setInt(BatchHeader.CRC, BatchHeader.computeCrc(broken, 0));
        broker.append(broken);
        broker.log().roll().join();

        assertTrue(broker.partitions()
                .cleaner()
                .clean(broker.partition())
                .handle((clean, failure) -> failure != null)
                .join());

        assertEquals(1, broker.append(batch("a", "2")).baseOffset());
    }

    private long clean() {
        return broker.partitions().cleaner().clean(broker.partition()).join();
    }

    private long lastReadableOffset() {
        long last = -1;
        while (last + 1 < broker.partition().highWatermark()) {
            try (LogSlice slice = broker.partition().read(last + 1, 1).join()) {
                if (slice.size() == 0) {
                    return last;
                }
                last = BatchHeader.lastOffset(slice.buffer(), slice.buffer().readerIndex());
            }
        }
        return last;
    }

    /** All records as key=value, by offset. */
    private Map<Long, String> read() {
        Map<Long, String> records = new TreeMap<>();
        long next = broker.partition().startOffset();
        while (next < broker.partition().highWatermark()) {
            try (LogSlice slice = broker.partition().read(next, 1 << 16).join()) {
                PrimitiveIterator.OfInt indexes = Batches.indexes(slice.buffer());
                while (indexes.hasNext()) {
                    int index = indexes.nextInt();
                    next = BatchHeader.lastOffset(slice.buffer(), index) + 1;
                    try (RecordReader reader =
                            RecordReader.ofBatch(ByteBufAllocator.DEFAULT, slice.buffer(), index, 1 << 20)) {
                        reader.forEachRemaining(view -> records.put(view.offset(), text(view)));
                    }
                }
            }
        }
        return records;
    }

    private static String text(RecordView view) {
        ByteBuf value = view.value();
        return view.key().toString(UTF_8) + "=" + (value == null ? "null" : value.toString(UTF_8));
    }

    private ByteBuf batch(String... pairs) {
        return fill(new BatchBuilder(ByteBufAllocator.DEFAULT), pairs);
    }

    private ByteBuf idempotent(long producer, int sequence, String... pairs) {
        return fill(new BatchBuilder(ByteBufAllocator.DEFAULT).producer(producer, (short) 0, sequence), pairs);
    }

    private ByteBuf fill(BatchBuilder builder, String... pairs) {
        try (builder) {
            for (int i = 0; i < pairs.length; i += 2) {
                byte[] value = pairs[i + 1] == null ? null : pairs[i + 1].getBytes(UTF_8);
                builder.add(broker.clock.wallMs(), pairs[i].getBytes(UTF_8), value, List.of());
            }
            return builder.build();
        }
    }
}
