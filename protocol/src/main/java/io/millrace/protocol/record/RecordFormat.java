// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.record.InvalidBatchException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The encoding of one record of a v2 batch. All numbers but the attributes are zigzag varints.
 *
 * <pre>
 * length of what follows | attributes (1 byte, 0) | timestamp delta | offset delta
 * | key length (-1: null) | key | value length (-1: null) | value
 * | header count | for each header: key length | key | value length (-1: null) | value
 * </pre>
 */
final class RecordFormat {
    private RecordFormat() {}

    /** Reads one record at the reader index; the view's buffers are slices of this one, which keeps its reader. */
    static RecordView read(ByteBuf buffer, long baseOffset, long baseTimestampMs, boolean logAppendTime) {
        int start = buffer.readerIndex();
        int length = Varint.read(buffer);
        requireLength(buffer, length, "a record");
        if (length == 0) {
            throw new InvalidBatchException(Reason.INVALID_RECORD, "a record has no bytes");
        }
        int limit = buffer.writerIndex();
        int end = buffer.readerIndex() + length;
        buffer.writerIndex(end); // nothing of it may run into the next one
        try {
            buffer.skipBytes(1);
            long timestampDelta = Varint.readLong(buffer);
            int offsetDelta = Varint.read(buffer);
            if (offsetDelta < 0) {
                throw new InvalidBatchException(Reason.INVALID_RECORD, "a record has offset delta " + offsetDelta);
            }
            int keyLength = skipNullable(buffer, "a key");
            int keyEnd = buffer.readerIndex();
            int valueLength = skipNullable(buffer, "a value");
            return new RecordView(
                    baseOffset + offsetDelta,
                    logAppendTime ? baseTimestampMs : baseTimestampMs + timestampDelta,
                    buffer,
                    start,
                    keyEnd,
                    keyLength,
                    buffer.readerIndex(),
                    valueLength,
                    end);
        } finally {
            buffer.setIndex(end, limit);
        }
    }

    /** Reads the headers, which are the bytes from {@code from} to {@code end}. */
    static List<RecordHeader> readHeaders(ByteBuf buffer, int from, int end) {
        return readHeaders(buffer.slice(from, end - from));
    }

    /** Reads headers, which must fill the readable bytes. */
    private static List<RecordHeader> readHeaders(ByteBuf buffer) {
        int count = readHeaderCount(buffer);
        List<RecordHeader> headers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String key = readSlice(buffer, Varint.read(buffer), "a header key").toString(UTF_8);
            ByteBuf value = readNullable(buffer, "a header value");
            headers.add(new RecordHeader(key, value == null ? null : ByteBufUtil.getBytes(value)));
        }
        requireEnd(buffer);
        return List.copyOf(headers);
    }

    /**
     * Passes the values of the headers with this key, in order; the headers must fill the bytes from {@code from} to
     * {@code end}.
     */
    static void visitHeaders(
            ByteBuf buffer, int from, int end, byte[] key, Consumer<? super @Nullable ByteBuf> visitor) {
        int reader = buffer.readerIndex();
        int writer = buffer.writerIndex();
        buffer.setIndex(from, end);
        try {
            visitHeaders(buffer, key, visitor);
        } finally {
            buffer.setIndex(reader, writer);
        }
    }

    private static void visitHeaders(ByteBuf buffer, byte[] key, Consumer<? super @Nullable ByteBuf> visitor) {
        int count = readHeaderCount(buffer);
        for (int i = 0; i < count; i++) {
            int keyLength = Varint.read(buffer);
            requireLength(buffer, keyLength, "a header key");
            boolean found = keyLength == key.length && startsWith(buffer, key);
            buffer.skipBytes(keyLength);
            int length = skipNullable(buffer, "a header value");
            if (found) {
                visitor.accept(length == -1 ? null : buffer.slice(buffer.readerIndex() - length, length));
            }
        }
        requireEnd(buffer);
    }

    private static boolean startsWith(ByteBuf buffer, byte[] bytes) {
        int start = buffer.readerIndex();
        for (int i = 0; i < bytes.length; i++) {
            if (buffer.getByte(start + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static int readHeaderCount(ByteBuf buffer) {
        int count = Varint.read(buffer);
        // A header takes at least 2 bytes.
        if (count < 0 || count > buffer.readableBytes() / 2) {
            throw new InvalidBatchException(
                    Reason.INVALID_RECORD,
                    "a record claims " + count + " headers in " + buffer.readableBytes() + " bytes");
        }
        return count;
    }

    private static void requireEnd(ByteBuf buffer) {
        if (buffer.isReadable()) {
            throw new InvalidBatchException(
                    Reason.INVALID_RECORD, "a record has " + buffer.readableBytes() + " bytes after its headers");
        }
    }

    private static @Nullable ByteBuf readNullable(ByteBuf buffer, String what) {
        int length = Varint.read(buffer);
        return length == -1 ? null : readSlice(buffer, length, what);
    }

    /** Passes over what may be null; answers its length, -1 for null. */
    private static int skipNullable(ByteBuf buffer, String what) {
        int length = Varint.read(buffer);
        if (length != -1) {
            requireLength(buffer, length, what);
            buffer.skipBytes(length);
        }
        return length;
    }

    private static ByteBuf readSlice(ByteBuf buffer, int length, String what) {
        requireLength(buffer, length, what);
        return buffer.readSlice(length);
    }

    private static void requireLength(ByteBuf buffer, int length, String what) {
        if (length < 0 || length > buffer.readableBytes()) {
            throw new InvalidBatchException(
                    Reason.INVALID_RECORD,
                    what + " claims " + length + " bytes; " + buffer.readableBytes() + " are there");
        }
    }

    /** Writes one record at the writer index. */
    static void write(
            ByteBuf buffer,
            long timestampDelta,
            int offsetDelta,
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers) {
        byte[][] headerKeys = new byte[headers.size()][];
        int size = 1 + Varint.size(timestampDelta) + Varint.size(offsetDelta) + size(key) + size(value);
        size += Varint.size(headers.size());
        for (int i = 0; i < headerKeys.length; i++) {
            headerKeys[i] = headers.get(i).key().getBytes(UTF_8);
            size += size(headerKeys[i]) + size(headers.get(i).value());
        }
        Varint.write(buffer, size);
        buffer.writeByte(0);
        Varint.write(buffer, timestampDelta);
        Varint.write(buffer, offsetDelta);
        writeNullable(buffer, key);
        writeNullable(buffer, value);
        Varint.write(buffer, headerKeys.length);
        for (int i = 0; i < headerKeys.length; i++) {
            writeNullable(buffer, headerKeys[i]);
            writeNullable(buffer, headers.get(i).value());
        }
    }

    private static int size(byte @Nullable [] bytes) {
        return bytes == null ? Varint.size(-1) : Varint.size(bytes.length) + bytes.length;
    }

    private static void writeNullable(ByteBuf buffer, byte @Nullable [] bytes) {
        if (bytes == null) {
            Varint.write(buffer, -1);
        } else {
            Varint.write(buffer, bytes.length);
            buffer.writeBytes(bytes);
        }
    }
}
