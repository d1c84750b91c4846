// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Predicate;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Filtered batches, read by Kafka's own code. */
class BatchFilterTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final long HORIZON = 1_800_000_000_000L;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final BatchFilter filter = new BatchFilter(ALLOCATOR, 1 << 20);

    @ParameterizedTest
    @EnumSource(CompressionCodec.class)
    void whatStaysKeepsOffsetsTimesSequencesAndCodec(CompressionCodec codec) {
        SimpleRecord[] records = KafkaBatches.randomRecords(random, 60);
        ByteBuf original = batch(codec, records);

        ByteBuf filtered = apply(original, view -> view.offset() % 3 == 1, false);

        MutableRecordBatch batch = kafkas(filtered);
        batch.ensureValid();
        assertEquals(codec == CompressionCodec.NONE ? 0 : codec.id(), batch.compressionType().id, "seed " + seed);
        assertEquals(1000, batch.baseOffset());
        assertEquals(1059, batch.lastOffset());
        assertEquals(17, batch.baseSequence());
        assertEquals(42, batch.producerId());
        List<Long> offsets = new ArrayList<>();
        long newest = Long.MIN_VALUE;
        for (Record record : batch) {
            SimpleRecord expected = records[(int) (record.offset() - 1000)];
            assertEquals(expected.timestamp(), record.timestamp(), "seed " + seed);
            assertEquals(expected.key(), record.key());
            assertEquals(expected.value(), record.value());
            offsets.add(record.offset());
            newest = Math.max(newest, record.timestamp());
        }
        assertEquals(20, offsets.size());
        assertEquals(newest, batch.maxTimestamp());
        filtered.release();
    }

    @ParameterizedTest
    @EnumSource(CompressionCodec.class)
    void aTombstoneGivesTheBatchADeleteHorizonOnce(CompressionCodec codec) {
        SimpleRecord[] records = {
            new SimpleRecord(500, "a".getBytes(UTF_8), "1".getBytes(UTF_8)),
            new SimpleRecord(600, "b".getBytes(UTF_8), null)
        };

        ByteBuf first = apply(batch(codec, records), view -> true, false);

        MutableRecordBatch batch = kafkas(first);
        batch.ensureValid();
        assertEquals(OptionalLong.of(HORIZON), batch.deleteHorizonMs());
        List<Long> times = new ArrayList<>();
        batch.forEach(record -> times.add(record.timestamp()));
        assertEquals(List.of(500L, 600L), times);
        ByteBuf copy = first.copy();
        ByteBuf second = ALLOCATOR.buffer();
        filter.apply(first, 0, view -> true, HORIZON + 1, false, second);
        assertEquals(copy, second);
        first.release();
        second.release();
    }

    @Test
    void anUnchangedBatchKeepsItsBytes() {
        ByteBuf original = batch(CompressionCodec.LZ4, new SimpleRecord(5, "a".getBytes(UTF_8), "1".getBytes(UTF_8)));
        ByteBuf copy = original.copy();

        ByteBuf filtered = apply(original, view -> true, false);

        assertEquals(copy, filtered);
    }

    @Test
    void anEmptiedBatchGoesOrStaysAsAHeader() {
        SimpleRecord[] records = KafkaBatches.randomRecords(random, 5);

        assertEquals(
                0,
                apply(batch(CompressionCodec.ZSTD, records), view -> false, false)
                        .readableBytes());
        ByteBuf header = apply(batch(CompressionCodec.ZSTD, records), view -> false, true);

        MutableRecordBatch batch = kafkas(header);
        batch.ensureValid();
        assertEquals(1004, batch.lastOffset());
        assertEquals(21, batch.lastSequence());
        assertEquals(BatchHeader.SIZE, header.readableBytes());
        assertTrue(!batch.iterator().hasNext());
        assertEquals(1, Batches.validate(header));
    }

    private ByteBuf apply(ByteBuf original, Predicate<RecordView> keep, boolean keepEmpty) {
        ByteBuf target = ALLOCATOR.buffer();
        filter.apply(original, original.readerIndex(), keep, HORIZON, keepEmpty, target);
        original.release();
        return target;
    }

    private static ByteBuf batch(CompressionCodec codec, SimpleRecord... records) {
        return KafkaBatches.buffer(MemoryRecords.withIdempotentRecords(
                RecordBatch.MAGIC_VALUE_V2, 1000, KafkaBatches.compression(codec), 42L, (short) 3, 17, 5, records));
    }

    private static MutableRecordBatch kafkas(ByteBuf buffer) {
        ByteBuffer bytes = Unpooled.copiedBuffer(buffer).nioBuffer();
        return MemoryRecords.readableRecords(bytes).batches().iterator().next();
    }
}
