// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.millrace.protocol.record.InvalidBatchException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.function.Consumer;

/** Several whole record batches, one after another in a buffer. */
public final class Batches {
    private Batches() {}

    /**
     * The index of each batch in the readable bytes, in order; the buffer's reader index does not move. The iterator
     * throws {@link InvalidBatchException} at bytes that are not a whole batch with magic 2.
     */
    public static PrimitiveIterator.OfInt indexes(ByteBuf buffer) {
        return new Indexes(buffer);
    }

    /**
     * Checks every batch in the readable bytes: size, magic, codec, counts and CRC, not the records in it.
     *
     * @return how many batches there are
     * @throws InvalidBatchException at the first that is not right
     */
    public static int validate(ByteBuf buffer) {
        int batches = 0;
        for (PrimitiveIterator.OfInt indexes = indexes(buffer); indexes.hasNext(); ) {
            validateBatch(buffer, indexes.nextInt());
            batches++;
        }
        return batches;
    }

    /**
     * Checks the records of the batch at {@code index}, decompressed when needed: their framing, offsets within the
     * batch, ascending, and headers. For what clients send: later readers need not expect anything broken.
     *
     * @param maxBytes the most bytes of records to decompress to
     * @throws InvalidBatchException at the first record that is not right
     */
    public static void validateRecords(ByteBufAllocator allocator, ByteBuf buffer, int index, int maxBytes) {
        validateRecords(allocator, buffer, index, maxBytes, view -> {});
    }

    /** As above, and hands each sound record to {@code visitor}, for which it is valid during the call. */
    public static void validateRecords(
            ByteBufAllocator allocator, ByteBuf buffer, int index, int maxBytes, Consumer<RecordView> visitor) {
        long next = BatchHeader.baseOffset(buffer, index);
        long last = BatchHeader.lastOffset(buffer, index);
        try (RecordReader reader = RecordReader.ofBatch(allocator, buffer, index, maxBytes)) {
            while (reader.hasNext()) {
                RecordView view = reader.next();
                if (view.offset() < next || view.offset() > last) {
                    throw invalid(
                            Reason.INVALID_RECORD, buffer, index, "has records whose offsets do not ascend within it");
                }
                view.headers();
                visitor.accept(view);
                next = view.offset() + 1;
            }
        }
    }

    private static void validateBatch(ByteBuf buffer, int index) {
        if (!BatchHeader.crcIsValid(buffer, index)) {
            throw invalid(Reason.CORRUPT, buffer, index, "has a wrong CRC");
        }
        BatchHeader.compression(buffer, index);
        int count = BatchHeader.recordCount(buffer, index);
        int lastDelta = BatchHeader.lastOffsetDelta(buffer, index);
        if (count < 0 || lastDelta < 0 || (long) count > lastDelta + 1L) {
            throw invalid(
                    Reason.INVALID_RECORD,
                    buffer,
                    index,
                    "claims " + count + " records and a last offset delta of " + lastDelta);
        }
    }

    static InvalidBatchException invalid(Reason reason, ByteBuf buffer, int index, String what) {
        return new InvalidBatchException(reason, "the batch at byte " + (index - buffer.readerIndex()) + " " + what);
    }

    private static final class Indexes implements PrimitiveIterator.OfInt {
        private final ByteBuf buffer;
        private int next;

        private Indexes(ByteBuf buffer) {
            this.buffer = buffer;
            this.next = buffer.readerIndex();
        }

        @Override
        public boolean hasNext() {
            return next < buffer.writerIndex();
        }

        @Override
        public int nextInt() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int index = next;
            int left = buffer.writerIndex() - index;
            if (left <= BatchHeader.MAGIC) {
                throw invalid(Reason.CORRUPT, buffer, index, "has only " + left + " bytes, no whole header");
            }
            byte magic = BatchHeader.magic(buffer, index);
            if (magic != BatchHeader.MAGIC_V2) {
                throw invalid(Reason.UNSUPPORTED_FORMAT, buffer, index, "has magic " + magic + "; only 2 is supported");
            }
            int length = buffer.getInt(index + BatchHeader.LENGTH);
            if (length < BatchHeader.SIZE - BatchHeader.LOG_OVERHEAD || length > left - BatchHeader.LOG_OVERHEAD) {
                throw invalid(
                        Reason.CORRUPT,
                        buffer,
                        index,
                        "claims " + length + " bytes after its length; " + (left - BatchHeader.LOG_OVERHEAD)
                                + " are there");
            }
            next = index + BatchHeader.LOG_OVERHEAD + length;
            return index;
        }
    }
}
