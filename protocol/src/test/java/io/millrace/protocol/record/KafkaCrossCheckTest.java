// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our batches against Kafka's own code, both ways. */
class KafkaCrossCheckTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @EnumSource(CompressionCodec.class)
    void readsWhatKafkaWrites(CompressionCodec codec) {
        SimpleRecord[] records = KafkaBatches.randomRecords(random, 1 + random.nextInt(100));
        MemoryRecords kafka = MemoryRecords.withIdempotentRecords(
                RecordBatch.MAGIC_VALUE_V2,
                1_000_000_007L,
                KafkaBatches.compression(codec),
                42L,
                (short) 3,
                17,
                5,
                records);
        MutableRecordBatch expected = kafka.batches().iterator().next();
        ByteBuf buffer = KafkaBatches.buffer(kafka);
        int index = buffer.readerIndex();

        int batches = Batches.validate(buffer);

        assertEquals(1, batches);
        assertHeaderEquals(expected, buffer, index);
        assertEquals(codec, BatchHeader.compression(buffer, index));
        Batches.validateRecords(ALLOCATOR, buffer, index, 1 << 20);
        assertRecordsEqual(expected, buffer, index);
        assertTrue(buffer.release());
    }

    @Test
    void kafkaReadsWhatWeBuild() {
        SimpleRecord[] records = KafkaBatches.randomRecords(random, 50);
        BatchBuilder builder = new BatchBuilder(ALLOCATOR).producer(99, (short) 7, 1234);
        for (SimpleRecord record : records) {
            builder.add(record.timestamp(), array(record.key()), array(record.value()), headers(record.headers()));
        }

        ByteBuf batch = builder.build();

        MemoryRecords expected = MemoryRecords.withIdempotentRecords(
                KafkaBatches.compression(CompressionCodec.NONE), 99, (short) 7, 1234, records);
        assertEquals(
                ByteBufUtil.hexDump(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(expected.buffer()))),
                ByteBufUtil.hexDump(batch),
                "seed " + seed);
        batch.release();
    }

    @Test
    void settersLeaveABatchThatKafkaAccepts() {
        MemoryRecords kafka = MemoryRecords.withRecords(
                KafkaBatches.compression(CompressionCodec.ZSTD), KafkaBatches.randomRecords(random, 5));
        ByteBuf buffer = KafkaBatches.buffer(kafka);
        int index = buffer.readerIndex();

        BatchHeader.setLastOffset(buffer, index, 104);
        BatchHeader.setPartitionLeaderEpoch(buffer, index, 12);
        assertTrue(BatchHeader.crcIsValid(buffer, index), "base offset and epoch lie outside the CRC");
        BatchHeader.setLogAppendTime(buffer, index, 4711);

        RecordBatch batch = kafka(buffer);
        batch.ensureValid();
        assertEquals(100, batch.baseOffset());
        assertEquals(12, batch.partitionLeaderEpoch());
        assertHeaderEquals((MutableRecordBatch) batch, buffer, index);
        batch.forEach(record -> assertEquals(4711, record.timestamp()));
        assertRecordsEqual(batch, buffer, index);
        buffer.release();
    }

    @Test
    void recordsCopiedVerbatimReadAsARun() {
        SimpleRecord[] records = KafkaBatches.randomRecords(random, 20);
        MemoryRecords kafka = MemoryRecords.withRecords(500L, KafkaBatches.compression(CompressionCodec.LZ4), records);
        ByteBuf buffer = KafkaBatches.buffer(kafka);
        int index = buffer.readerIndex();
        ByteBuf run = ALLOCATOR.buffer();
        try (RecordReader reader = RecordReader.ofBatch(ALLOCATOR, buffer, index, 1 << 20)) {
            while (reader.hasNext()) {
                RecordView view = reader.next();
                if (view.offset() % 3 == 0) {
                    run.writeBytes(view.encoded());
                }
            }
        }

        List<Long> offsets = new ArrayList<>();
        try (RecordReader reader = RecordReader.ofRun(run, 500, BatchHeader.baseTimestamp(buffer, index), 7)) {
            reader.forEachRemaining(view -> {
                offsets.add(view.offset());
                assertEquals(records[(int) (view.offset() - 500)].timestamp(), view.timestampMs());
            });
        }

        assertEquals(List.of(501L, 504L, 507L, 510L, 513L, 516L, 519L), offsets);
        buffer.release();
        run.release();
    }

    @Test
    void walksSeveralBatches() {
        ByteBuf buffer = ALLOCATOR.buffer();
        for (int i = 0; i < 3; i++) {
            buffer.writeBytes(MemoryRecords.withRecords(
                            10L * i,
                            KafkaBatches.compression(CompressionCodec.GZIP),
                            KafkaBatches.randomRecords(random, 4))
                    .buffer());
        }

        List<Long> bases = new ArrayList<>();
        Batches.indexes(buffer).forEachRemaining((int i) -> bases.add(BatchHeader.baseOffset(buffer, i)));

        assertEquals(List.of(0L, 10L, 20L), bases);
        assertEquals(3, Batches.validate(buffer));
        buffer.release();
    }

    private static void assertHeaderEquals(MutableRecordBatch expected, ByteBuf buffer, int index) {
        assertEquals(expected.baseOffset(), BatchHeader.baseOffset(buffer, index));
        assertEquals(expected.lastOffset(), BatchHeader.lastOffset(buffer, index));
        assertEquals(expected.sizeInBytes(), BatchHeader.sizeInBytes(buffer, index));
        assertEquals(expected.partitionLeaderEpoch(), BatchHeader.partitionLeaderEpoch(buffer, index));
        assertEquals(expected.checksum(), Integer.toUnsignedLong(BatchHeader.crc(buffer, index)));
        assertEquals(expected.maxTimestamp(), BatchHeader.maxTimestamp(buffer, index));
        assertEquals(expected.producerId(), BatchHeader.producerId(buffer, index));
        assertEquals(expected.producerEpoch(), BatchHeader.producerEpoch(buffer, index));
        assertEquals(expected.baseSequence(), BatchHeader.baseSequence(buffer, index));
        assertEquals(expected.lastSequence(), BatchHeader.lastSequence(buffer, index));
        assertEquals(expected.countOrNull(), BatchHeader.recordCount(buffer, index));
        assertEquals(expected.isTransactional(), BatchHeader.isTransactional(buffer, index));
        assertEquals(expected.isControlBatch(), BatchHeader.isControl(buffer, index));
    }

    private void assertRecordsEqual(RecordBatch expected, ByteBuf buffer, int index) {
        Iterator<Record> theirs = expected.iterator();
        try (RecordReader ours = RecordReader.ofBatch(ALLOCATOR, buffer, index, 1 << 20)) {
            while (ours.hasNext()) {
                RecordView view = ours.next();
                Record record = theirs.next();
                assertEquals(record.offset(), view.offset(), "seed " + seed);
                assertEquals(record.timestamp(), view.timestampMs(), "seed " + seed);
                assertArrayEquals(array(record.key()), array(view.key()), "seed " + seed);
                assertArrayEquals(array(record.value()), array(view.value()), "seed " + seed);
                assertEquals(headers(record.headers()), view.headers(), "seed " + seed);
            }
        }
        assertFalse(theirs.hasNext());
    }

    private static RecordBatch kafka(ByteBuf buffer) {
        return MemoryRecords.readableRecords(ByteBuffer.wrap(ByteBufUtil.getBytes(buffer)))
                .batches()
                .iterator()
                .next();
    }

    private static List<RecordHeader> headers(Header[] headers) {
        return Arrays.stream(headers)
                .map(header -> new RecordHeader(header.key(), header.value()))
                .toList();
    }

    private static byte[] array(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static byte[] array(ByteBuf buffer) {
        return buffer == null ? null : ByteBufUtil.getBytes(buffer);
    }
}
