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

    /** Reads one record at the reader index; its slices share the buffer's reference count. */
    static RecordView read(ByteBuf buffer, long baseOffset, long baseTimestampMs, boolean logAppendTime) {
        int start = buffer.readerIndex();
        ByteBuf body = readSlice(buffer, Varint.read(buffer), "a record");
        if (!body.isReadable()) {
            throw new InvalidBatchException(Reason.INVALID_RECORD, "a record has no bytes");
        }
        body.skipBytes(1);
        long timestampDelta = Varint.readLong(body);
        int offsetDelta = Varint.read(body);
        if (offsetDelta < 0) {
            throw new InvalidBatchException(Reason.INVALID_RECORD, "a record has offset delta " + offsetDelta);
        }
        ByteBuf key = readNullable(body, "a key");
        ByteBuf value = readNullable(body, "a value");
        return new RecordView(
                baseOffset + offsetDelta,
                logAppendTime ? baseTimestampMs : baseTimestampMs + timestampDelta,
                key,
                value,
                body,
                buffer.slice(start, buffer.readerIndex() - start));
    }

    /** Reads headers, which must fill the readable bytes. */
    static List<RecordHeader> readHeaders(ByteBuf buffer) {
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

    /** Passes the values of the headers with this key, in order; the headers must fill the readable bytes. */
    static void visitHeaders(ByteBuf buffer, byte[] key, Consumer<@Nullable ByteBuf> visitor) {
        int count = readHeaderCount(buffer);
        for (int i = 0; i < count; i++) {
            int keyLength = Varint.read(buffer);
            requireLength(buffer, keyLength, "a header key");
            boolean found = keyLength == key.length && startsWith(buffer, key);
            buffer.skipBytes(keyLength);
            int length = Varint.read(buffer);
            if (length != -1) {
                requireLength(buffer, length, "a header value");
            }
            if (found) {
                visitor.accept(length == -1 ? null : buffer.slice(buffer.readerIndex(), length));
            }
            buffer.skipBytes(Math.max(length, 0));
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
