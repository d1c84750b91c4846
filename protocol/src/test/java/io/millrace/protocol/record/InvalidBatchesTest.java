// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.record.InvalidBatchException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InvalidBatchesTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void everyFlippedBitIsFoundExceptWhereTheBrokerWrites() {
        ByteBuf batch = batch("some value");
        for (int index = BatchHeader.LENGTH; index < batch.writerIndex(); index++) {
            if (index >= BatchHeader.PARTITION_LEADER_EPOCH && index < BatchHeader.MAGIC) {
                continue;
            }
            ByteBuf damaged = batch.copy();
            damaged.setByte(index, damaged.getByte(index) ^ (1 << random.nextInt(8)));

            assertThrows(
                    InvalidBatchException.class, () -> Batches.validate(damaged), "byte " + index + ", seed " + seed);
        }
    }

    @Test
    void everyTruncationIsFound() {
        ByteBuf batch = batch("some value");
        for (int length = 1; length < batch.readableBytes(); length++) {
            ByteBuf cut = batch.slice(0, length);

            InvalidBatchException e = assertThrows(InvalidBatchException.class, () -> Batches.validate(cut));

            assertEquals(Reason.CORRUPT, e.reason());
        }
    }

    @Test
    void oldFormatIsNamed() {
        ByteBuf batch = batch("v").setByte(BatchHeader.MAGIC, 1);

        InvalidBatchException e = assertThrows(InvalidBatchException.class, () -> Batches.validate(batch));

        assertEquals(Reason.UNSUPPORTED_FORMAT, e.reason());
        assertTrue(e.getMessage().contains("magic 1"), e.getMessage());
    }

    @Test
    void unknownCompressionIsNamed() {
        ByteBuf batch = withCrc(batch("v").setShort(BatchHeader.ATTRIBUTES, 7));

        InvalidBatchException e = assertThrows(InvalidBatchException.class, () -> Batches.validate(batch));

        assertEquals(Reason.UNSUPPORTED_COMPRESSION, e.reason());
    }

    @Test
    void moreRecordsThanOffsetsAreRefused() {
        ByteBuf batch = withCrc(batch("v").setInt(BatchHeader.RECORD_COUNT, 2));

        InvalidBatchException e = assertThrows(InvalidBatchException.class, () -> Batches.validate(batch));

        assertEquals(Reason.INVALID_RECORD, e.reason());
    }

    @Test
    void fewerRecordsThanCountedAreRefused() {
        ByteBuf batch =
                withCrc(batch("v").setInt(BatchHeader.RECORD_COUNT, 2).setInt(BatchHeader.LAST_OFFSET_DELTA, 1));

        assertEquals(Reason.INVALID_RECORD, refusedRecords(batch, 1000).reason());
    }

    @Test
    void bytesAfterTheLastRecordAreRefused() {
        ByteBuf batch = batch("v").writeByte(0);
        withCrc(batch.setInt(BatchHeader.LENGTH, batch.readableBytes() - BatchHeader.LOG_OVERHEAD));

        assertEquals(Reason.INVALID_RECORD, refusedRecords(batch, 1000).reason());
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionCodec.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void decompressionIsBounded(CompressionCodec codec) {
        ByteBuf bomb = KafkaBatches.buffer(MemoryRecords.withRecords(
                KafkaBatches.compression(codec), new SimpleRecord(1, null, new byte[10_000_000])));

        UnpooledByteBufAllocator counting = new UnpooledByteBufAllocator(true);
        int index = bomb.readerIndex();

        InvalidBatchException e = assertThrows(
                InvalidBatchException.class, () -> Batches.validateRecords(counting, bomb, index, 1_000_000));

        assertEquals(Reason.TOO_LARGE, e.reason());
        assertEquals(0, counting.metric().usedDirectMemory(), "decompressed bytes leaked");
        assertTrue(bomb.release());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void snappyLengthsAreCheckedBeforeTheDecoderAllocatesThem(boolean framed) {
        ByteBuf batch = ALLOCATOR.buffer().writeZero(BatchHeader.SIZE);
        byte[] claimsOneGib = {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 4, 0, 0, 0};
        if (framed) {
            batch.writeLong(0x82534e4150505900L).writeInt(1).writeInt(1).writeInt(claimsOneGib.length);
        }
        batch.writeBytes(claimsOneGib);
        batch.setShort(BatchHeader.ATTRIBUTES, CompressionCodec.SNAPPY.id());
        batch.setInt(BatchHeader.LENGTH, batch.readableBytes() - BatchHeader.LOG_OVERHEAD);

        InvalidBatchException e = assertThrows(
                InvalidBatchException.class, () -> Batches.validateRecords(ALLOCATOR, batch, 0, 1_000_000));

        assertTrue(e.getMessage().contains("claims 1073741824 bytes"), e.getMessage());
        assertTrue(batch.release());
    }

    @Test
    void snappyChunkBeyondTheBatchIsRefused() {
        ByteBuf bytes = ALLOCATOR
                .buffer()
                .writeLong(0x82534e4150505900L)
                .writeInt(1)
                .writeInt(1)
                .writeInt(500_000_000)
                .writeByte(1);

        InvalidBatchException e = assertThrows(InvalidBatchException.class, () -> SnappyChunks.check(bytes, 1_000_000));

        assertEquals(Reason.CORRUPT, e.reason());
        bytes.release();
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionCodec.class,
            names = {"GZIP", "SNAPPY", "LZ4", "ZSTD"})
    void damagedCompressedBytesAreRefusedOrReadButNothingElse(CompressionCodec codec) {
        for (int round = 0; round < 200; round++) {
            ByteBuf batch = KafkaBatches.buffer(
                    MemoryRecords.withRecords(KafkaBatches.compression(codec), KafkaBatches.randomRecords(random, 3)));
            int index = batch.readerIndex();
            int position = index + BatchHeader.SIZE + random.nextInt(batch.readableBytes() - BatchHeader.SIZE);
            batch.setByte(position, random.nextInt(256));
            try {
                Batches.validateRecords(ALLOCATOR, batch, index, 1 << 20);
            } catch (InvalidBatchException e) {
                // As it should be, unless the byte did not matter.
                assertTrue(!e.getMessage().isEmpty());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
            assertTrue(batch.release());
        }
    }

    @Test
    void randomRecordBytesAreRefusedOrReadButNothingElse() {
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[1 + random.nextInt(60)];
            random.nextBytes(bytes);
            bytes[0] = (byte) (2 * (bytes.length - 1));
            ByteBuf run = Unpooled.wrappedBuffer(bytes);
            try (RecordReader reader = RecordReader.ofRun(run, 0, 0, 1)) {
                reader.next().headers();
            } catch (InvalidBatchException e) {
                assertTrue(!e.getMessage().isEmpty());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }

    private static InvalidBatchException refusedRecords(ByteBuf batch, int maxBytes) {
        Batches.validate(batch);
        return assertThrows(
                InvalidBatchException.class,
                () -> Batches.validateRecords(ALLOCATOR, batch, batch.readerIndex(), maxBytes));
    }

    private static ByteBuf batch(String value) {
        return new BatchBuilder(UnpooledByteBufAllocator.DEFAULT)
                .add(1, null, value.getBytes(UTF_8), List.of(RecordHeader.of("h", "x")))
                .build();
    }

    private static ByteBuf withCrc(ByteBuf batch) {
        return batch.setInt(BatchHeader.CRC, BatchHeader.computeCrc(batch, 0));
    }
}
