// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One record, read from a batch or run. Its buffers are slices without references of their own: valid as long as the
 * {@link RecordReader} they came from is open and its buffer is not released. For one thread.
 */
public final class RecordView {
    private final long offset;
    private final long timestampMs;
    private final ByteBuf buffer;
    private final int start;
    private final int keyEnd;
    private final int keyLength;
    private final int valueEnd;
    private final int valueLength;
    private final int end;
    private @Nullable List<RecordHeader> headers;

    /**
     * @param buffer holds the record from {@code start} to {@code end}; its indexes are the reader's
     * @param keyEnd where the key ends
     * @param keyLength -1 for no key
     * @param valueEnd where the value ends and the headers begin
     * @param valueLength -1 for no value
     */
    RecordView(
            long offset,
            long timestampMs,
            ByteBuf buffer,
            int start,
            int keyEnd,
            int keyLength,
            int valueEnd,
            int valueLength,
            int end) {
        this.offset = offset;
        this.timestampMs = timestampMs;
        this.buffer = buffer;
        this.start = start;
        this.keyEnd = keyEnd;
        this.keyLength = keyLength;
        this.valueEnd = valueEnd;
        this.valueLength = valueLength;
        this.end = end;
    }

    public long offset() {
        return offset;
    }

    /** Milliseconds since the epoch, or -1. */
    public long timestampMs() {
        return timestampMs;
    }

    /** Each call makes a slice. */
    public @Nullable ByteBuf key() {
        return keyLength == -1 ? null : buffer.slice(keyEnd - keyLength, keyLength);
    }

    /** Whether it has a key. */
    public boolean hasKey() {
        return keyLength != -1;
    }

    /** Each call makes a slice. */
    public @Nullable ByteBuf value() {
        return valueLength == -1 ? null : buffer.slice(valueEnd - valueLength, valueLength);
    }

    /**
     * The headers, decoded at the first call.
     *
     * @throws InvalidBatchException when they break the format
     */
    public List<RecordHeader> headers() {
        List<RecordHeader> decoded = headers;
        if (decoded == null) {
            decoded = RecordFormat.readHeaders(buffer, valueEnd, end);
            headers = decoded;
        }
        return decoded;
    }

    /** The last header with this key, or {@code null}. */
    public @Nullable RecordHeader lastHeader(String headerKey) {
        List<RecordHeader> all = headers();
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).key().equals(headerKey)) {
                return all.get(i);
            }
        }
        return null;
    }

    /**
     * Passes the value of each header with this key to the visitor, in order, as a slice that is valid as long as this
     * view's buffers are, or {@code null} for a header without value. Unlike {@link #headers()} it decodes and keeps
     * nothing.
     *
     * @param headerKey in UTF-8
     * @throws InvalidBatchException when the headers break the format
     */
    public void visitHeaders(byte[] headerKey, Consumer<? super @Nullable ByteBuf> visitor) {
        RecordFormat.visitHeaders(buffer, valueEnd, end, headerKey, visitor);
    }

    /** The whole record as encoded, its length prefix included, its deltas relative to the batch it came from. */
    public ByteBuf encoded() {
        return buffer.slice(start, end - start);
    }

    /** The size of {@link #encoded()}. */
    public int sizeInBytes() {
        return end - start;
    }

    /** Appends the record as encoded to another buffer. */
    public void writeTo(ByteBuf target) {
        target.writeBytes(buffer, start, end - start);
    }
}
